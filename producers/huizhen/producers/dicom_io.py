"""Replay DICOM files as if their device stood here: at their own pace, decoded in a child process.

A folder is one series: its files in order of InstanceNumber, then of name. Files that are not DICOM are passed over;
a DICOM file that cannot be read becomes a Failed frame after the others, so that it is counted and kept.
"""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from huizhen.producers.cadence import Cadence, Instant
from huizhen.producers.clock_io import SystemClock
from huizhen.producers.decode_wire import Refusal, Request, Summary, refusal_for
from huizhen.producers.dicom_child_io import DecodeChild, Fault
from huizhen.producers.dicom_file import PREAMBLE_BYTES
from huizhen.producers.dicom_timing import SERIES_RATE_HZ, Timing, steady
from huizhen.producers.source import Captured, Description, Failed
from huizhen.schemas.errors import BadInput, Refused, TooLarge, Unavailable
from huizhen.schemas.reasons import RejectReason
from huizhen.schemas.rejected import ORIGINAL_MAX

FILES_MAX = 100_000  # files of one folder: the frames one source may have


@dataclass(frozen=True, slots=True)
class Clip:
    """A file to replay."""

    path: Path
    frames: int
    timing: Timing


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A DICOM file of the folder that is refused."""

    path: Path
    refusal: Refusal


class DicomReplay:
    """A Source that replays clips; made by `open_dicom`."""

    def __init__(
        self,
        description: Description,
        clips: list[Clip],
        unreadable: list[Unreadable],
        child: DecodeChild,
        *,
        loop: bool,
        allow_deflated: bool,
    ) -> None:
        self._description = description
        self._clips = clips
        self._unreadable = unreadable
        self._child = child
        self._loop = loop
        self._allow_deflated = allow_deflated
        self._clock = SystemClock()
        self._is_running = False

    @property
    def description(self) -> Description:
        """What the source is."""
        return self._description

    def close(self) -> None:
        """End the replay, from any thread; the child ends with frames(), or now where they were never asked for."""
        self._clock.close()
        if not self._is_running:
            self._child.close()

    def frames(self) -> Iterator[Captured | Failed]:
        """Yield frames when they are due; the next one is being decoded meanwhile."""
        self._is_running = True
        try:
            yield from self._paced()
            yield from self._failures()
        finally:
            self._child.close()

    def _paced(self) -> Iterator[Captured | Failed]:
        if self._clock.is_closed:
            return
        cadence: Cadence | None = None  # begins when the first frame is decoded
        wanted = self._wanted()
        request, offset_ns = next(wanted)
        self._child.ask(request)
        for following in itertools.chain(wanted, [None]):
            answer = self._child.frame()
            if following is not None:
                self._child.ask(following[0])
            cadence = cadence or Cadence(self._clock.now().monotonic_ns)
            if not self._clock.wait_until(cadence.due_ns(offset_ns)):
                return
            now = self._clock.now()
            if isinstance(answer, Fault):
                yield _failed(answer, now)
            else:
                yield Captured(answer.pixels, answer.geometry, now.utc_ns, now.monotonic_ns)
            cadence = cadence.after(offset_ns, now.monotonic_ns)
            if following is not None:
                offset_ns = following[1]

    def _wanted(self) -> Iterator[tuple[Request, int]]:
        base_ns = 0
        for _ in itertools.count() if self._loop else range(1):
            for clip in self._clips:
                for index, offset_ns in enumerate(clip.timing.offsets_ns):
                    yield Request(str(clip.path), index, self._allow_deflated), base_ns + offset_ns
                base_ns += clip.timing.pass_ns

    def _failures(self) -> Iterator[Failed]:
        for unreadable in self._unreadable:
            if self._clock.is_closed:
                return
            with unreadable.path.open("rb") as stream:
                original = stream.read(ORIGINAL_MAX)
                stream.seek(0)
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                size = stream.tell()
            failed = _failed(Fault(unreadable.refusal, original), self._clock.now())
            yield replace(failed, size_bytes=size, digest=digest)


def _failed(fault: Fault, now: Instant) -> Failed:
    refusal = fault.refusal
    return Failed(
        fault.original[:ORIGINAL_MAX],
        refusal.reason,
        refusal.message,
        now.utc_ns,
        now.monotonic_ns,
        len(fault.original),
        hashlib.sha256(fault.original).hexdigest(),
    )


def is_dicom(path: Path) -> bool:
    """Say whether a file begins as PS3.10 files do."""
    with path.open("rb") as stream:
        return stream.read(PREAMBLE_BYTES + 4)[PREAMBLE_BYTES:] == b"DICM"


def open_dicom(
    path: Path, rate_hz: float | None = None, loop: bool = False, allow_deflated: bool = False, series: str = ""
) -> DicomReplay:
    """Open a DICOM file, or a folder with one series, for replay.

    `rate_hz` overrides the file's own pace. `series` chooses a SeriesInstanceUID where a folder holds several.
    Refused or TooLarge says why a file is not replayed, Unavailable that it cannot be opened at all.
    """
    child = DecodeChild()
    try:
        summaries, unreadable = _survey(_files(path), child, allow_deflated, is_folder=path.is_dir())
        chosen = _one_series(summaries, series)
        clips = [Clip(file, summary.frames, _timing(summary, rate_hz)) for file, summary in chosen]
    except BaseException:
        child.close()
        raise
    return DicomReplay(
        _description([summary for _, summary in chosen], clips),
        clips,
        unreadable,
        child,
        loop=loop,
        allow_deflated=allow_deflated,
    )


def _description(summaries: list[Summary], clips: list[Clip]) -> Description:
    """Describe the series as its first file does, and as free of burned-in text only where every file says so."""
    said = {summary.description.burned_in_annotation for summary in summaries}
    burned_in = "YES" if "YES" in said else min(said)
    frames, pass_ns = sum(clip.frames for clip in clips), sum(clip.timing.pass_ns for clip in clips)
    rate_hz = round(frames * 1e9 / pass_ns, 3)
    return replace(summaries[0].description, rate_hz=rate_hz, burned_in_annotation=burned_in)


def _timing(summary: Summary, rate_hz: float | None) -> Timing:
    if rate_hz is not None:
        return steady(summary.frames, rate_hz)
    if summary.offsets_ns:
        return Timing(summary.offsets_ns, summary.pass_ns)
    return steady(summary.frames, SERIES_RATE_HZ)


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise Unavailable(f"the source {path.name!r}: there is no such file or folder", 1.0)
    if not path.is_dir():
        return [path]
    files = [file for file in itertools.islice(sorted(path.rglob("*")), FILES_MAX + 1) if file.is_file()]
    if len(files) > FILES_MAX:
        raise TooLarge("files of the folder", len(files), FILES_MAX, "FILES_MAX")
    return [file for file in files if file.name != "DICOMDIR" and is_dicom(file)]


def _survey(
    files: list[Path], child: DecodeChild, allow_deflated: bool, is_folder: bool
) -> tuple[list[tuple[Path, Summary]], list[Unreadable]]:
    summaries: list[tuple[Path, Summary]] = []
    unreadable: list[Unreadable] = []
    for file in files:
        child.ask(Request(str(file), -1, allow_deflated))
        try:
            summaries.append((file, child.summary()))
        except BadInput as error:
            if not is_folder:
                raise
            unreadable.append(Unreadable(file, refusal_for(error)))
    if not summaries:
        why = f"; the first is refused: {unreadable[0].refusal.message}" if unreadable else ""
        raise Refused(RejectReason.BAD_DICOM, f"the folder holds no DICOM image{why}")
    return summaries, unreadable


def _one_series(summaries: list[tuple[Path, Summary]], series: str) -> list[tuple[Path, Summary]]:
    found = sorted({summary.series_instance_uid for _, summary in summaries})
    if series:
        summaries = [pair for pair in summaries if pair[1].series_instance_uid == series]
        if not summaries:
            raise Refused(RejectReason.BAD_DICOM, f"the folder holds {len(found)} series, and not the one wanted")
    elif len(found) > 1:
        raise Refused(
            RejectReason.BAD_DICOM,
            f"the folder holds {len(found)} series: name one by `series`: {', '.join(found[:8])}",
        )
    return sorted(summaries, key=lambda pair: (pair[1].instance_number, str(pair[0])))
