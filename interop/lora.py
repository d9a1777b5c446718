"""Compares low-rank adapters with PEFT: logits, scores, gradients, merged weights, and adapter folders both ways.

    python interop/lora.py             compare on random models and adapters
    python interop/lora.py --golden    write model/testdata/peft, which `make test` checks without Python

PEFT lays adapters on random models of the GPT-2, Llama and Qwen2 families, and saves them; Rankloop (interop/decoder) reads model
and adapter. Held against each other: logits and scores to 1e-4; the gradient of every A, B and score to 1e-4 of its norm plus
1e-7 of the whole gradient's. What Rankloop saves is loaded by PEFT: the same numbers to the bit, the same logits; the merged
model that it saves computes what PEFT's own merge does, to 1e-5.
"""

import argparse
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # PEFT would look the name of the model below up
import torch
from logits import ROOT, build, compare, draw, gpt2, llama_like, save_tokenizer
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, LlamaConfig, Qwen2Config

torch.set_num_threads(1)  # the models are small
SCORE = dict(task_type="SEQ_CLS")
CASES = {  # a model, and its adapters
    "gpt2, everything": (gpt2(), dict(r=8, lora_alpha=16, target_modules="all-linear")),
    "gpt2, attention": (gpt2(n_embd=60, n_head=5, n_inner=90), dict(r=3, lora_alpha=5, target_modules=["c_attn", "attn.c_proj"])),
    "gpt2, a score": (gpt2(num_labels=1), dict(r=4, lora_alpha=32, target_modules=["c_attn", "c_fc"], **SCORE)),
    "llama, everything": (llama_like(LlamaConfig), dict(r=16, lora_alpha=32, target_modules="all-linear")),
    "llama, rank-stabilised": (llama_like(LlamaConfig, tie_word_embeddings=False), dict(
        r=9, lora_alpha=12, use_rslora=True, target_modules=["q_proj", "v_proj", "down_proj"])),
    "llama, a score": (llama_like(LlamaConfig, num_labels=1), dict(r=2, lora_alpha=4, target_modules="all-linear", **SCORE)),
    "qwen2, everything": (llama_like(Qwen2Config), dict(r=5, lora_alpha=5, target_modules="all-linear")),
    "qwen2, the MLP": (llama_like(Qwen2Config, tie_word_embeddings=False), dict(
        r=64, lora_alpha=16, target_modules=["gate_proj", "up_proj", "down_proj"])),
}
# By name: the model in testdata/transformers below, and the adapters on it.
GOLDEN = {
    "gpt2": ("gpt2", dict(r=3, lora_alpha=6, target_modules="all-linear")),
    "llama": ("llama", dict(r=2, lora_alpha=5, use_rslora=True, target_modules=["q_proj", "v_proj", "down_proj"])),
    "qwen2": ("qwen2", dict(r=4, lora_alpha=16, target_modules="all-linear")),
    "llama-score": ("llama", dict(r=2, lora_alpha=4, target_modules="all-linear", **SCORE)),
}


def adapt(base, settings, seed, name):
    """base with random adapters far from their start, and its score too."""
    torch.manual_seed(seed)
    model = get_peft_model(copy.deepcopy(base), LoraConfig(**{"task_type": "CAUSAL_LM", **settings})).eval()
    model.peft_config["default"].base_model_name_or_path = name
    with torch.no_grad():
        for p in model.parameters():
            if p.requires_grad:
                p.add_(torch.randn_like(p) * 0.15)
    return model


def own_name(name):
    """What Rankloop calls a parameter of PEFT's model."""
    return name.replace("base_model.model.", "", 1).replace(".default", "").replace(".modules_to_save", "")


def reference(model, sequences, score):
    """What PEFT computes: outputs, and the gradient of the mean cross-entropy of every next token, or of the mean score."""
    out, loss = {}, 0
    model.zero_grad()
    predicted = sum(len(s) - (not score) for s in sequences)
    inner = model.base_model.model
    for i, tokens in enumerate(sequences):
        ids = torch.tensor([tokens])
        if score:
            scores = inner.score(inner.base_model(ids).last_hidden_state)[0, :, 0]
            out[f"scores.{i}"], loss = scores.detach(), loss + scores.sum() / predicted
        else:
            logits = model(ids).logits[0]
            out[f"logits.{i}"] = logits.detach()
            loss = loss + torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:], reduction="sum") / predicted
    loss.backward()
    out.update({f"grad.{own_name(name)}": p.grad for name, p in model.named_parameters() if p.requires_grad})
    return {name: t.contiguous().clone() for name, t in out.items()}


def outputs(model, sequences):
    with torch.no_grad():
        return torch.cat([model(torch.tensor([tokens])).logits.flatten() for tokens in sequences])


def check(name, case, seed, decoder, work):
    config, settings = case
    score = settings.get("task_type") == "SEQ_CLS"
    base = build(config, seed, score, torch.float32)
    model = adapt(base, settings, seed, str(work / "base"))
    sequences = draw(config, seed, [5, 200, 66, 2])
    base.save_pretrained(work / "base")
    save_tokenizer(work / "base")
    model.save_pretrained(work / "theirs")
    (work / "sequences.json").write_text(json.dumps(sequences))
    subprocess.run([decoder, work / "base", work / "sequences.json", work / "out.safetensors", work / "ours", work / "theirs"], check=True)
    got = {key: t for key, t in load_file(work / "out.safetensors").items() if key != "grad.score.bias"}  # PEFT's has none
    difference, gradients = compare(reference(model, sequences, score), got)

    again = PeftModel.from_pretrained(copy.deepcopy(base), work / "ours" / "adapter").eval()
    want = {own_name(key): t for key, t in model.state_dict().items()}
    for key, t in again.state_dict().items():
        assert torch.equal(want[own_name(key)], t), f"{key} of the export differs"
    assert torch.equal(outputs(again, sequences), outputs(model, sequences)), "the export computes something else"
    theirs, ours = (json.loads((work / folder / "adapter_config.json").read_text()) for folder in ("theirs", "ours/adapter"))
    for key in ("r", "lora_alpha", "use_rslora", "bias", "task_type", "peft_type", "fan_in_fan_out"):
        assert ours[key] == theirs[key] or key == "fan_in_fan_out", f"{key} of the export is {ours[key]}"

    kind = AutoModelForSequenceClassification if score else AutoModelForCausalLM
    merged = kind.from_pretrained(work / "ours", attn_implementation="eager", dtype=torch.float32).eval()
    apart = (outputs(merged, sequences) - outputs(model.merge_and_unload(), sequences)).abs().max()
    assert apart <= 1e-5, f"the merged model computes something else, by {apart:g}"
    print(f"{name:24} outputs differ by {difference:.1e}, gradients by {gradients:.1e} of their norm, merged by {apart:.1e}", flush=True)


def write_golden():
    for seed, (name, (base, settings)) in enumerate(GOLDEN.items()):
        score = settings.get("task_type") == "SEQ_CLS"
        kind = AutoModelForSequenceClassification if score else AutoModelForCausalLM
        options = dict(num_labels=1) if score else {}
        torch.manual_seed(seed)
        model = kind.from_pretrained(ROOT / "model" / "testdata" / "transformers" / base, attn_implementation="eager",
                                     dtype=torch.float32, **options).eval()
        folder = ROOT / "model" / "testdata" / "peft" / name
        shutil.rmtree(folder, ignore_errors=True)
        adapted = adapt(model, settings, seed, base)
        adapted.save_pretrained(folder)
        (folder / "README.md").unlink(missing_ok=True)
        sequences = draw(model.config, seed, [11, 24, 2])
        (folder / "sequences.json").write_text(json.dumps(sequences) + "\n")
        save_file(reference(adapted, sequences, score), folder / "reference.safetensors")
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
                    print(f"{name:24} FAILED: {error}", flush=True)
                    failed += 1
    print(f"{len(CASES) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
