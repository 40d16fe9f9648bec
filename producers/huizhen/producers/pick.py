"""Choose the source a location names.

/exams/clip.dcm, /exams/series     a DICOM file, or a folder with one series
/exams/clip.mp4                    a video file
rtsp://camera/stream               an RTSP camera (rtsps:// too)
v4l2:///dev/video0?size=1280x720   a Video4Linux device
screen:, screen:0                  the first monitor; 0 is the whole desktop
phantom:?rows=512&columns=512&frames=300&seed=1
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from huizhen.producers.source import Source
from huizhen.schemas.errors import Refused, Unavailable, shown
from huizhen.schemas.reasons import RejectReason


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How a source is opened; each kind takes what concerns it."""

    rate_hz: float | None = None
    """Pace of a replay, phantom or screen, wish to a device; None: its own"""
    loop: bool = False
    """Start a file again at its end"""
    allow_deflated: bool = False
    """Read deflated DICOM files"""
    series: str = ""
    """SeriesInstanceUID wanted of a folder that holds several"""
    reconnect: bool = False
    """Open a lost camera again, with growing pauses, instead of raising Unavailable"""


DEFAULTS = SourceOptions()


def open_source(location: str, options: SourceOptions = DEFAULTS) -> Source:
    """Open the source at `location`.

    BadInput (Refused, TooLarge) says why what is there is not taken, Unavailable that nothing is there.
    """
    scheme = location.partition(":")[0].lower() if ":" in location else ""
    # each library is loaded by the source that needs it
    if scheme in ("rtsp", "rtsps"):
        from huizhen.producers.camera_io import open_rtsp

        return open_rtsp(location, options.reconnect)
    if scheme == "v4l2":
        from huizhen.producers.camera_io import open_v4l2

        values = _query(location, {"size"})
        return open_v4l2(urlsplit(location).path, options.rate_hz, values.get("size", ""), options.reconnect)
    if scheme == "screen":
        from huizhen.producers.screen_io import Screen

        return Screen(_number("screen", location.partition(":")[2] or "1"), options.rate_hz)
    if scheme == "phantom":
        return _phantom(location, options)
    return _file(Path(location), options)


def _phantom(location: str, options: SourceOptions) -> Source:
    from huizhen.producers.phantom_io import PhantomSource

    given = _query(location, {"rows", "columns", "frames", "seed"})
    wanted = {"rows": "512", "columns": "512", "frames": "0", "seed": "1"} | given
    numbers = {name: _number(name, text) for name, text in wanted.items()}
    return PhantomSource(**numbers, rate_hz=options.rate_hz)


def _file(path: Path, options: SourceOptions) -> Source:
    from huizhen.producers.dicom_io import is_dicom, open_dicom
    from huizhen.producers.video_file_io import SUFFIXES, open_video_file

    if not path.exists():
        raise Unavailable(f"the source {path.name!r} (no such file or folder)")
    try:
        if path.suffix.lower() in SUFFIXES and path.is_file() and not is_dicom(path):
            return open_video_file(path, options.rate_hz, options.loop)
        return open_dicom(path, options.rate_hz, options.loop, options.allow_deflated, options.series)
    except OSError as error:
        raise Unavailable(f"the source {path.name!r} ({error.strerror})") from None


def _query(location: str, known: set[str]) -> dict[str, str]:
    values = dict(parse_qsl(urlsplit(location).query, keep_blank_values=True))
    unknown = sorted(set(values) - known)
    if unknown:
        what = f"{shown(unknown[0])} is no option of this source: known are {', '.join(sorted(known))}"
        raise Refused(RejectReason.POLICY, what)
    return values


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refused(RejectReason.POLICY, f"{name} is {shown(text)}, it must be a whole number")
    return int(text)
