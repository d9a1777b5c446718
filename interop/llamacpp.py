"""Compares token ids and greedy replies with llama.cpp, on a GGUF whose weights are written out as float32.

    .cache/interop/bin/pip install --requirement interop/requirements-llamacpp.txt     builds llama.cpp: a C++ compiler, some minutes
    .cache/interop/bin/python interop/llamacpp.py [FILE.gguf]                          by default as generations.py

llama.cpp multiplies quantised weights with quantised activations, so both programs read a copy with float32 tensors, with the
keys and values in float32 too. The prompt's ids must be llama.cpp's own; a reply must be llama.cpp's greedy reply, or first differ
at a token that is within 1e-3 of its largest logit.
"""

import sys
import tempfile
from pathlib import Path

import gguf
import llama_cpp
import numpy as np

from generations import CLOSE, PROMPTS, default_file, ours, vocabulary


def write_float32(source, target):
    """Copies a GGUF, with every tensor in float32."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name in ("general.architecture", "general.file_type", "general.quantization_version"):
            continue
        kind = field.types[0]
        writer.add_key_value(field.name, field.contents(), kind, field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def first_difference(llama, prompt, reply):
    """Where llama.cpp's greedy reply would leave this one: None, or the place and how far apart the logits are there."""
    llama.reset()
    llama.eval(prompt + reply)
    for at, token in enumerate(reply):
        row = llama.scores[len(prompt) - 1 + at]
        if row.argmax() != token:
            return at, float(row.max() - row[token])
    return None


def main():
    source = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else default_file()
    _, template = vocabulary(source)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "float32.gguf"
        write_float32(source, path)
        replies = ours(str(path))
        llama = llama_cpp.Llama(str(path), n_ctx=1024, logits_all=True, type_k=llama_cpp.GGML_TYPE_F32, type_v=llama_cpp.GGML_TYPE_F32,
                                flash_attn=False, verbose=False)
        equal = close = wrong = 0
        for reply in replies:
            text = template.render(messages=[{"role": "user", "content": reply["prompt"]}], add_generation_prompt=True)
            prompt = llama.tokenize(text.encode(), add_bos=False, special=True)
            if prompt != reply["prompt_ids"]:
                wrong += 1
                print(f"WRONG  the prompt's ids differ: {reply['prompt']!r}\n  ours   {reply['prompt_ids']}\n  theirs {prompt}")
                continue
            difference = first_difference(llama, prompt, reply["ids"])
            if difference is None:
                equal += 1
                continue
            at, gap = difference
            fine = gap <= CLOSE
            close, wrong = close + fine, wrong + (not fine)
            print(f"{'close' if fine else 'WRONG'}  token {at} is {gap:.2g} below the largest logit: {reply['prompt']!r}", flush=True)
    print(f"llama-cpp-python {llama_cpp.__version__}: {equal} equal, {close} first differ between two logits within {CLOSE}, {wrong} wrong, of {len(PROMPTS)}")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
