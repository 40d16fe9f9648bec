"""The records that follow from a closed frame: the frame itself, its verdict, and refused bytes. Pure."""

from dataclasses import replace
from importlib.metadata import version

from huizhen.processors.arrival import Arrived
from huizhen.processors.checks import Seen
from huizhen.processors.closed import Closed
from huizhen.processors.pressure import Told
from huizhen.processors.restore import Made
from huizhen.processors.step import Refusal
from huizhen.processors.validate import REASONS_OF_FRAMES
from huizhen.schemas.errors import BadInput, TooLarge
from huizhen.schemas.events import Command, FrameVerdict, SourceInfo
from huizhen.schemas.reasons import TileState, Verdict
from huizhen.schemas.record import FrameHead, FrameMeta, TileOrigin, frame_headers
from huizhen.schemas.rejected import Origin, Original, to_rejected
from huizhen.schemas.routing import Record, to_record
from huizhen.schemas.topics import FRAME_RECORD_MAX, Topic, name_of

PROCESSOR_VERSION = version("huizhen")
STREAM_MAX = FRAME_RECORD_MAX - (64 << 10)  # provenance of 4,096 tiles is 28 KiB


def origins_of(closed: Closed) -> tuple[TileOrigin, ...]:
    """Give where the tiles of an exact frame come from; empty where all are true."""
    if all(tile.state is TileState.TRUE for tile in closed.tiles.values()):
        return ()
    return tuple(TileOrigin(closed.tiles[tile].state, closed.tiles[tile].age) for tile in sorted(closed.tiles))


def checked_size(closed: Closed, stream: bytes) -> Closed:
    """Turn a frame whose codestream is larger than a record may be into a rejected one, named so."""
    if len(stream) <= STREAM_MAX:
        return closed
    error = TooLarge(f"frame {closed.head.frame.number}", len(stream), STREAM_MAX, "STREAM_MAX")
    return replace(closed, verdict=Verdict.REJECTED, stream=b"", tiles={}, refusal=error)


def frame_record(closed: Closed, made: Made, at_ns: int) -> Record:
    """Make the record on `frames`. `at_ns`: when the frame was closed, UTC nanoseconds since 1970."""
    meta = FrameMeta(closed.head, closed.revision, closed.verdict is Verdict.PASS, at_ns, made.origins)
    return Record(name_of(Topic.FRAMES), closed.head.frame.stream.session, made.stream, frame_headers(meta))


def behind_records(told: Told, at_ns: int) -> list[Record]:
    """Make the commands that ask the stations of a partition that is behind for fewer live frames, one per session."""
    sessions = {(stream.tenant, station, stream.session) for stream, station in told.streams}
    words = f"{told.behind_s:.1f} s behind"
    return [
        to_record(Command(tenant, station, "behind", at_ns, session, payload=words), f"behind/{session}/{at_ns}", at_ns)
        for tenant, station, session in sorted(sessions)
    ]


def verdict_record(closed: Closed, made: Made, source: SourceInfo | None, seen: Seen, at_ns: int) -> Record:
    """Make the record on `verdicts` of a closed frame and what was made of it."""
    filled = [tile for tile in made.origins if not tile.state.is_exact]
    head = closed.head
    event = replace(
        _verdict(head, closed.verdict, closed.revision, source, at_ns),
        exact=closed.verdict is Verdict.PASS,
        tiles=closed.header.tiles if closed.header else 0,
        tiles_unchanged=sum(tile.state is TileState.UNCHANGED for tile in made.origins),
        tiles_filled=len(filled),
        expected_error=max((tile.expected_error for tile in filled), default=0.0),
        bytes=len(made.stream),
        reasons=[str(closed.refusal.reason)] if closed.refusal else [],
        flags=[str(flag) for flag in seen.flags],
        mean_level=seen.mean_level,
        sharpness=seen.sharpness,
        packets_missing=list(closed.packets_missing),
        backfilled=closed.is_backfilled,
    )
    return to_record(event, f"{head.frame}/{int(head.epoch)}/v{closed.revision}", at_ns)


def refusal_records(refusal: Refusal, at_ns: int) -> list[Record]:
    """Make the records of a refused record: its bytes, and a verdict where its frame is refused for good."""
    records = [refused_record(refusal.record, refusal.error, at_ns)]
    if refusal.head is not None and is_final(refusal.error):
        event = replace(_verdict(refusal.head, Verdict.REJECTED, 0, None, at_ns), reasons=[str(refusal.error.reason)])
        records.append(to_record(event, f"{refusal.head.frame}/{int(refusal.head.epoch)}/x", at_ns))
    return records


def refused_record(record: Arrived, error: BadInput, at_ns: int) -> Record:
    """Make the record on `rejected` that keeps a refused one whole."""
    origin = Origin(record.topic, record.partition, record.offset)
    return to_rejected(error, Original(record.value, record.headers, record.key, origin), at_ns)


def is_final(error: BadInput) -> bool:
    """Say whether the frame is refused, not only this record of it."""
    return error.reason in REASONS_OF_FRAMES


def _verdict(head: FrameHead, verdict: Verdict, revision: int, source: SourceInfo | None, at_ns: int) -> FrameVerdict:
    stream = head.frame.stream
    return FrameVerdict(
        tenant=stream.tenant,
        session=stream.session,
        source=stream.source,
        number=int(head.frame.number),
        revision=revision,
        epoch=int(head.epoch),
        verdict=verdict,
        exact=False,
        key=head.key,
        captured_at_ns=head.clock.captured_at_ns,
        captured_at_cloud_ns=head.clock.captured_at_cloud_ns,
        closed_at_ns=at_ns,
        tiles=0,
        tiles_unchanged=0,
        tiles_filled=0,
        expected_error=0.0,
        bytes=0,
        profile_id=source.profile_id if source else "",
        profile_version=source.profile_version if source else 0,
        processor_version=PROCESSOR_VERSION,
    )
