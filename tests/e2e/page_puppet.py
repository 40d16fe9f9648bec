"""Exams on strings: what happens in them is what a test says."""

import asyncio
import hashlib
import itertools
import time
from dataclasses import dataclass, field

from huizhen.api.live_frame import live_frame
from huizhen.api.parts import Parts
from huizhen.api.videos import Videos
from huizhen.schemas.events import FrameVerdict, LedgerEntry, Sealed, SealedSource, SealReport
from huizhen.schemas.ids import (
    Epoch,
    FrameId,
    FrameNumber,
    GeometryId,
    SessionId,
    SourceId,
    StationId,
    StreamId,
    TenantId,
)
from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import Clock, FrameHead, FrameMeta, TileOrigin
from tests.e2e.page_fakes import Memory
from tests.e2e.page_scenes import TENANT, Scene, announced, instance, uid_of

TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
STORED_AT_ONCE = 32
FILLED = {
    7: TileOrigin(TileState.BASE, 0, 3.2),
    8: TileOrigin(TileState.TEMPORAL, 2, 1.4),
    13: TileOrigin(TileState.SPATIAL, 0, 11.5),
}


@dataclass(slots=True)
class Exam:
    """One session being played."""

    scene: Scene
    other: Scene | None = None
    """The scene after its picture changed size"""
    number: int = 0
    stored: int = 0
    playing: bool = True
    sealed: bool = False
    filled: bool = False
    behind_ms: int = 0
    """How old frames are when they are shown"""
    truth: dict[int, str] = field(default_factory=dict)
    scenes: dict[int, Scene] = field(default_factory=dict)
    """By frame number"""


class Puppet:
    """Plays exams into the API and does what the test says."""

    def __init__(self, parts: Parts, memory: Memory, exams: list[Exam]) -> None:
        self.parts = parts
        self.memory = memory
        self.exams: dict[str, Exam] = {}
        """By session; further sources of a session by `session/source`"""
        for exam in exams:
            name = exam.scene.session
            self.exams[f"{name}/{exam.scene.source}" if name in self.exams else name] = exam
        self._offset = 0

    @property
    def videos(self) -> Videos:
        """The door to video."""
        assert isinstance(self.parts.video, Videos)
        return self.parts.video

    def take(self, event: object) -> None:
        """Tell the API of an event."""
        self._offset += 1
        self.parts.world.take(event, f"test/0/{self._offset}")

    def begin(self) -> None:
        """Announce every exam."""
        scenes = sorted((exam.scene for exam in self.exams.values()), key=lambda scene: scene.session)
        for _, sources in itertools.groupby(scenes, key=lambda scene: scene.session):
            of_session = list(sources)
            self.take(announced(of_session, time.time_ns()))
            for scene in of_session:
                self.take(scene.geometry(time.time_ns()))

    async def play(self, exam: Exam) -> None:
        """Show frames at the exam's rate for ever."""
        while True:
            await asyncio.sleep(1 / exam.scene.rate_hz)
            if exam.playing:
                self.show(exam)

    def show(self, exam: Exam) -> None:
        """Show the next frame."""
        scene, number = exam.scene, exam.number
        exam.scenes[number] = scene
        which = number % len(scene.streams)
        exam.number += 1
        exam.truth[number] = scene.digests[which]
        frame = live_frame(_meta(exam, number, scene.digests[which]), scene.streams[which])
        self.take(_verdict(exam, frame.meta, frame.header.tiles))
        self.parts.hub.publish(frame)
        if exam.number - exam.stored >= STORED_AT_ONCE:
            self.store(exam)

    def store(self, exam: Exam, kind: str = "exact") -> None:
        """Archive what was shown since the last time."""
        first, frames = exam.stored, exam.number - exam.stored
        if frames <= 0:
            return
        exam.stored = exam.number
        key = f"{TENANT}/{exam.scene.session}/{exam.scene.source}/{kind}/{first}"
        content = self.memory.objects[key] = instance(exam.scene, first, frames, kind)
        uid = uid_of(exam.scene, first, kind)
        entry = LedgerEntry(
            TENANT, exam.scene.session, exam.scene.source, first, first + frames - 1,
            "derived" if kind == "derived" else "stored", time.time_ns(),
            sop_instance_uid=uid, series_instance_uid="2.25.1", object_key=key,
            object_sha256=hashlib.sha256(content).hexdigest(),
        )  # fmt: skip
        self.take(entry)

    def reshape(self, exam: Exam) -> None:
        """Change the size of its picture, as a source does in mid-stream; once more changes it back."""
        assert exam.other is not None
        self.store(exam)  # an instance holds frames of one geometry
        exam.scene, exam.other = exam.other, exam.scene
        self.take(exam.scene.geometry(time.time_ns()))

    def seal(self, exam: Exam) -> None:
        """End an exam."""
        exam.playing, exam.sealed = False, True
        self.store(exam)
        scene, now_ns = exam.scene, time.time_ns()
        self.take(Sealed(TENANT, scene.session, 1, now_ns, [SealedSource(scene.source, exam.number, "0" * 64)]))
        self.take(SealReport(TENANT, scene.session, now_ns, "producer", exam.number, exam.number, 0, 0, 0))


def _meta(exam: Exam, number: int, digest: str) -> FrameMeta:
    scene, now_ns = exam.scene, time.time_ns()
    stream = StreamId(TenantId(TENANT), SessionId(scene.session), SourceId(scene.source))
    clock = Clock(now_ns - exam.behind_ms * 1_000_000, time.monotonic_ns())
    head = FrameHead(
        FrameId(stream, FrameNumber(number)), StationId("station-1"), Epoch(1), GeometryId(scene.geometry_id), clock,
        key=number % 30 == 0, frame_digest="0" * 64, pixel_digest=digest, traceparent=TRACE,
    )  # fmt: skip
    origins = tuple(FILLED.get(tile, TileOrigin(TileState.TRUE)) for tile in range(scene.tiles)) if exam.filled else ()
    return FrameMeta(head, 0, not exam.filled, now_ns, origins)


def _verdict(exam: Exam, meta: FrameMeta, tiles: int) -> FrameVerdict:
    clock = meta.head.clock
    return FrameVerdict(
        TENANT, exam.scene.session, exam.scene.source, int(meta.head.frame.number), 0, 1,
        "repaired" if exam.filled else "pass", meta.exact, meta.head.key, clock.captured_at_ns,
        clock.captured_at_cloud_ns, meta.closed_at_ns, tiles, 0, len(FILLED) if exam.filled else 0, 0.0, 90_000,
    )  # fmt: skip
