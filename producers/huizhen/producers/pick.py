"""Choose the source a location names."""

from dataclasses import dataclass
from pathlib import Path

from huizhen.producers.source import Source


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How a source is opened; each kind takes what concerns it."""

    rate_hz: float | None = None
    """Pace of a replay, phantom or screen; None: its own"""
    loop: bool = False
    """Start a file again at its end"""
    allow_deflated: bool = False
    """Read deflated DICOM files"""
    series: str = ""
    """SeriesInstanceUID wanted of a folder that holds several"""
    reconnect: bool = False
    """Open a lost stream again, with growing pauses, instead of ending"""


def open_source(location: str, options: SourceOptions = SourceOptions()) -> Source:
    """Open the source at `location`: a DICOM file or folder.

    BadInput says why its content is refused, Unavailable that it is not there.
    """
    from huizhen.producers.dicom_io import open_dicom

    return open_dicom(Path(location), options.rate_hz, options.loop, options.allow_deflated, options.series)
