"""Rejected is not lost: refused, listed, mended, replayed, stored, and the ledger adds up. Real Kafka, archive, S3."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huizhen.schemas.settings import Settings
from tests.services.forked import huizhen
from tests.services.hospital import Hospital, Running
from tests.services.waiting import wait_for
from tests.unit.sinks import exam

FRAMES, BAD = 4, 2
OTHER = 1  # a geometry that was declared wrongly, or not at all
DECIDER = ("--by", "op-7", "--why", "geometry was declared wrongly")


class Person:
    """Runs the command."""

    def __init__(self, settings: Settings, tenant: str, folder: Path) -> None:
        self._env = {
            **os.environ,
            "HUIZHEN_STATE": str(folder / "state"),
            "HUIZHEN_STATION__TENANT": tenant,
            "HUIZHEN_KAFKA__BOOTSTRAP": settings.kafka.bootstrap,
            "HUIZHEN_S3__ENDPOINT": settings.s3.endpoint,
            "HUIZHEN_S3__BUCKET": settings.s3.bucket,
            "HUIZHEN_S3__ACCESS_KEY": settings.s3.access_key.get_secret_value(),
            "HUIZHEN_S3__SECRET_KEY": settings.s3.secret_key.get_secret_value(),
        }

    def run(self, *words: str) -> tuple[int, str]:
        done = huizhen(*words, env=self._env)
        return done.returncode, done.stdout or done.stderr

    def listed(self, session: str) -> list[dict[str, Any]]:
        code, said = self.run("rejected", "list", "--json", "--session", session)
        assert code == 0, said
        return [json.loads(line) for line in said.splitlines() if line]


@pytest.mark.timeout(180)
def test_a_refused_frame_is_replayed_after_its_cause_is_fixed_and_ends_as_stored_once(
    hospital: Hospital, settings: Settings, start: Callable[..., Running], tmp_path: Path
) -> None:
    session, tenant = str(hospital.stream.session), str(hospital.stream.tenant)
    person = Person(settings, tenant, tmp_path)
    start()
    hospital.open()
    hospital.tell(exam.geometry(number=OTHER, columns=exam.COLOUR.columns // 2))
    hospital.frames(*range(BAD))
    hospital.frames(BAD, geometry_id=OTHER)
    hospital.frames(*range(BAD + 1, FRAMES))
    hospital.seal(FRAMES)
    wait_for(lambda: hospital.report, 60, "the session is sealed")
    assert hospital.report is not None
    assert (hospital.report.stored, hospital.report.rejected, hospital.report.missing) == (FRAMES - 1, 1, 0)

    (before,) = person.listed(session)
    assert (before["reason"], before["number"], before["state"]) == ("frame_size_changed", BAD, "waits")
    assert before["bytes"] == len(exam.coded(exam.COLOUR, BAD))
    assert person.run("rejected", "replay", *DECIDER)[0] == 2, "nobody replays everything by accident"

    hospital.tell(exam.geometry(number=OTHER))
    hospital.frames(0)  # what is told before is read before
    code, said = person.run("rejected", "replay", "--session", session, *DECIDER)
    assert (code, said) == (0, "1 replayed\n")
    wait_for(lambda: hospital.report and hospital.report.stored == FRAMES, 60, "the report is amended")
    assert (hospital.report.stored, hospital.report.rejected, hospital.report.missing) == (FRAMES, 0, 0)
    (after,) = person.listed(session)
    assert (after["state"], after["decided_by"], after["why"]) == ("replayed", "op-7", "geometry was declared wrongly")
    assert person.run("rejected", "replay", "--session", session, *DECIDER) == (1, "0 replayed\n"), "once"

    code, said = person.run("ledger-check", "--json", "--no-lag", "--session", session)
    found = json.loads(said)
    assert (code, found["findings"], found["stored"], found["rejected"]) == (0, [], FRAMES, 0)
    assert found["checks"]["L10"] == "ok"


@pytest.mark.timeout(120)
def test_a_discarded_record_says_who_and_why_and_keeps_its_bytes(
    hospital: Hospital, settings: Settings, start: Callable[..., Running], tmp_path: Path
) -> None:
    session = str(hospital.stream.session)
    person = Person(settings, str(hospital.stream.tenant), tmp_path)
    start()
    hospital.open()
    hospital.frames(0, geometry_id=OTHER)
    wait_for(lambda: person.listed(session), 60, "the frame is refused")
    (one,) = person.listed(session)
    assert person.run("rejected", "discard", one["place"], "--by", "op-7", "--why", "a test picture")[0] == 0
    code, said = person.run("rejected", "show", one["place"])
    shown = json.loads(said)
    assert (code, shown["state"], shown["decided_by"], shown["why"]) == (0, "discarded", "op-7", "a test picture")
    assert shown["bytes"] == len(exam.coded(exam.COLOUR, 0))
    assert person.run("rejected", "show", "nowhere/0/0") == (1, "huizhen: no refused record stands at nowhere/0/0\n")
