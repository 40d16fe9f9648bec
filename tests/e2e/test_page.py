"""The page on the whole pipeline, in a real Chromium: a thin link, Kafka, processors, archive, S3, API."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from joserfc.jwk import ECKey
from pydicom import dcmread
from pydicom.encaps import generate_frames

from huizhen.cli.demo import exam_file
from tests.e2e.page_browser import Told, run_steps
from tests.e2e.page_build import ROOT, ensure_built
from tests.services.sign_in import make_code
from tests.services.waiting import wait_for

pytestmark = pytest.mark.timeout(480)
CLI = [sys.executable, "-m", "huizhen.cli"]
TENANT = "clinic"
SESSION, PROFILE, RATE_HZ = "page-exam", "us-640x480", "10"
UP_S, END_S = 120.0, 60
LINK = re.compile(r"http://\S+/#signin=\S+")
PORTS = {"page": "18461", "kafka": "18462", "s3": "18463"}
STEPS = (
    "theLinkOfUpLeadsToTheRunningExam",
    "exactFramesAreTheSourceBitForBit",
    "filledFramesAreMarkedAndCounted",
    "storedFramesAreTheSourceBitForBit",
    "aConsultationGoesThroughKafka",
    "aClinicAsksAndAnExpertElsewhereClaims",
    "threeMeetAndLookInStep",
    "theyPointDrawAndTalk",
    "theExpertLeadsAndTheConsultationEnds",
    "theExamEndsWithEveryFrameStored",
)


def truth() -> list[str]:
    """Give SHA-256 of each frame as it is to be seen: decoded here anew, and masked as the profile says."""
    profile = tomllib.loads((ROOT / "infra" / "profiles" / f"{PROFILE}.toml").read_text())
    dataset = dcmread(exam_file())
    found = []
    for coded in generate_frames(dataset.PixelData, number_of_frames=int(dataset.NumberOfFrames)):
        pixels = np.array(imagecodecs.jpeg8_decode(coded))
        for box in profile["mask_always"]:
            pixels[box["top"] : box["bottom"], box["left"] : box["right"]] = 0
        found.append(hashlib.sha256(pixels.tobytes()).hexdigest())
    return found


def codes(state: Path) -> dict[str, str]:
    """Give a sign-in code for each who meets in the room: two of the clinic, one of a hospital elsewhere."""
    key = ECKey.import_key(json.loads(next(state.rglob("issuer*.json")).read_text()))
    people = {"clinic": (TENANT, "requester"), "expert": ("hospital", "expert"), "trainee": (TENANT, "trainee")}
    return {name: make_code(key, name, institution, [role]) for name, (institution, role) in people.items()}


@contextmanager
def process(
    name: str, folder: Path, env: dict[str, str], *arguments: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run `huizhen …` while the block lasts; its output goes to a file."""
    said = folder / f"{name}.out"
    with said.open("wb") as out:
        running = subprocess.Popen([*CLI, *arguments], cwd=folder, stdout=out, stderr=subprocess.STDOUT, env=env)
    try:
        yield running, said
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(END_S)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All steps, run once, on one exam from its beginning to its seal."""
    ensure_built()
    folder = tmp_path_factory.mktemp("pipeline")
    env = os.environ | {"HUIZHEN_STATE": str(folder / "state")}
    thin_link = env | {
        "HUIZHEN_KAFKA__BOOTSTRAP": f"127.0.0.1:{PORTS['kafka']}",
        "HUIZHEN_STATION__PACKETS_PER_FRAME": "5",
        "HUIZHEN_STATION__WITHHOLD_DETAIL_PERCENT": "10",
    }
    ports = ("--port", PORTS["page"], "--kafka-port", PORTS["kafka"], "--s3-port", PORTS["s3"])
    with process("up", folder, env, "up", *ports) as (up, said):

        def link() -> str:
            assert up.poll() is None, said.read_text()
            found = LINK.search(said.read_text())
            return found[0] if found else ""

        wait_for(lambda: bool(link()), UP_S, "huizhen up prints its link")
        station = (str(exam_file()), "--profile", PROFILE, "--loop", "--rate", RATE_HZ, "--session", SESSION)
        with process("capture", folder, thin_link, "capture", *station) as (capture, _):
            where = folder / "where.json"
            page = link().partition("#")[0]
            links = {name: f"{page}#signin={code}" for name, code in codes(folder / "state").items()}
            said_where = {"page": page, "link": link(), "session": SESSION, "station": capture.pid, "truth": truth()}
            where.write_text(json.dumps(said_where | {"links": links}))
            return run_steps("pipeline.mjs", where, folder / "pictures")


@pytest.mark.parametrize("step", STEPS)
def test_the_page_shows_the_pipeline(told: Told, step: str) -> None:
    assert told.errors.get(step) == "", told.errors.get(step, "it did not run: " + told.output)


def test_enough_was_compared(told: Told) -> None:
    assert told.figures["exact_frames_compared"] >= 10
    assert told.figures["filled_tiles_of_a_frame"] > 0
    assert told.figures["captured"] > told.figures["exact_frames_compared"]
