"""The whole way of a frame, from a drawn source to the archive, with our own parts as processes."""

import json
import random
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from huizhen.schemas.settings import (
    ArchiveSettings,
    KafkaSettings,
    ProcessorSettings,
    S3Settings,
    Settings,
    StationSettings,
)
from tests.faults.checks.evidence import keep_evidence
from tests.faults.checks.ledger import assert_adds_up, lag_of, ledger_check
from tests.faults.checks.outcome import Outcome
from tests.faults.services.exam import Drawn, Exam, Load
from tests.faults.services.part import Part
from tests.faults.services.watch import Watch
from tests.services.waiting import wait_for

SETTLE_S = 300.0  # reliability asks for 60 on a quiet machine
FLOW_S = 300.0
FIRST_FRAMES = 10
USUAL = Load()


class Line:
    """A worker, an archive, and captures by and by; all of one institution, on a Kafka and an S3 that were given."""

    def __init__(self, folder: Path, kafka: KafkaSettings, s3: S3Settings, tenant: str, *, is_cold: bool) -> None:
        self.folder = folder
        self.is_cold = is_cold
        self.settings = Settings(
            state=folder / "checker", kafka=kafka, s3=s3, station=StationSettings(tenant=tenant),
            processor=ProcessorSettings(tenants=[tenant], group=f"worker-{tenant}"),
            archive=ArchiveSettings(group=f"archive-{tenant}"),
        )  # fmt: skip
        self.env = {
            "HUIZHEN_KAFKA__BOOTSTRAP": kafka.bootstrap,
            "HUIZHEN_KAFKA__PARTITIONS": str(kafka.partitions),
            "HUIZHEN_S3__ENDPOINT": s3.endpoint,
            "HUIZHEN_S3__BUCKET": s3.bucket,
            "HUIZHEN_S3__ACCESS_KEY": s3.access_key.get_secret_value(),
            "HUIZHEN_S3__SECRET_KEY": s3.secret_key.get_secret_value(),
            "HUIZHEN_STATION__TENANT": tenant,
            "HUIZHEN_STATION__JOURNAL_MIN_FREE_BYTES": "0",
            "HUIZHEN_PROCESSOR__TENANTS": json.dumps([tenant]),
            "HUIZHEN_PROCESSOR__GROUP": self.settings.processor.group,
            "HUIZHEN_ARCHIVE__GROUP": self.settings.archive.group,
            "HUIZHEN_ARCHIVE__INSTANCE_MAX_FRAMES": "16",
            "HUIZHEN_ARCHIVE__SEAL_AFTER_SILENCE_S": "100",
            "HUIZHEN_DISK_MIN_FREE_BYTES": "0",
        }
        self.tenant = tenant
        self.parts: list[Part] = []
        self.exams = 0
        self.worker = self.add("processors-0", {"HUIZHEN_PROCESSOR__INSTANCE_ID": "processors-0"})
        self.archive = self.add("archive", {})
        self.watch = Watch(kafka)

    def add(self, name: str, env: Mapping[str, str]) -> Part:
        """Add a part; it is not started."""
        self.parts.append(Part(name, self.folder / name, {**self.env, **env}, self.is_cold))
        return self.parts[-1]

    def start(self) -> "Line":
        """Start worker and archive, and wait until both serve."""
        for part in (self.worker, self.archive):
            part.start()
        for part in (self.worker, self.archive):
            part.wait_until_it_serves()
        return self

    def begin(
        self, rng: random.Random, load: Load = USUAL, env: Mapping[str, str] | None = None, state: Path | None = None
    ) -> Exam:
        """Begin an exam and wait until its first frames came through the worker."""
        self.exams += 1
        name = f"{self.tenant}-{self.exams}"  # of all lines on the broker
        drawn, more = Drawn(load, rng.randrange(1000)), {**self.env, **(env or {})}
        exam = Exam(name, self.folder / name, more, drawn, is_cold=self.is_cold, state=state)
        self.parts.append(exam.capture.start())
        self.flow(exam, FIRST_FRAMES)
        return exam

    def take_over(self, exam: Exam, rng: random.Random) -> Exam:
        """Go on with an exam from a copy of its journal, in another process, while the first one may still be there."""
        folder = exam.folder.with_name(f"{exam.folder.name}-again")
        shutil.copytree(exam.state, folder / "state")
        drawn = Drawn(exam.load, rng.randrange(1000))
        second = Exam(exam.session, folder, self.env, drawn, is_cold=self.is_cold)
        self.parts.append(second.capture.start())
        return second

    def wait(self, condition: Callable[[], object], deadline_s: float, what: str) -> None:
        """Wait for a condition, and start again what ended meanwhile."""

        def tended() -> object:
            self.tend()
            return condition()

        wait_for(tended, deadline_s, f"{what}; logs are in {self.folder}")

    def tend(self) -> None:
        """Start again what ended by itself; a capture that ended in order is over."""
        for part in self.parts:
            if part.code != 0:
                part.tend()

    def flow(self, exam: Exam, frames: int) -> float:
        """Wait until so many frames more came; gives the seconds it took."""
        goal, began_s = self.watch.newest(exam.session) + frames, time.monotonic()
        self.wait(lambda: self.watch.newest(exam.session) >= goal, FLOW_S, f"frame {goal} of {exam.session}")
        return time.monotonic() - began_s

    def finish(self, exam: Exam, viewers: Path | None = None) -> Outcome:
        """End an exam, wait until all of it is stored and confirmed, and hold it to the ledger."""
        try:
            return self._finish(exam, viewers)
        except AssertionError as error:
            found = keep_evidence(exam.folder / "evidence", self.settings, exam.session, exam.journals)
            raise AssertionError(f"{error}\n{found}\nall of it is in {self.folder}") from error

    def _finish(self, exam: Exam, viewers: Path | None) -> Outcome:
        exam.enough()
        began_s = time.monotonic()
        self.wait(lambda: exam.is_over, SETTLE_S, f"{exam.session} is stored")
        self.parts.remove(exam.capture)
        try:
            self.wait(lambda: not lag_of(self.settings), SETTLE_S, "nothing waits")
        except AssertionError as error:
            raise AssertionError(f"{error}: {lag_of(self.settings)}") from error
        settled_s = time.monotonic() - began_s
        verdict = ledger_check(self.settings, exam.session, exam.journals, viewers)
        assert_adds_up(verdict)
        return Outcome(verdict, settled_s)

    def close(self) -> None:
        """End everything; the folder stays."""
        for part in self.parts:
            part.end()
        self.watch.close()
