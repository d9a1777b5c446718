"""Compares the speed of `rankloop bench` with PyTorch's, taking turns in one run.

    make build
    python3 interop/speed.py --torch .cache/interop/bin/python --torch "env LD_LIBRARY_PATH=… /usr/bin/python3"

Every --torch is a command that starts a Python with torch; the fastest of them is the one that counts. A round measures
ours and then each PyTorch; what is reported is the median of the rounds' ratios, since the speed of a shared machine
drifts. OPENBLAS_* variables are removed: they can halve the speed of OpenBLAS.
"""
import argparse
import json
import os
import shlex
import statistics
import subprocess

BENCHMARKS = [("train", "gpt2-12m", None), ("decode", "gpt2-12m", 16), ("train", "gpt2-124m", None)]


def environment():
    return {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}


class Torch:
    """A running speed_torch.py."""

    def __init__(self, command, threads, compiled):
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "speed_torch.py")
        arguments = shlex.split(command) + [script, "--threads", str(threads)] + (["--compile"] if compiled else [])
        env = dict(environment(), OMP_NUM_THREADS=str(threads))
        self.child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        about = self.read()
        self.name = f"torch {about['torch']}" + (" compiled" if compiled else "")

    def read(self):
        line = self.child.stdout.readline()
        if not line:
            raise SystemExit(f"PyTorch ended with status {self.child.wait()}")
        return json.loads(line)

    def measure(self, bench, name, repeats):
        self.child.stdin.write(json.dumps({"bench": bench, "name": name, "repeats": repeats}) + "\n")
        self.child.stdin.flush()
        return statistics.median(self.read()["tokens_per_s"])

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def ours(program, bench, name, batch, threads, repeats):
    """The median rate of one run and the whole line, with the machine's peak beside it."""
    command = [program, "bench", bench, "--name", name, "--threads", str(threads), "--repeats", str(repeats), "--json"]
    if batch is not None:
        command += ["--batch", str(batch)]
    report = json.loads(subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout)
    return report["results"][0]["tokens_per_s_median"], report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="bin/rankloop")
    parser.add_argument("--torch", action="append", required=True, help="command that starts a Python with torch")
    parser.add_argument("--compile", action="store_true", help="also measure torch.compile with the first of them")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--repeats", type=int, default=3, help="in a round")
    parser.add_argument("--only", help="train or decode", choices=["train", "decode"])
    parser.add_argument("--name", help="one network")
    args = parser.parse_args()

    others = [Torch(command, args.threads, False) for command in args.torch]
    if args.compile:
        others.append(Torch(args.torch[0], args.threads, True))
    results = []
    for bench, name, batch in BENCHMARKS:
        if (args.only or bench) != bench or (args.name or name) != name:
            continue
        rates, peaks = {"rankloop": []}, []
        for _ in range(args.rounds):
            rate, report = ours(args.program, bench, name, batch, args.threads, args.repeats)
            rates["rankloop"].append(rate)
            peaks.append(report["results"][0]["ratio_to_peak"])
            for other in others:
                rates.setdefault(other.name, []).append(other.measure(bench, name, args.repeats))
        lines = {}
        for who, values in rates.items():
            ratios = [mine / value for mine, value in zip(rates["rankloop"], values)]
            lines[who] = {
                "tokens_per_s_median": statistics.median(values), "tokens_per_s_best": max(values),
                "ours_over_it_median": statistics.median(ratios), "ours_over_it": [min(ratios), max(ratios)],
            }
            over = "" if who == "rankloop" else f"; ours over it {statistics.median(ratios):.2f} [{min(ratios):.2f}, {max(ratios):.2f}]"
            print(f"{bench} {name}: {who:24} {statistics.median(values):8.0f} tokens/s, best {max(values):8.0f}{over}", flush=True)
        results.append({"bench": bench, "name": name, "batch": batch, "threads": args.threads, "rounds": args.rounds,
                        "cpu": report["cpu"], "ratio_to_peak_median": statistics.median(peaks), "programs": lines})
    for other in others:
        other.close()
    print(json.dumps(results))


if __name__ == "__main__":
    main()
