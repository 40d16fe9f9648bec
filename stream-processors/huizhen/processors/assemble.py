"""Put packets together to frames, one window per source. Pure: packets go in, closed frames come out.

Closing. An open frame closes when its last packet is there (or said not to be sent), when a packet of a later frame
arrives, or when the shell says that the link is silent. Without its base a closed frame is *incomplete*: not shown, but
counted. With all tiles it *passes*, which is said only after its digest was checked; else it is to be *repaired*.

Revisions. Whatever is said of a frame in this window has a revision of its own, from 0. Late tiles that make a closed
frame better re-emit it. A frame from backfill stands alone; outside the window nobody here knows what was said before,
so it has revision 1. After a restart revisions may repeat; the rule for readers that holds whatever is replayed is
`record.supersedes`: exact beats filled, then the higher revision wins, then the first stays.

Intervals. Unchanged tiles are put back from frames since the newest key frame, by digest. Frames of one interval share
a hold (see `acks`), so that a restarted worker reads from a key frame. What a fresh window meets before its first key
frame was delivered before the restart: it is passed over unless it is exact by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from huizhen.processors.acks import Hold
from huizhen.processors.arrival import Packet
from huizhen.processors.closed import Closed
from huizhen.processors.frame import Frame, KnownTile, checked_stitch, complete_tiles, has_base
from huizhen.schemas.codestream import MainHeader
from huizhen.schemas.errors import BadCodestream, BadEnvelope, ChecksumMismatch, Refused, TooLarge
from huizhen.schemas.reasons import RejectReason, Verdict
from huizhen.schemas.record import FrameHead

LATE_FRAMES = 64  # a frame this far behind the newest waits for no more packets: it comes by backfill
REMEMBERED_FRAMES = 1024  # frames whose outcome is remembered, so that doubled packets change nothing
INTERVAL_FRAMES_MAX = 512  # a station sends a key frame at least once a second; without one tiles are let go here
INTERVAL_BYTES_MAX = 48 << 20  # the same in bytes: a second of 1.5 MB pictures at 30 a second
LENT_BYTES_MAX = 8 << 20  # intervals above do not lend tiles to late frames: those come by backfill


@dataclass(slots=True)
class Window:
    """The frames of one source that may still change, and what is needed to understand the next ones."""

    epoch: int = -1
    newest: int = -1
    floor: int = 0
    """Frames below are forgotten"""
    interval: Hold = field(default_factory=Hold)
    interval_frames: int = 0
    interval_bytes: int = 0
    has_key: bool = False
    """Whether a key frame was seen"""
    frames: dict[int, Frame] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    lacking: set[int] = field(default_factory=set)
    """Closed frames that may still become better"""

    def take(self, packet: Packet) -> tuple[Hold, list[Closed]]:
        """Take a packet; return its hold and the frames that closed by it. Raises BadInput, having changed nothing."""
        if packet.is_backfill:
            return self._take_backfill(packet)
        frame = self._find(packet)
        if frame is not None and (frame.knows(packet) or frame.is_exact):
            return frame.hold, []
        if frame is not None and frame.is_stripped:
            raise Refused(RejectReason.LATE_BEYOND_WINDOW, f"frame {packet.number} waits for no more packets")
        if frame is None:
            closed = self._advance(packet.meta.head)
            frame = self._open(packet.meta.head)
            frame.add(packet)
        else:
            frame.add(packet)
            closed = []
        self.interval_bytes += len(packet.record.value)
        if not frame.is_open:
            closed += self._improve([packet.number])
        elif packet.number < self.newest or frame.has_all(packet.meta.count):
            closed += self._close(frame)
        return frame.hold, closed + self._improve_after(packet.number)

    def close_open(self) -> list[Closed]:
        """Close what is open: the link is silent."""
        return [closed for number in sorted(self.open) for closed in self._close(self.frames[number])]

    def release(self) -> None:
        """Hold nothing back any longer: the source is silent or sealed."""
        self.interval.kept = False

    def _find(self, packet: Packet) -> Frame | None:
        """Find the packet's frame; raises Refused where it is of the past or of another frame with its number."""
        head, number = packet.meta.head, packet.number
        if head.epoch < self.epoch:
            raise Refused(RejectReason.STALE_EPOCH, f"epoch {head.epoch} is over, {self.epoch} sends now")
        if head.epoch > self.epoch:
            return None
        frame = self.frames.get(number)
        if frame is None:
            if number < max(self.floor, self.newest - LATE_FRAMES):
                raise Refused(RejectReason.LATE_BEYOND_WINDOW, f"frame {number} is behind {self.newest} too far")
        elif not _is_same(frame.head, head):
            raise Refused(RejectReason.CONFLICTING_DUPLICATE, f"frame {number} came before with other digests")
        return frame

    def _advance(self, head: FrameHead) -> list[Closed]:
        """Let a later frame's packet close earlier ones, and a key frame begin an interval."""
        number = int(head.frame.number)
        closed: list[Closed] = []
        if head.epoch > self.epoch:
            closed = self.close_open()
            self._restart(int(head.epoch))
        if number > self.newest:
            closed += self.close_open()
            if head.key or self.interval_frames >= INTERVAL_FRAMES_MAX or self.interval_bytes > INTERVAL_BYTES_MAX:
                self._begin_interval(number, head.key)
            self.newest = number
        return closed

    def _restart(self, epoch: int) -> None:
        self.release()
        self.epoch, self.newest, self.floor, self.has_key = epoch, -1, 0, False
        self.interval, self.interval_frames, self.interval_bytes = Hold(), 0, 0
        self.frames.clear()
        self.lacking.clear()

    def _begin_interval(self, number: int, is_key: bool) -> None:
        self.release()
        self.has_key |= is_key
        self._strip(number)
        self.interval, self.interval_frames, self.interval_bytes = Hold(kept=is_key), 0, 0
        while len(self.frames) > REMEMBERED_FRAMES:
            old = next(iter(self.frames))
            del self.frames[old]
            self.lacking.discard(old)
            self.floor = max(self.floor, old + 1)

    def _strip(self, number: int) -> None:
        """Let go the tiles of exact frames, but of the last interval and where a frame still waits for packets."""
        self.lacking = {old for old in self.lacking if old >= number - LATE_FRAMES}
        needed = {id(hold) for hold in (self.interval, *(self.frames[old].hold for old in self.lacking))}
        if self.interval_bytes > LENT_BYTES_MAX:
            needed = set()
        for old, frame in self.frames.items():
            if old not in self.lacking and not frame.is_stripped and id(frame.hold) not in needed:
                frame.strip()

    def _open(self, head: FrameHead) -> Frame:
        frame = Frame(head, self.interval, is_before_key=not self.has_key)
        frame.hold.owe()
        self.frames[frame.number] = frame
        self.open.add(frame.number)
        self.interval_frames += 1
        return frame

    def _close(self, frame: Frame) -> list[Closed]:
        frame.is_open = False
        self.open.discard(frame.number)
        said = self._say(frame)
        if said is None:
            frame.hold.pay()
        return [said] if said else []

    def _improve_after(self, number: int) -> list[Closed]:
        """Say again what became better because frame `number` lent a tile."""
        if number >= self.newest or not self.lacking:
            return []
        return self._improve(sorted(later for later in self.lacking if self.frames[later].lacks_from(number)))

    def _improve(self, numbers: Iterable[int]) -> list[Closed]:
        closed: list[Closed] = []
        for number in numbers:
            said = self._say(self.frames[number])
            if said is not None:
                said.hold.owe()
                closed.append(said)
        return closed

    def _say(self, frame: Frame) -> Closed | None:
        """Judge a closed frame; None where nothing is better than what was said before, or it is not ours to say."""
        frame.borrow(self.frames.get)
        header, tiles = frame.header, frame.tiles()
        complete = complete_tiles(header, tiles) if header else 0
        if header is not None and complete == header.tiles:
            self.lacking.discard(frame.number)
            return _say_complete(frame, header, tiles)
        self.lacking.add(frame.number)
        frame.records.clear()
        is_shown = header is not None and has_base(header, tiles)
        if frame.is_before_key or (frame.revision and (not is_shown or complete <= frame.shown)):
            return None
        frame.shown = complete if is_shown else -1
        return _closed(frame, Verdict.REPAIRED if is_shown else Verdict.INCOMPLETE, tiles)

    def _take_backfill(self, packet: Packet) -> tuple[Hold, list[Closed]]:
        """Take a whole frame that was sent late: it stands alone and neither closes nor begins anything."""
        whole, header = _whole(packet)
        frame = self.frames.get(packet.number)
        if frame is not None and frame.head.epoch != packet.meta.head.epoch:
            frame = None
        if frame is not None and not _is_same(frame.head, packet.meta.head):
            raise Refused(RejectReason.CONFLICTING_DUPLICATE, f"frame {packet.number} came before with other digests")
        if frame is not None and frame.is_exact:
            return whole.hold, []
        whole.revision = frame.revision if frame else 1
        whole.hold.owe()
        said = _say_complete(whole, header, whole.tiles())
        if frame is None:
            return whole.hold, [said]
        frame.revision = whole.revision
        return whole.hold, [said, *self._adopt(frame, whole)]

    def _adopt(self, frame: Frame, whole: Frame) -> list[Closed]:
        """Let a frame of the window be the whole one, where that was found exact."""
        if not whole.is_exact:
            return []
        if frame.is_open:
            frame.is_open = False
            self.open.discard(frame.number)
            frame.hold.pay()
        frame.adopt(whole)
        self.lacking.discard(frame.number)
        return self._improve_after(frame.number)


def _say_complete(frame: Frame, header: MainHeader, tiles: dict[int, KnownTile]) -> Closed:
    try:
        stream = checked_stitch(frame.head, header, tiles)
    except ChecksumMismatch as error:
        said = _closed(frame, Verdict.REJECTED, {}, refusal=error)
        frame.refuse()
        return said
    frame.is_exact = True
    frame.records.clear()
    return _closed(frame, Verdict.PASS, tiles, stream)


def _closed(
    frame: Frame,
    verdict: Verdict,
    tiles: dict[int, KnownTile],
    stream: bytes = b"",
    refusal: ChecksumMismatch | None = None,
) -> Closed:
    revision, frame.revision = frame.revision, frame.revision + 1
    missing = () if stream else frame.missing()
    records = tuple(frame.records) if refusal else ()
    return Closed(
        frame.head, frame.hold, verdict, revision, frame.header, tiles, stream, missing, frame.is_backfilled, refusal,
        records,
    )  # fmt: skip


def _whole(packet: Packet) -> tuple[Frame, MainHeader]:
    if packet.body is None:
        raise BadEnvelope("a notice of what was not sent has no place on backfill")
    if packet.meta.count != 1:
        raise TooLarge("records of a backfilled frame", packet.meta.count, 1, "one record of 15 MiB")
    header = packet.body.header
    if packet.body.unchanged or len(packet.body.parts) != header.tiles * header.parts:
        raise BadCodestream("a backfilled frame must carry all its tiles")
    whole = Frame(packet.meta.head, Hold(), is_open=False, is_backfilled=True)
    whole.add(packet)
    return whole, header


def _is_same(one: FrameHead, other: FrameHead) -> bool:
    return (one.frame_digest, one.pixel_digest, one.geometry) == (
        other.frame_digest,
        other.pixel_digest,
        other.geometry,
    )
