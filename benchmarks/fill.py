"""Filling against everything that could be picked instead: `python benchmarks/fill.py [--quick] [--json] [ROW …]`.

Rows and rivals are measured in one run, one thread each; figures are of this machine, ratios count most. `--quick`
ends within a minute: fewer masks and repetitions, and without OpenCV's FSR-best and SHIFTMAP, which alone take minutes.
`--json` prints one JSON object, otherwise a table. The rivals are installed at first use from `benchmarks/rivals.lock`.
The row `path-deployed` starts a whole deployment and is left out by `--quick`. `--calibration` prints only how often
the stated errors are true.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
sys.path.insert(0, str(Path(__file__).parents[1]))

LEFT_OUT_QUICK = ["fsr_best", "shiftmap"]


def rounded(value: Any) -> Any:
    """Round all numbers of a structure."""
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


def table(found: dict[str, Any]) -> str:
    """Show rows as lines: dB and ms of ours, then of each rival; and how often the stated errors are true."""
    lines = []
    for row in found["rows"]:
        rivals = ", ".join(
            f"{name} {each['db']:.2f} dB {each['ms'] or 0:.1f} ms" for name, each in row["rivals"].items()
        )
        times = f"{row['ms']:.2f} ms (p99 {row['p99_ms']:.2f}, min {row['min_ms']:.2f})"
        lines.append(f"{row['name']}: {row['db'] or 0:.2f} dB {times}  [{rivals}]")
        lines += [f"  {name}: {row[name]}" for name in row if "over_" in name or "margin" in name or "pooled" in name]
    said = found["calibration"]
    lines.append(f"calibration: suite {said['suite']}, held out {said['held_out']}")
    lines += [f"  {name}: {each}" for name, each in said["rows"].items()]
    return "\n".join(lines)


def main() -> int:
    """Measure the rows that were asked for."""
    import cv2
    from benchmarks.filling.rivals import Rivals
    from benchmarks.filling.run import Bench, machine

    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--calibration", action="store_true")
    asked = parser.parse_args()
    with Rivals() as rivals:
        began = time.monotonic()
        bench = Bench(rivals, asked.quick)
        if unknown := set(asked.rows) - set(bench.rows()):
            parser.error(f"no rows {sorted(unknown)}: there are {', '.join(bench.rows())}")
        rows = bench.measure(asked.rows or list(bench.rows()))
        found: dict[str, Any] = {"machine": machine() | {"rivals_opencv": rivals.version}, "quick": asked.quick}
        if rivals.missing:
            found["rivals_missing"] = rivals.missing
        if asked.quick:
            found["left_out"] = LEFT_OUT_QUICK
        found["took_s"] = time.monotonic() - began
        found["calibration"] = bench.calibration.as_dict()
        found["rows"] = [] if asked.calibration else rows
    print(json.dumps(rounded(found)) if asked.json else table(rounded(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
