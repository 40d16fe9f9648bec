"""Numbered before anything can fail, journalled before anything is sent."""

import hashlib
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from huizhen.producers.backfill import Failure, read_failed
from huizhen.producers.coder import Coded, Coder, Pixels
from huizhen.producers.delta import Delta
from huizhen.producers.engine import Engine
from huizhen.producers.frame import Frame
from huizhen.producers.item import Precoded
from huizhen.producers.journal import Entry, Kind, Stood
from huizhen.producers.source import Captured, Failed, Geometry
from huizhen.schemas import htj2k
from huizhen.schemas.errors import BadProfile, Refused
from huizhen.schemas.events import GeometryDeclared
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.ids import SourceId
from huizhen.schemas.profile import Match, Profile, Region
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import Kept
from tests.unit.producers.streams import PROBE, SENDER, coded

FORM = PixelFormat(64, 64, 1, 8, 0)
GEOMETRY = Geometry(FORM, "MONOCHROME2", pixel_spacing=(0.1, 0.2), window_center=(40.0,), window_width=(80.0,))


@dataclass
class Outlet:
    """Keeps what an engine gives out."""

    kept: list[tuple[Entry, bytes]] = field(default_factory=list)
    declared: list[GeometryDeclared] = field(default_factory=list)
    offered: list[Frame] = field(default_factory=list)
    owed: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    originals: list[tuple[int, bytes]] = field(default_factory=list)
    deltas: list[Delta | None] = field(default_factory=list)
    has_room: bool = True
    takes_deltas: bool = True

    def keep(self, entry: Entry, payload: bytes, delta: Delta | None = None) -> Stood:
        if not self.has_room:
            return Stood.REFUSED
        self.kept.append((entry, payload))
        self.deltas.append(delta)
        return Stood.WHOLE if delta is None or not self.takes_deltas else Stood.DELTA

    def keep_original(self, source: SourceId, number: int, original: bytes) -> str:
        self.originals.append((number, original))
        return f"exam-1/{source}-{number}" if self.has_room else ""

    def declare(self, event: GeometryDeclared) -> None:
        self.declared.append(event)

    def offer(self, frame: Frame) -> None:
        self.offered.append(frame)

    def owe(self, source: SourceId, number: int) -> None:
        self.owed.append(number)

    def drop(self, source: SourceId, number: int) -> None:
        self.dropped.append(number)


def engine(outlet: Outlet, profile: Profile | None = None, **more: object) -> Engine:
    used = profile or Profile("p", 1, tile=32)
    made = Engine(PROBE, SENDER, used, Coder(used.tile), outlet, now_ns=lambda: 7, seconds=lambda: 0.0)
    for name, value in more.items():
        setattr(made, name, value)
    return made


def captured(value: int = 1, geometry: Geometry = GEOMETRY) -> Captured:
    form = geometry.pixels
    return Captured(np.full((form.rows, form.columns), value, np.uint8), geometry, 10**18 + value, value)


def test_a_frame_is_journalled_whole_and_then_offered() -> None:
    outlet = Outlet()
    engine(outlet).take(captured(5))
    ((entry, stream),) = outlet.kept
    (frame,) = outlet.offered
    assert np.array_equal(htj2k.decode(stream), np.full((64, 64), 5))
    assert (entry.kind, entry.number, entry.captured_at_ns, entry.monotonic_ns) == (Kind.FRAME, 0, 10**18 + 5, 5)
    assert entry.frame_digest == frame.frame_digest == hashlib.sha256(stream).digest()
    assert entry.pixel_digest == hashlib.sha256(bytes([5]) * 4096).digest()


def test_the_geometry_is_declared_once_before_its_first_frame() -> None:
    outlet = Outlet()
    made = engine(outlet, Profile("p", 1, tile=32, mask_teaching=(Region(0, 0, 8, 8),)))
    for value in range(3):
        made.take(captured(value))
    (event,) = outlet.declared
    assert (event.geometry, event.columns, event.tile, event.declared_at_ns) == (0, 64, 32, 7)
    assert (event.pixel_spacing, event.window_center, event.mask_teaching) == ([0.1, 0.2], [40.0], [0, 0, 8, 8])
    assert event.coding_digest == hashlib.sha256(outlet.offered[0].header.encode()).hexdigest()


def test_geometries_that_come_again_keep_their_id() -> None:
    outlet = Outlet()
    made = engine(outlet)
    other = replace(GEOMETRY, pixel_spacing=(0.3, 0.3))
    for geometry in (GEOMETRY, other, GEOMETRY, other):
        made.take(captured(1, geometry))
    assert [frame.geometry for frame in outlet.offered] == [0, 1, 0, 1]
    assert len(outlet.declared) == 2


def test_a_later_epoch_uses_the_ids_of_the_earlier_one() -> None:
    first, second = Outlet(), Outlet()
    engine(first).take(captured())
    later = replace(SENDER, epoch=type(SENDER.epoch)(1))
    made = engine(second, sender=later, next_number=1, declared={0: first.declared[0]})
    made.take(captured())
    made.take(captured(1, replace(GEOMETRY, pixel_spacing=None)))
    assert [(event.geometry, event.epoch) for event in second.declared] == [(0, 1), (1, 1)]
    assert [frame.number for frame in second.offered] == [1, 2]


def test_a_frame_that_could_not_be_read_is_numbered_kept_and_owed() -> None:
    outlet = Outlet()
    made = engine(outlet)
    made.take(captured())
    made.take(Failed(b"bytes", RejectReason.BAD_DICOM, "cut off", 4, 5))
    made.take(captured(2))
    entry, payload = outlet.kept[1]
    assert (entry.kind, entry.number) == (Kind.FAILED, 1)
    assert entry.frame_digest == hashlib.sha256(b"bytes").digest()
    kept = Kept(5, hashlib.sha256(b"bytes").hexdigest(), "exam-1/probe-1")
    assert read_failed(payload) == (Failure(RejectReason.BAD_DICOM, "cut off", kept), b"")
    assert outlet.originals == [(1, b"bytes")]
    assert outlet.owed == [1]
    assert [frame.number for frame in outlet.offered] == [0, 2]


def test_without_room_the_frame_is_dropped_and_the_next_goes_on() -> None:
    outlet = Outlet()
    made = engine(outlet)
    outlet.has_room = False
    made.take(captured())
    made.take(Failed(b"bytes", RejectReason.BAD_DICOM, "cut off", 4, 5))
    outlet.has_room = True
    made.take(captured(2))
    assert outlet.dropped == [0, 1]
    assert outlet.owed == []
    assert [frame.number for frame in outlet.offered] == [2]


def test_a_profile_that_does_not_fit_the_first_frame_is_an_error() -> None:
    with pytest.raises(BadProfile):
        engine(Outlet(), Profile("p", 1, match=Match(rows=480))).take(captured())


def test_of_a_frame_that_stops_fitting_no_pixel_leaves_the_station() -> None:
    outlet = Outlet()
    made = engine(outlet, Profile("p", 1, tile=32, match=Match(rows=64)))
    made.take(captured())
    made.take(captured(3, replace(GEOMETRY, pixels=PixelFormat(32, 64, 1, 8, 0))))
    made.take(captured())
    failure, masked = read_failed(outlet.kept[1][1])
    assert (failure.reason, masked) == (RejectReason.FRAME_SIZE_CHANGED, b"")
    assert outlet.originals == [(1, bytes([3]) * 2048)]
    assert failure.kept == Kept(2048, hashlib.sha256(bytes([3]) * 2048).hexdigest(), "exam-1/probe-1")
    assert [frame.number for frame in outlet.offered] == [0, 2]


class Refusing(Coder):
    """A coder that takes the first frame only."""

    def code(self, pixels: Pixels, pixel_format: PixelFormat) -> Coded:
        if self._coded is not None:
            raise Refused(RejectReason.CODING_CHANGED, "another header")
        return super().code(pixels, pixel_format)


def test_a_frame_that_cannot_be_coded_goes_out_masked_only() -> None:
    outlet = Outlet()
    profile = Profile("p", 1, tile=32, mask_always=(Region(0, 0, 16, 64),))
    made = engine(outlet, profile, coder=Refusing(32))
    made.take(captured())
    made.take(captured(9))
    _, masked = read_failed(outlet.kept[1][1])
    assert masked == bytes(16 * 64) + bytes([9]) * (48 * 64)
    assert outlet.originals == [(1, bytes([9]) * 4096)]


def test_the_digest_of_a_file_is_the_whole_ones_where_only_its_beginning_is_kept() -> None:
    outlet = Outlet()
    engine(outlet).take(Failed(b"begin", RejectReason.BAD_DICOM, "x", 4, 5, 1 << 30, "ab" * 32))
    failure, _ = read_failed(outlet.kept[0][1])
    assert failure.kept == Kept(1 << 30, "ab" * 32, "exam-1/probe-0")
    assert outlet.kept[0][0].frame_digest.hex() == "ab" * 32


def test_frames_coded_beforehand_get_new_numbers_and_times_only() -> None:
    outlet = Outlet()
    made = engine(outlet)
    found = coded(tuple(range(9)))
    geometry = replace(GEOMETRY, pixels=PixelFormat(96, 96, 1, 8, 0))
    for at in (5, 6):
        made.take(Precoded(found, geometry, at, at))
    assert [(frame.number, frame.captured_at_ns) for frame in outlet.offered] == [(0, 5), (1, 6)]
    assert outlet.kept[0][1] is outlet.kept[1][1] is found.stream


def test_a_frame_like_the_last_whole_one_is_journalled_as_its_difference() -> None:
    outlet = Outlet()
    made = engine(outlet)
    for _ in range(3):
        made.take(captured(1))
    assert [delta.base if delta else None for delta in outlet.deltas] == [None, 0, 0]
    outlet.takes_deltas = False
    made.take(captured(1))
    outlet.takes_deltas = True
    made.take(captured(1))
    assert [delta.base if delta else None for delta in outlet.deltas[3:]] == [0, 3], "the journal began a new segment"
