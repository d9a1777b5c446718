"""Compares an iteration of PPO with TRL's experimental PPO (pinned: requirements-trl.txt), taking turns.

    make build
    python3 -m venv .cache/trl && .cache/trl/bin/pip install --requirement interop/requirements-trl.txt
    python3 interop/ppo_speed.py --python .cache/trl/bin/python --lora-r 0,16

SmolLM2-135M's shape with random weights, or --model DIR, a Hugging Face folder that both read. Each round measures ours and then
TRL (ppo_trl.py says how they are made alike); what counts is the median of the rounds' ratios of whole iterations. Leave the
machine alone meanwhile. OPENBLAS_* variables are removed: they can halve the speed of OpenBLAS.
"""
import argparse
import json
import os
import shlex
import statistics
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
PHASES = ["rollout_s_median", "scoring_s_median", "update_s_median", "iteration_s_median"]


def environment(threads):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    return dict(kept, OMP_NUM_THREADS=str(threads), TRL_EXPERIMENTAL_SILENCE="1", TOKENIZERS_PARALLELISM="false")


def ours(args, rank):
    which = ["--model", args.model] if args.model else ["--name", "smollm2-135m"]
    command = [args.program, "bench", "ppo", *which, "--episodes", args.episodes, "--new", args.new, "--prompt", args.prompt, "--epochs", args.epochs,
               "--minibatches", args.minibatches, "--lora-r", rank, "--threads", args.threads, "--repeats", args.repeats, "--json"]
    done = subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True, env=environment(args.threads))
    return json.loads(done.stdout)["results"][0]


def theirs(args, rank, line):
    case = {key: line[key] for key in ["episodes", "prompt_tokens", "new_tokens", "ppo_epochs", "minibatches", "lora_r", "repeats"]}
    case |= {"model": os.path.abspath(args.model) if args.model else None, "threads": args.threads}
    done = subprocess.run(shlex.split(args.python) + [os.path.join(HERE, "ppo_trl.py")], check=True, input=json.dumps(case), stdout=subprocess.PIPE,
                          text=True, env=environment(args.threads))
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="bin/rankloop")
    parser.add_argument("--python", default=".cache/trl/bin/python", help="a Python with requirements-trl.txt")
    parser.add_argument("--model", help="a Hugging Face folder instead of SmolLM2's shape")
    parser.add_argument("--lora-r", default="0", help="ranks, separated by commas; 0 trains all weights")
    for name, default in {"rounds": 3, "repeats": 3, "episodes": 32, "new": 64, "prompt": 32, "epochs": 1, "minibatches": 4}.items():
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    for rank in map(int, args.lora_r.split(",")):
        ratios = {phase: [] for phase in PHASES}
        for round_ in range(args.rounds):
            line = ours(args, rank)
            other = theirs(args, rank, line)
            for phase in PHASES:
                ratios[phase].append(other[phase] / line[phase])
            print(f"lora_r {rank}, round {round_ + 1}: " + json.dumps({"ours": line, "trl": other}), flush=True)
        print(f"lora_r {rank}: TRL takes " + ", ".join(f"{statistics.median(ratios[p]):.2f} × {p.split('_')[0]}" for p in PHASES), flush=True)


if __name__ == "__main__":
    main()
