"""A station and its processors in one, for tests of what reads their topics: real coded frames, no pipeline between.

The pictures are those of pydicom's `examples_ybr_color.dcm` (ultrasound, 240 x 320, 30 frames).
"""

import hashlib
import time
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.pixels import convert_color_space

from huizhen.schemas import htj2k
from huizhen.schemas.codestream import MainHeader, read_header
from huizhen.schemas.envelope import Headers
from huizhen.schemas.events import (
    Announced,
    FrameVerdict,
    GeometryDeclared,
    LedgerEntry,
    Progress,
    Sealed,
    SealedSource,
    SealReport,
    SourceInfo,
)
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
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.record import Clock, FrameHead, FrameMeta, TileOrigin, frame_headers
from huizhen.schemas.routing import to_record
from huizhen.schemas.settings import KafkaSettings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of

TILE = 128
STUDY = "1.2.826.0.1.3680043.8.498.1"
US_MULTIFRAME = "1.2.840.10008.5.1.4.1.1.3.1"
TRACE = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"


@cache
def ultrasound(frames: int = 8) -> tuple[NDArray[np.uint8], ...]:
    """Some frames of a real ultrasound loop, RGB."""
    dataset = pydicom.dcmread(get_testdata_file("examples_ybr_color.dcm"))
    pixels = dataset.pixel_array[:frames]
    return tuple(convert_color_space(frame, "YBR_FULL", "RGB").astype(np.uint8) for frame in pixels)


@cache
def coded(number: int) -> bytes:
    """A frame of the loop as the pipeline carries it."""
    frames = ultrasound()
    return htj2k.encode(frames[number % len(frames)], 8, False, TILE)


def main_header() -> MainHeader:
    """The main header all frames of the loop share."""
    return read_header(coded(0))[0]


@dataclass(slots=True)
class FakeStation:
    """Makes the records of one session with one source."""

    tenant: str
    session: str = "exam-1"
    source: str = "probe"
    mask_teaching: list[int] = field(default_factory=list)
    epoch: int = 1

    @property
    def stream(self) -> StreamId:
        """The source."""
        return StreamId(TenantId(self.tenant), SessionId(self.session), SourceId(self.source))

    def announced(self, at_ns: int = 1) -> Announced:
        """The session begins."""
        info = SourceInfo(self.source, "probe", US_MULTIFRAME, "ultrasound", 1, 30.0, "01", [19.0])
        return Announced(
            "alliance", self.tenant, "main", "room-1", "station-1", self.session, self.epoch, at_ns, [info], "US", "A",
            4, STUDY, patient_id="CANARY-7", patient_name="Canary^Patient",
        )  # fmt: skip

    def geometry(self, number: int = 1) -> GeometryDeclared:
        """How its frames are read."""
        header = main_header()
        return GeometryDeclared(
            self.tenant, self.session, self.source, number, self.epoch, 1, header.columns, header.rows, 3, 8, 0, "RGB",
            TILE, header.levels, hashlib.sha256(header.encode()).hexdigest(), mask_teaching=self.mask_teaching,
        )  # fmt: skip

    def frame(
        self,
        number: int,
        revision: int = 0,
        exact: bool = True,
        at_ns: int | None = None,
        tiles: tuple[TileOrigin, ...] = (),
    ) -> tuple[FrameMeta, bytes]:
        """One stitched frame."""
        now_ns = time.time_ns() if at_ns is None else at_ns
        stream = coded(number)
        head = FrameHead(
            FrameId(self.stream, FrameNumber(number)), StationId("station-1"), Epoch(self.epoch), GeometryId(1),
            Clock(now_ns, now_ns), number % 30 == 0, hashlib.sha256(stream).hexdigest(), "0" * 64, TRACE,
        )  # fmt: skip
        return FrameMeta(head, revision, exact, now_ns, tiles), stream

    def verdict(self, number: int, revision: int = 0, exact: bool = True, filled: int = 0) -> FrameVerdict:
        """What the processors made of a frame."""
        captured_ns = 1_000_000_000 * (number + 1)
        return FrameVerdict(
            self.tenant, self.session, self.source, number, revision, self.epoch, "repaired" if filled else "pass",
            exact, number % 30 == 0, captured_ns, captured_ns, captured_ns + 5_000_000, 6, 0, filled, 0.0, 90_000,
        )  # fmt: skip

    def progress(self, captured: int) -> Progress:
        """How far the station is."""
        return Progress(self.tenant, self.session, self.source, self.epoch, 1, captured, "0" * 64)

    def sealed(self, frames: int) -> Sealed:
        """The session ends."""
        return Sealed(self.tenant, self.session, self.epoch, 1, [SealedSource(self.source, frames, "0" * 64)])

    def entry(self, first: int, last: int, outcome: str = "stored", key: str = "", sha256: str = "") -> LedgerEntry:
        """What became of frames."""
        uid = f"1.2.3.{first}" if outcome in {"stored", "derived"} else ""
        return LedgerEntry(
            self.tenant,
            self.session,
            self.source,
            first,
            last,
            outcome,
            1,
            "",
            uid,
            "1.2.3" if uid else "",
            key,
            sha256,
        )

    def report(self, frames: int) -> SealReport:
        """The archive's account."""
        return SealReport(self.tenant, self.session, 1, "producer", frames, frames, 0, 0, 0)


class StationFeed:
    """Publishes a fake station's records to a real Kafka."""

    def __init__(self, kafka: KafkaSettings, station: FakeStation) -> None:
        self.station = station
        self._publisher = Publisher(kafka_client_config(kafka))
        self._sent = 0
        self.sent_frames = 0
        """For those who number frames over several calls"""

    def event(self, event: object) -> None:
        """Publish an event."""
        self._sent += 1
        self._publisher.send(to_record(event, f"{self.station.session}-{self._sent}", time.time_ns()))

    def begin(self) -> None:
        """Announce the session and its geometry, and wait until Kafka has both."""
        self.event(self.station.announced(time.time_ns()))
        self.event(self.station.geometry())
        assert self._publisher.flush(20) == 0

    def frame(self, number: int, revision: int = 0, exact: bool = True) -> None:
        """Publish a frame."""
        meta, stream = self.station.frame(number, revision, exact)
        self.raw(stream, frame_headers(meta))

    def raw(self, value: bytes, headers: Headers) -> None:
        """Publish bytes on the topic of frames."""
        self._publisher.send_raw(name_of(Topic.FRAMES), self.station.session, value, headers)

    def close(self) -> None:
        """Wait until Kafka has everything."""
        assert self._publisher.close() == 0
