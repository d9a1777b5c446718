"""Writes one small Llama twice: as the Hugging Face folder model/testdata/tiny-llama and, with the gguf package, as
model/testdata/tiny-llama.gguf, whose queries and keys are permuted as llama.cpp's convert_hf_to_gguf.py does it.

Run it from the repository's root with the gguf package installed: python interop/gguf_tiny.py
"""

import json
from pathlib import Path

import gguf
import numpy as np

DIM, HIDDEN, LAYERS, HEADS, KV_HEADS, CONTEXT = 16, 24, 2, 4, 2, 64
HEAD = DIM // HEADS
CHAT = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are small.<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def byte_letters():
    """The letters that byte-level vocabularies write bytes with."""
    kept = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    other = iter(range(256, 512))
    return [chr(b if b in kept else next(other)) for b in range(256)]


def permute(rows, heads):
    return rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def write_safetensors(path, tensors):
    header, at = {}, 0
    for name, data in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(data.shape), "data_offsets": [at, at + data.nbytes]}
        at += data.nbytes
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(len(text).to_bytes(8, "little") + text)
        for data in tensors.values():
            f.write(data.tobytes())


letters = byte_letters()
specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
merges = [("h", "e"), ("Ġ", "t"), ("Ġt", "he")]
tokens = specials + letters + ["".join(m) for m in merges]
out = Path("model/testdata")
folder = out / "tiny-llama"
folder.mkdir(parents=True, exist_ok=True)

rng = np.random.default_rng(2)


def normal(*shape):
    return (rng.standard_normal(shape) * 0.2).astype(np.float32)


tensors = {"model.embed_tokens.weight": normal(len(tokens), DIM), "model.norm.weight": 1 + normal(DIM)}
for i in range(LAYERS):
    at = f"model.layers.{i}."
    tensors |= {
        at + "input_layernorm.weight": 1 + normal(DIM),
        at + "post_attention_layernorm.weight": 1 + normal(DIM),
        at + "self_attn.q_proj.weight": normal(DIM, DIM),
        at + "self_attn.k_proj.weight": normal(KV_HEADS * HEAD, DIM),
        at + "self_attn.v_proj.weight": normal(KV_HEADS * HEAD, DIM),
        at + "self_attn.o_proj.weight": normal(DIM, DIM),
        at + "mlp.gate_proj.weight": normal(HIDDEN, DIM),
        at + "mlp.up_proj.weight": normal(HIDDEN, DIM),
        at + "mlp.down_proj.weight": normal(DIM, HIDDEN),
    }
write_safetensors(folder / "model.safetensors", tensors)
config = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": len(tokens), "hidden_size": DIM,
    "intermediate_size": HIDDEN, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
    "max_position_embeddings": CONTEXT, "rms_norm_eps": 1e-5, "rope_theta": 100000.0, "hidden_act": "silu",
    "tie_word_embeddings": True, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2,
}
(folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
tokenizer = {
    "version": "1.0", "truncation": None, "padding": None,
    "added_tokens": [
        {"id": i, "content": s, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for i, s in enumerate(specials)
    ],
    "normalizer": None,
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, level]},
    "post_processor": None, "decoder": level,
    "model": {
        "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
        "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
        "vocab": {t: i for i, t in enumerate(tokens)}, "merges": [" ".join(m) for m in merges],
    },
}
(folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False) + "\n")
(folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": CHAT}, indent=2) + "\n")

writer = gguf.GGUFWriter(out / "tiny-llama.gguf", "llama")
writer.add_block_count(LAYERS)
writer.add_context_length(CONTEXT)
writer.add_embedding_length(DIM)
writer.add_feed_forward_length(HIDDEN)
writer.add_head_count(HEADS)
writer.add_head_count_kv(KV_HEADS)
writer.add_rope_freq_base(100000.0)
writer.add_rope_dimension_count(HEAD)
writer.add_layer_norm_rms_eps(1e-5)
writer.add_vocab_size(len(tokens))
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("smollm")
writer.add_token_list(tokens)
writer.add_token_types([gguf.TokenType.CONTROL] * len(specials) + [gguf.TokenType.NORMAL] * (len(tokens) - len(specials)))
writer.add_token_merges([" ".join(m) for m in merges])
writer.add_bos_token_id(1)
writer.add_eos_token_id(2)
writer.add_pad_token_id(2)
writer.add_add_bos_token(False)
writer.add_chat_template(CHAT)
names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, LAYERS)
for name, data in tensors.items():
    if name.endswith(("q_proj.weight", "k_proj.weight")):
        data = permute(data, HEADS if "q_proj" in name else KV_HEADS)
    writer.add_tensor(names.get_name(name, try_suffixes=(".weight", ".bias")), np.ascontiguousarray(data))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
