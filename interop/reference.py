"""Writes cases and what PyTorch makes of them, for trainer's TestReference to compare with.

    python3 interop/reference.py trainer/testdata/reference           # the committed vectors, seed 1
    python3 interop/reference.py /tmp/other --seed 7                  # others: RANKLOOP_REFERENCE=/tmp/other go test ./trainer -run Reference

Needs torch (1.13 or newer) and numpy. `make interop` does the second with a seed that changes from day to day.
"""
import argparse
import json
import os

import numpy as np
import torch

import ppo_reference
import rankings_reference
from gpt2 import write_safetensors

MODEL = {"vocab": 24, "context": 20, "layers": 2, "heads": 2, "dim": 8, "hidden": 16, "layer_norm_eps": 1e-5}


def rounded(x):
    """Ten digits: more than float32 holds, and short in the file."""
    if isinstance(x, dict):
        return {k: rounded(v) for k, v in x.items()}
    if isinstance(x, list):
        return [rounded(v) for v in x]
    return float(f"{x:.10g}") if isinstance(x, float) else x


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)

    ppo, weights = ppo_reference.make_case(MODEL, rng)
    rankings, more = rankings_reference.make_case(MODEL, rng)
    weights.update(more)
    figures, tensors = {}, {}
    figures["ppo"], made = ppo_reference.expected(MODEL, ppo, weights)
    tensors.update(made)
    for kind, expected in (("reward", rankings_reference.reward_expected), ("dpo", rankings_reference.dpo_expected)):
        figures[kind] = {}
        for case in rankings[kind]:
            figures[kind][case["name"]], made = expected(MODEL, rankings, weights, case)
            tensors.update(made)

    os.makedirs(args.folder, exist_ok=True)
    case = {"seed": args.seed, "torch": torch.__version__, "model": MODEL, "ppo": ppo, "rankings": rankings}
    for name, content in (("case.json", case), ("expected.json", figures)):
        with open(os.path.join(args.folder, name), "w") as f:
            json.dump(rounded(content), f, separators=(",", ":"))
            f.write("\n")
    write_safetensors(os.path.join(args.folder, "weights.safetensors"), weights)
    write_safetensors(os.path.join(args.folder, "expected.safetensors"), tensors)


if __name__ == "__main__":
    main()
