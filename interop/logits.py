"""Compares the decoder with transformers: logits, scores, gradients, and files both ways.

    python interop/logits.py             compare on random models of many shapes
    python interop/logits.py --golden    write model/testdata/transformers, which `make test` checks without Python

Random models of the GPT-2, Llama and Qwen2 families are saved by transformers and read by Rankloop (interop/decoder).
Held against each other: logits to 1e-4; the gradient of the mean cross-entropy of every tensor to
1e-4 of its norm plus 1e-7 of the whole gradient's. What Rankloop saves is loaded by transformers: the weights to the bit,
the logits to 1e-6, the same special tokens, and the same ids from the tokenizer.
"""

import argparse
import copy
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer, GPT2Config,
                          LlamaConfig, PreTrainedTokenizerFast, Qwen2Config)

torch.set_num_threads(1)  # the models are small
ROOT = Path(__file__).resolve().parent.parent
SPECIALS = ["<|endoftext|>", "<|pad|>", "<|im_start|>", "<|im_end|>"]


def gpt2(**changes):
    return GPT2Config(**{**dict(vocab_size=300, n_positions=256, n_embd=48, n_layer=3, n_head=4, resid_pdrop=0, embd_pdrop=0,
                                attn_pdrop=0, bos_token_id=0, eos_token_id=3, pad_token_id=1), **changes})


def llama_like(kind, **changes):
    return kind(**{**dict(vocab_size=300, max_position_embeddings=256, hidden_size=48, intermediate_size=100, num_hidden_layers=3,
                          num_attention_heads=6, num_key_value_heads=2, tie_word_embeddings=True, bos_token_id=0,
                          eos_token_id=3, pad_token_id=1), **changes})


LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=128)
CASES = {
    "gpt2": gpt2(),
    "gpt2, another width": gpt2(n_embd=60, n_head=5, n_inner=90, n_layer=2, vocab_size=333),
    "gpt2, a head of its own": gpt2(tie_word_embeddings=False),
    "gpt2, a score": (gpt2(num_labels=1), "score"),
    "llama, grouped queries": llama_like(LlamaConfig),
    "llama, one key head": llama_like(LlamaConfig, num_key_value_heads=1, rope_theta=500000.0, rms_norm_eps=1e-5),
    "llama, a head of its own": llama_like(LlamaConfig, tie_word_embeddings=False, num_key_value_heads=6),
    "llama, wide heads": llama_like(LlamaConfig, head_dim=16, num_attention_heads=4),
    "llama, biases": llama_like(LlamaConfig, attention_bias=True, mlp_bias=True),
    "llama, stretched": llama_like(LlamaConfig, max_position_embeddings=1024, rope_scaling=LLAMA3),
    "llama, linearly stretched": llama_like(LlamaConfig, rope_scaling=dict(rope_type="linear", factor=2.5)),
    "llama, bfloat16 in shards": (llama_like(LlamaConfig), "shards", torch.bfloat16),
    "llama, a score": (llama_like(LlamaConfig, num_labels=1), "score"),
    "smollm2, two layers": llama_like(LlamaConfig, vocab_size=5000, hidden_size=576, intermediate_size=1536, num_hidden_layers=2,
                                      num_attention_heads=9, num_key_value_heads=3, max_position_embeddings=8192, rope_theta=100000.0,
                                      rms_norm_eps=1e-5),
    "qwen2": llama_like(Qwen2Config),
    "qwen2, float16": (llama_like(Qwen2Config, rms_norm_eps=1e-5), "float16", torch.float16),
    "qwen2, a head of its own": llama_like(Qwen2Config, tie_word_embeddings=False, num_attention_heads=4, rope_theta=1e6),
}
# Small enough to be committed.
GOLDEN = {
    "gpt2": gpt2(vocab_size=40, n_positions=24, n_embd=16, n_layer=2, n_head=2, n_inner=24),
    "llama": llama_like(LlamaConfig, vocab_size=40, max_position_embeddings=24, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
                        num_attention_heads=4, num_key_value_heads=2),
    "qwen2": llama_like(Qwen2Config, vocab_size=40, max_position_embeddings=24, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
                        num_attention_heads=4, num_key_value_heads=1, tie_word_embeddings=False),
    "llama-score": (llama_like(LlamaConfig, vocab_size=40, max_position_embeddings=24, hidden_size=16, intermediate_size=24,
                               num_hidden_layers=2, num_attention_heads=4, head_dim=6, num_labels=1,
                               rope_scaling=dict(LLAMA3, original_max_position_embeddings=12)), "score"),
}


def build(config, seed, score, dtype):
    """A random model far from the symmetric start, so that every parameter matters."""
    torch.manual_seed(seed)
    kind = AutoModelForSequenceClassification if score else AutoModelForCausalLM
    model = kind.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p) * 0.08)
            p.copy_(p.to(dtype))  # the file's numbers are the model's
    return model


def draw(config, seed, lengths):
    torch.manual_seed(seed + 1000)
    # Never the padding, whose embedding transformers gives no gradient.
    return [torch.randint(config.pad_token_id + 1, config.vocab_size, (n,)).tolist() for n in lengths]


def reference(model, sequences, score):
    """What transformers computes, by the names that Rankloop's side uses."""
    out = {}
    model.zero_grad()
    loss, predicted = 0, sum(len(s) - 1 for s in sequences)
    for i, tokens in enumerate(sequences):
        ids = torch.tensor([tokens])
        if score:
            out[f"scores.{i}"] = model.score(model.base_model(ids).last_hidden_state)[0, :, 0].detach()
            continue
        logits = model(ids).logits[0]
        out[f"logits.{i}"] = logits.detach()
        loss = loss + torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:], reduction="sum") / predicted
    if not score:
        loss.backward()
        out.update({f"grad.{name}": p.grad for name, p in model.named_parameters()})
    return {name: t.contiguous().clone() for name, t in out.items()}


def compare(want, got):
    """Raises where the two disagree; returns the largest differences of outputs and of gradients."""
    assert want.keys() == got.keys(), want.keys() ^ got.keys()
    whole = sum(t.double().norm() ** 2 for name, t in want.items() if name.startswith("grad.")) ** 0.5
    outputs = gradients = 0.0
    for name, w in want.items():
        g = got[name].double()
        assert g.shape == w.shape, f"{name}: {g.shape} instead of {w.shape}"
        difference = g - w.double()
        if name.startswith("grad."):
            norm = w.double().norm()
            assert difference.norm() <= 1e-4 * norm + 1e-7 * whole, f"{name}: off by {difference.norm():g} of {norm:g}"
            gradients = max(gradients, float(difference.norm() / (norm + 1e-3 * whole)))
        else:
            assert difference.abs().max() <= 1e-4, f"{name}: off by {difference.abs().max():g}"
            outputs = max(outputs, float(difference.abs().max()))
    return outputs, gradients


def save_tokenizer(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(["the prompt, the reply and the score of the reply"], trainers.BpeTrainer(
        vocab_size=290, special_tokens=SPECIALS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|pad|>").save_pretrained(folder)


def check(name, case, seed, decoder, work):
    config, how, dtype = case if isinstance(case, tuple) and len(case) == 3 else (*case, torch.float32) if isinstance(case, tuple) else (case, "", torch.float32)
    score = how == "score"
    model = build(config, seed, score, dtype)
    longest = min(700, getattr(config, "max_position_embeddings"))
    sequences = draw(config, seed, [5, longest, 66, 2])
    theirs, ours, out = work / "theirs", work / "ours", work / "out.safetensors"
    # A copy, since the angles of rotary positions would lose bits on the way.
    copy.deepcopy(model).to(dtype).save_pretrained(theirs, max_shard_size="100KB" if how == "shards" else "5GB")
    save_tokenizer(theirs)
    (work / "sequences.json").write_text(json.dumps(sequences))
    subprocess.run([decoder, theirs, work / "sequences.json", out, ours], check=True)
    outputs, gradients = compare(reference(model, sequences, score), load_file(out))

    kind = AutoModelForSequenceClassification if score else AutoModelForCausalLM
    again, info = kind.from_pretrained(ours, attn_implementation="eager", dtype=torch.float32, output_loading_info=True)
    assert not any(info.values()), f"loading the export: {info}"
    state, exported = model.state_dict(), again.state_dict()
    assert state.keys() == exported.keys(), state.keys() ^ exported.keys()
    assert all(torch.equal(state[key], exported[key]) for key in state), "the export has other weights"
    with torch.no_grad():
        for tokens in sequences:
            ids = torch.tensor([tokens])
            difference = (again.eval()(ids).logits - model(ids).logits).abs().max()
            assert difference <= 1e-6, f"the export computes something else, by {difference:g}"
    for key in ("vocab_size", "bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings"):
        assert getattr(again.config, key) == getattr(config, key), f"{key} of the export is {getattr(again.config, key)}"
    text = "The reply, <|im_end|> scored."
    ids = [AutoTokenizer.from_pretrained(folder)(text)["input_ids"] for folder in (theirs, ours)]
    assert ids[0] == ids[1], f"the export's tokenizer gives {ids[1]} instead of {ids[0]}"
    print(f"{name:32} outputs differ by {outputs:.1e}, gradients by {gradients:.1e} of their norm", flush=True)


def write_golden():
    for seed, (name, case) in enumerate(GOLDEN.items()):
        config, score = (case[0], True) if isinstance(case, tuple) else (case, False)
        folder = ROOT / "model" / "testdata" / "transformers" / name
        shutil.rmtree(folder, ignore_errors=True)
        model = build(config, seed, score, torch.bfloat16)
        copy.deepcopy(model).to(torch.bfloat16).save_pretrained(folder)
        (folder / "generation_config.json").unlink(missing_ok=True)
        sequences = draw(config, seed, [11, 24, 2])
        (folder / "sequences.json").write_text(json.dumps(sequences) + "\n")
        save_file(reference(model, sequences, score), folder / "reference.safetensors")
        print(folder, sum(f.stat().st_size for f in folder.iterdir()), "bytes")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--golden", action="store_true")
    if arguments.parse_args().golden:
        write_golden()
        return
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        decoder = Path(folder) / "decoder"
        subprocess.run(["go", "build", "-o", decoder, "./interop/decoder"], check=True, cwd=ROOT)
        for seed, (name, case) in enumerate(CASES.items()):
            with tempfile.TemporaryDirectory() as work:
                try:
                    check(name, case, seed, decoder, Path(work))
                except (AssertionError, subprocess.CalledProcessError) as error:
                    print(f"{name:32} FAILED: {error}", flush=True)
                    failed += 1
    print(f"{len(CASES) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
