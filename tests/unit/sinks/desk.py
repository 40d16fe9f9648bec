"""The archive at a desk: decisions and writer over a store, a log and a spool in memory, and a clock to wind."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from huizhen.schemas.events import Command, FrameVerdict, LedgerEntry, Progress, Sealed, SealedSource, SealReport
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.record import FrameMeta
from huizhen.schemas.settings import ArchiveSettings, S3Settings
from huizhen.sinks.archive import Archive, Reading
from huizhen.sinks.effects import Effect
from huizhen.sinks.frames import Ref, held
from huizhen.sinks.manifest import lock_for
from huizhen.sinks.session import Now
from huizhen.sinks.store import MemoryStore
from huizhen.sinks.writer import Writer
from tests.unit.sinks import exam

SETTINGS = ArchiveSettings(
    instance_max_frames=4, drain_s=60, resend_after_s=2, seal_after_silence_s=120, instance_max_bytes=1 << 20
)


class ListLog:
    """Keeps events in order."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def publish(self, events: Iterable[Any]) -> None:
        self.events += list(events)


class DictSpool:
    """Keeps frames by name."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self._count = 0

    def put(self, codestream: bytes) -> Ref:
        self._count += 1
        self.kept[f"f{self._count}"] = codestream
        return Ref(f"f{self._count}", len(codestream))

    def get(self, ref: Ref) -> bytes:
        return self.kept[ref.name]

    def forget(self, ref: Ref) -> None:
        self.kept.pop(ref.name, None)

    @contextmanager
    def scratch(self) -> Iterator[BinaryIO]:
        yield io.BytesIO()


class Desk:
    """One archive in memory."""

    def __init__(self, store: MemoryStore | None = None, settings: ArchiveSettings = SETTINGS) -> None:
        self.archive = Archive(settings)
        self.store = store or MemoryStore()
        self.log = ListLog()
        self.spool = DictSpool()
        self.seconds = 1000.0
        self.writer = Writer(self.store, self.log, self.spool, lambda: self.now.utc_ns, lock_for(S3Settings()))
        self.offset = 0
        self.done: list[Effect] = []

    @property
    def now(self) -> Now:
        return Now(self.seconds, exam.START_NS + round(self.seconds * 1e9))

    def open(self, **more: Any) -> "Desk":
        self.tell(exam.announced(**more))
        self.tell(exam.geometry())
        return self

    def tell(self, event: Any) -> None:
        self.archive.event(event, self.now)

    def frame(self, number: int, *, exact: bool = True, pixels: PixelFormat = exam.COLOUR, **more: Any) -> None:
        self.record(exam.meta(number, pixels, exact=exact, **more), exam.coded(pixels, number))

    def frames(self, *numbers: int, **more: Any) -> None:
        for number in numbers:
            self.frame(number, **more)

    def record(self, meta: FrameMeta, codestream: bytes) -> None:
        self.archive.geometry(meta.head)
        if self.archive.wants(meta, self.now):
            kept = held(meta, codestream, self.spool.put(codestream), (0, self.offset))
            self.do(self.archive.frame(meta, kept, self.now))
        self.offset += 1

    def verdict(
        self, number: int, verdict: str = "rejected", reasons: tuple[str, ...] = ("frame_size_changed",)
    ) -> None:
        self.archive.verdict(
            FrameVerdict(
                "clinic", "exam-1", "probe", number, 0, 1, verdict, False, False, 0, 0, 0, 4, 0, 0, 0.0, 0,
                reasons=list(reasons),
            ),
            self.now,
        )  # fmt: skip
        self.do(self.archive.settle(self.now))

    def progress(self, captured: int, **more: Any) -> None:
        self.tell(Progress("clinic", "exam-1", "probe", 1, round(self.seconds), captured, "", **more))

    def seal(self, frames: int, epoch: int = 1, **more: Any) -> None:
        self.tell(Sealed("clinic", "exam-1", epoch, 5, [SealedSource("probe", frames, more.pop("digest", ""), **more)]))

    def tick(self, seconds: float = 0.25, times: int = 1, reading: Reading = Reading.AT_END) -> None:
        for _ in range(times):
            self.seconds += seconds
            self.do(self.archive.tick(self.now, lambda _session: reading))

    def do(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self.done.append(effect)
            for entry in self.writer.perform(effect):
                self.archive.event(entry, self.now)

    def of(self, kind: type) -> list[Any]:
        return [each for each in self.log.events if isinstance(each, kind)]

    def entries(self, outcome: str) -> list[tuple[int, int]]:
        return sorted((each.first, each.last) for each in self.of(LedgerEntry) if each.outcome == outcome)

    @property
    def report(self) -> SealReport | None:
        found = self.of(SealReport)
        return found[-1] if found else None

    def commands(self, kind: str) -> list[tuple[int, int]]:
        return [(each.first, each.last) for each in self.of(Command) if each.kind == kind]

    def kinds(self) -> list[str]:
        return [key.split("/")[3] for key in sorted(self.store.objects) if key.endswith(".dcm")]

    def counts(self) -> tuple[int, int, int, int, int]:
        assert self.report is not None, "no report yet"
        found = self.report
        return found.captured, found.stored, found.rejected, found.missing, found.derived
