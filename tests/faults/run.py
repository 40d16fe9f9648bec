"""Play faults without pytest: `python tests/faults/run.py [--quick] [--full] [--json] [--seed N] [F5 F9 …]`.

`--quick` plays F5, F9 and F10 small, on one broker. One line per fault; `--json` prints one JSON object instead:
lost, mismatched, duplicates and silence_s, with each fault's figures below `faults`. Exit code 0: nothing was lost.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.faults.checks.figures import Figures  # noqa: E402 - the root of the project must be found first
from tests.faults.scenarios.table import FAULTS, QUICK, Fault  # noqa: E402
from tests.faults.services.cluster import cluster  # noqa: E402
from tests.faults.services.stage import Form, Stage  # noqa: E402
from tests.services.broker import Broker  # noqa: E402
from tests.services.running import running  # noqa: E402
from tests.services.store import Store  # noqa: E402


def main() -> int:
    """Play what was asked for."""
    asked = arguments()
    wanted = asked.faults or (QUICK if asked.quick else [fault.id for fault in FAULTS])
    chosen = [fault for name in wanted for fault in FAULTS if fault.id == name]
    say(f"seed {asked.seed}")
    folder = Path(tempfile.mkdtemp(prefix="huizhen-faults-"))
    played: dict[str, Figures] = {}
    try:
        played = play(chosen, asked, folder)
    except Exception as error:  # noqa: BLE001 - the outermost loop: whatever it is ends in an exit code
        say(f"FAILED: {error or type(error).__name__}")
    if len(played) == len(chosen):
        shutil.rmtree(folder, ignore_errors=True)
    else:
        say(f"all that is left is in {folder}")
    if asked.json:
        sys.stdout.write(json.dumps(summary(played, is_whole=len(played) == len(chosen))) + "\n")
    return 0 if len(played) == len(chosen) else 1


def form_of(asked: argparse.Namespace) -> Form:
    """Give the form that was asked for."""
    return Form.FULL if asked.full else Form.QUICK if asked.quick else Form.SHORT


def say(line: str) -> None:
    """Tell the person who waits."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Play faults on the whole line; each ends in the ledger check.")
    parser.add_argument("faults", nargs="*", metavar="F", help=", ".join(fault.id for fault in FAULTS))
    parser.add_argument("--quick", action="store_true", help=f"{', '.join(QUICK)} small")
    parser.add_argument("--full", action="store_true", help="as long as they are meant")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="play the same again")
    return parser.parse_args()


def play(chosen: list[Fault], asked: argparse.Namespace, folder: Path) -> dict[str, Figures]:
    """Play faults one after the other: those that one broker is enough for, then those that want three."""
    played: dict[str, Figures] = {}
    (folder / "s3").mkdir()
    with running(Store(folder / "s3")) as store:
        for count in (1, 3):
            faults = [fault for fault in chosen if fault.brokers == count]
            if not faults:
                continue
            place = folder / f"kafka-{count}"
            place.mkdir()
            with running(Broker(place)) if count == 1 else cluster(place) as brokers:
                stage = Stage(folder, brokers, store, asked.seed, form_of(asked))
                try:
                    played |= play_on(stage, faults)
                finally:
                    stage.close()
    return played


def play_on(stage: Stage, faults: list[Fault]) -> dict[str, Figures]:
    """Play faults on one line; after one that failed the next has a new line."""
    played = {}
    for fault in faults:
        began_s = time.monotonic()
        try:
            played[fault.id] = fault.play(stage)
        except AssertionError as error:
            say(f"{fault.id:<5}{fault.what:<26}FAILED: {error}")
            stage.clear()
            continue
        took = f"{time.monotonic() - began_s:5.1f} s"
        say(f"{fault.id:<5}{fault.what:<26}{took}  {played[fault.id].as_text()}")
    return played


def summary(played: dict[str, Figures], is_whole: bool) -> dict[str, object]:
    """Give one object for programs."""
    measured = [one.measured for one in played.values()]
    return {
        "sound": is_whole,
        "captured": sum(one.captured for one in played.values()),
        "stored": sum(one.stored for one in played.values()),
        "lost": sum(one.missing for one in played.values()) if is_whole else None,
        "mismatched": sum(one.mismatched for one in played.values()) if is_whole else None,
        "duplicates": int(sum(one.get("repeats", 0) for one in measured)),
        "silence_s": round(max((one.get("silence_s", 0.0) for one in measured), default=0.0), 3),
        "faults": {name: one.measured for name, one in played.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
