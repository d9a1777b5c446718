"""Reads event files with TensorBoard's own loader: the committed one, or those below the folders named.

    python3 tensorboard_check.py            # the committed file; its scalars must be those written there
    python3 tensorboard_check.py FOLDER...  # prints what is there, as `rankloop run metrics R --tensorboard FOLDER` wrote it
"""

import math
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def scalars(folder):
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0})
    events.Reload()
    return {tag: [(e.step, e.value, e.wall_time) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def histograms(folder):
    events = EventAccumulator(str(folder), size_guidance={"histograms": 0})
    events.Reload()
    return {tag: [(e.step, e.histogram_value) for e in events.Histograms(tag)] for tag in events.Tags()["histograms"]}


def main():
    if sys.argv[1:]:
        for folder in sys.argv[1:]:
            for file in sorted(pathlib.Path(folder).rglob("*tfevents*")):
                for tag, points in sorted(scalars(file).items()):
                    print(f"{file.parent.name}\t{tag}\t{len(points)} points, last {points[-1][0]}: {points[-1][1]:g}")
                for tag, points in sorted(histograms(file).items()):
                    step, h = points[-1]
                    print(f"{file.parent.name}\t{tag}\t{len(points)} histograms, last {step}: {h.num:g} values from {h.min:g} to {h.max:g}")
        return
    begun = 1767323045.678
    want = {
        "loss": [(0, 0.6931, begun), (300, 0.25, begun + 120)],
        "eval/accuracy": [(0, 0.5, begun)],
        "objective/kl": [(300, -1.5e-7, begun + 120)],
        "许": [(300, 300.0, begun + 120)],
    }
    testdata = pathlib.Path(__file__).parent.parent / "internal/tensorboard/testdata"
    got = scalars(testdata)
    assert got.keys() == want.keys(), got
    for tag, points in want.items():
        assert len(got[tag]) == len(points), (tag, got[tag])
        for (step, value, wall), (step2, value2, wall2) in zip(points, got[tag]):
            assert step == step2 and math.isclose(value, value2, rel_tol=1e-6) and abs(wall - wall2) < 1e-3, (tag, got[tag])
    ((step, h),) = histograms(testdata)["objective/scores"]
    assert step == 300 and (h.min, h.max, h.num) == (-1, 3, 8), h
    assert list(h.bucket_limit) == [0, 1, 2, 3] and list(h.bucket) == [2, 0, 5, 1], h
    print(f"{len(want)} scalars and a histogram read as written")


main()
