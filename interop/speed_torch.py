"""Trains and decodes GPT-2 in PyTorch as fast as its eager mode goes, for speed.py to compare with.

Reads one JSON object a line, {"bench": "train" | "decode", "name": …, "repeats": n}, and answers each with
{"tokens_per_s": […]}, one entry a repeat. Networks, batches and what counts as a step are those of internal/bench.

Set up fairly: scaled_dot_product_attention, the fused AdamW where this PyTorch has one for CPUs, all threads, no
gradient or cache allocated twice, inference_mode for decoding. --compile adds torch.compile.
"""
import argparse
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

NETWORKS = {
    "gpt2-12m": dict(vocab=4096, context=256, layers=6, heads=6, dim=384),
    "gpt2-124m": dict(vocab=50257, context=1024, layers=12, heads=12, dim=768),
}
TRAIN = {"gpt2-12m": (8, 256), "gpt2-124m": (4, 64)}  # sequences of a step, tokens of each
DECODE = {"gpt2-12m": (16, 16, 128)}  # sequences, tokens of a prompt, new tokens
sdpa = getattr(F, "scaled_dot_product_attention", None)


def attention(q, k, v, causal):
    if sdpa is not None:
        return sdpa(q, k, v, is_causal=causal)
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if causal:
        t = q.shape[-2]
        scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), float("-inf"))
    return scores.softmax(-1) @ v


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.attn_out = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.mlp_in, self.mlp_out = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x, cache=None, seen=0):
        b, t, dim = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        if cache is not None:
            cache[0, :, :, seen:seen + t], cache[1, :, :, seen:seen + t] = k, v
            k, v = cache[0, :, :, :seen + t], cache[1, :, :, :seen + t]
        mixed = attention(q, k, v, causal=t > 1)
        x = x + self.attn_out(mixed.transpose(1, 2).reshape(b, t, dim))
        return x + self.mlp_out(F.gelu(self.mlp_in(self.norm2(x)), approximate="tanh"))


class GPT2(nn.Module):
    def __init__(self, vocab, context, layers, heads, dim):
        super().__init__()
        self.shape = (layers, heads, dim // heads)
        self.tokens, self.positions = nn.Embedding(vocab, dim), nn.Embedding(context, dim)
        self.blocks = nn.ModuleList(Block(dim, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)

    def forward(self, ids, cache=None, seen=0):
        x = self.tokens(ids) + self.positions(torch.arange(seen, seen + ids.shape[1]))
        for i, block in enumerate(self.blocks):
            x = block(x, None if cache is None else cache[i], seen)
        x = self.norm(x)
        if cache is not None:
            x = x[:, -1:]
        return F.linear(x, self.tokens.weight)


def adamw(parameters):
    for fastest in ({"fused": True}, {"foreach": True}):
        try:
            return torch.optim.AdamW(parameters, lr=1e-4, betas=(0.9, 0.95), eps=1e-5, weight_decay=0.0, **fastest)
        except (RuntimeError, TypeError):
            continue
    return torch.optim.AdamW(parameters, lr=1e-4, betas=(0.9, 0.95), eps=1e-5, weight_decay=0.0)


class Trainer:
    def __init__(self, name, compiled):
        self.batch, self.length = TRAIN[name]
        network = NETWORKS[name]
        self.model = GPT2(**network)
        self.forward = torch.compile(self.model) if compiled else self.model
        self.optimizer = adamw(self.model.parameters())
        self.ids = torch.randint(0, network["vocab"], (self.batch, self.length + 1))

    def repeat(self):
        start = time.perf_counter()
        logits = self.forward(self.ids[:, :-1])
        loss = F.cross_entropy(logits.view(-1, logits.shape[-1]), self.ids[:, 1:].reshape(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=False)
        return self.batch * self.length / (time.perf_counter() - start)


class Decoder:
    def __init__(self, name, compiled):
        self.batch, self.prompt, self.new = DECODE[name]
        network = NETWORKS[name]
        self.model = GPT2(**network).eval()
        self.forward = torch.compile(self.model) if compiled else self.model
        layers, heads, head_dim = self.model.shape
        self.ids = torch.randint(0, network["vocab"], (self.batch, self.prompt))
        self.cache = torch.zeros(layers, 2, self.batch, heads, self.prompt + self.new, head_dim)

    @torch.inference_mode()
    def repeat(self):
        last = self.forward(self.ids, self.cache, 0)[:, -1].argmax(-1, keepdim=True)
        start = time.perf_counter()  # as in internal/bench: the prompts are not timed
        for seen in range(self.prompt, self.prompt + self.new - 1):
            last = self.forward(last, self.cache, seen)[:, -1].argmax(-1, keepdim=True)
        return self.batch * (self.new - 1) / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--compile", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads(), "compile": args.compile}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        runner = {"train": Trainer, "decode": Decoder}[request["bench"]](request["name"], args.compile)
        runner.repeat()  # warm up
        print(json.dumps({"tokens_per_s": [runner.repeat() for _ in range(request["repeats"])]}), flush=True)


if __name__ == "__main__":
    main()
