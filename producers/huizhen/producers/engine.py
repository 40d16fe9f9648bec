"""Take a source's frames in: number, prepare, code, journal, offer. One engine per source, on a thread of its own.

A frame has its number before anything can fail. It is offered to live only when it stands in the journal, so that
whatever is published can be published again. Nothing here waits for the network.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from huizhen.producers import metrics
from huizhen.producers.announce import Shape, geometry_declared
from huizhen.producers.backfill import Failure, write_failed
from huizhen.producers.coder import Coded, Coder
from huizhen.producers.delta import Bases, Delta
from huizhen.producers.frame import Frame, Sender
from huizhen.producers.item import Item, Precoded
from huizhen.producers.journal import NO_DIGEST, Entry, Kind, Stood
from huizhen.producers.prepare import Preparation, Prepared, teaching_regions
from huizhen.producers.source import Captured, Failed, Geometry
from huizhen.schemas.errors import BadInput, BadProfile, Bug
from huizhen.schemas.events import GeometryDeclared
from huizhen.schemas.ids import SourceId
from huizhen.schemas.profile import Profile
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import Kept

SHAPES_MAX = 8192  # geometries of one source: a CT or MR series declares one per slice


class Outlet(Protocol):
    """Where an engine's frames go."""

    def keep(self, entry: Entry, payload: bytes, delta: Delta | None = None) -> Stood:
        """Append to the journal, as a difference where that can be; says how it stands."""
        ...

    def keep_original(self, source: SourceId, number: int, original: bytes) -> str:
        """Keep at the station what could not be read; says where, or "" where there is no room."""
        ...

    def declare(self, event: GeometryDeclared) -> None:
        """Declare a geometry, before the frames that need it."""
        ...

    def offer(self, frame: Frame) -> None:
        """Give a journalled frame to live."""
        ...

    def owe(self, source: SourceId, number: int) -> None:
        """Put a journalled frame that never goes live on the backlog."""
        ...

    def drop(self, source: SourceId, number: int) -> None:
        """Count a frame that found no room."""
        ...


@dataclass(slots=True)
class Engine:
    """Numbers and codes the frames of one source."""

    source: SourceId
    sender: Sender
    profile: Profile
    coder: Coder
    outlet: Outlet
    now_ns: Callable[[], int]
    """UTC, for declarations"""
    seconds: Callable[[], float]
    """Monotonic, for the histograms"""
    next_number: int = 0
    declared: dict[int, GeometryDeclared] = field(default_factory=dict)
    """Geometries of earlier epochs, by id"""
    _preparation: Preparation = field(init=False)
    _teaching: tuple[int, ...] = field(init=False)
    _bases: Bases = field(default_factory=Bases)
    _shape: Shape | None = None
    _geometry: int = 0
    _shapes: dict[Shape, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._preparation = Preparation(self.profile)
        self._teaching = tuple(teaching_regions(self.profile))

    def take(self, item: Item) -> None:
        """Take one frame; raises BadProfile where the very first frame of a run does not fit the profile."""
        number, self.next_number = self.next_number, self.next_number + 1
        if isinstance(item, Failed):
            self._fail_read(item, number)
            return
        started = self.seconds()
        prepared: Prepared | None = None
        try:
            prepared = self._preparation.apply(item) if isinstance(item, Captured) else None
            coded, geometry = self._code(item, prepared)
        except BadInput as error:
            if self._shape is None and isinstance(error, BadProfile):
                raise
            self._refuse(item, number, error, prepared)
            return
        metrics.CODE.observe(self.seconds() - started)
        metrics.TILES.labels("coded").inc(coded.coded)
        metrics.TILES.labels("unchanged").inc(len(coded.tiles) - coded.coded)
        self._publish(item, number, coded, geometry)

    def _code(self, item: Captured | Precoded, prepared: Prepared | None) -> tuple[Coded, Geometry]:
        if isinstance(item, Precoded):
            return item.coded, item.geometry
        if prepared is None:
            raise Bug("a captured frame was to be coded before it was masked")
        return self.coder.code(prepared.pixels, prepared.geometry.pixels), prepared.geometry

    def _publish(self, item: Captured | Precoded, number: int, coded: Coded, geometry: Geometry) -> None:
        shape = Shape(geometry, coded.header, self._teaching)
        if shape != self._shape:
            self._shape, self._geometry = shape, self._geometry_of(shape)
        digests = coded.frame_digest, coded.pixel_digest
        times = item.captured_at_ns, item.monotonic_ns
        entry = Entry(Kind.FRAME, self.source, number, self._geometry, *times, *digests)
        stood = self._keep(entry, coded.stream, self._bases.delta(coded))
        if stood is Stood.WHOLE:
            self._bases.whole(number, coded)
        if stood is not Stood.REFUSED:
            self.outlet.offer(
                Frame(
                    self.source, number, self._geometry, *times, coded.header, coded.tiles, coded.tile_digests, *digests
                )
            )

    def _geometry_of(self, shape: Shape) -> int:
        known = self._shapes.get(shape)
        if known is not None:
            return known
        number = max(self.declared, default=-1) + 1
        event = geometry_declared(self.sender, self.source, number, shape, self.now_ns())
        for earlier in self.declared.values():
            if event == replace(earlier, geometry=number, epoch=event.epoch, declared_at_ns=event.declared_at_ns):
                event = replace(event, geometry=earlier.geometry)
                break
        if len(self._shapes) >= SHAPES_MAX:
            self._shapes.clear()
        self._shapes[shape] = event.geometry
        self.declared[event.geometry] = event
        self.outlet.declare(event)
        return event.geometry

    def _fail_read(self, item: Failed, number: int) -> None:
        size = item.size_bytes if item.size_bytes >= 0 else len(item.original)
        digest = item.digest or hashlib.sha256(item.original).hexdigest()
        place = self.outlet.keep_original(self.source, number, item.original)
        self._fail(item, number, Failure(item.reason, item.message, Kept(size, digest, place)))

    def _refuse(self, item: Captured | Precoded, number: int, error: BadInput, prepared: Prepared | None) -> None:
        """Refuse a frame that was read: its pixels go out only where they were masked as the profile says."""
        reason = error.reason
        if isinstance(error, BadProfile) and self._shape is not None:
            reason = RejectReason.FRAME_SIZE_CHANGED  # it fitted before
        original = item.pixels.tobytes() if isinstance(item, Captured) else item.coded.stream
        place = self.outlet.keep_original(self.source, number, original)
        kept = Kept(len(original), hashlib.sha256(original).hexdigest(), place)
        masked = prepared.pixels.tobytes() if prepared is not None else b""
        self._fail(item, number, Failure(reason, str(error), kept), masked)

    def _fail(self, item: Item, number: int, failure: Failure, masked: bytes = b"") -> None:
        digest = bytes.fromhex(failure.kept.digest)
        times = item.captured_at_ns, item.monotonic_ns
        entry = Entry(Kind.FAILED, self.source, number, self._geometry, *times, digest, NO_DIGEST)
        if self._keep(entry, write_failed(failure, masked)) is not Stood.REFUSED:
            self.outlet.owe(self.source, number)

    def _keep(self, entry: Entry, payload: bytes, delta: Delta | None = None) -> Stood:
        started = self.seconds()
        stood = self.outlet.keep(entry, payload, delta)
        metrics.JOURNAL.observe(self.seconds() - started)
        if stood is Stood.REFUSED:
            self.outlet.drop(self.source, entry.number)
        kept = "failed" if entry.kind is Kind.FAILED else "journalled"
        metrics.CAPTURED.labels("dropped" if stood is Stood.REFUSED else kept).inc()
        return stood
