"""Starts the browser steps of `api/web/e2e` and reads what they say."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.page_build import WEB, node

STEPS_S = 600


@dataclass(slots=True)
class Told:
    """What the steps said."""

    errors: dict[str, str] = field(default_factory=dict)
    """By step; empty: it passed"""
    figures: dict[str, float] = field(default_factory=dict)
    output: str = ""


def run_steps(script: str, where: Path, pictures: Path) -> Told:
    """Run a script of `api/web/e2e`; `where`: a JSON file that says where the page is.

    Pictures go to `HUIZHEN_PICTURES` where that is set, so that the docs' pictures can be made anew.
    """
    folder = Path(os.environ.get("HUIZHEN_PICTURES", pictures))
    done = subprocess.run(
        [node(), f"e2e/{script}", str(where), str(folder.resolve())],
        cwd=WEB, capture_output=True, text=True, timeout=STEPS_S, check=False,
    )  # fmt: skip
    told = Told(output=f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    for line in done.stdout.splitlines():
        said = json.loads(line)
        if "step" in said:
            told.errors[said["step"]] = said["error"]
        told.figures |= said.get("figures", {})
    return told
