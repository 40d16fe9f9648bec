"""Stations that only a benchmark needs: a full-HD screen of which a tenth changes, and streams coded beforehand.

`python benchmarks/stations.py screen SESSION FRAMES` · `python benchmarks/stations.py coded SESSION FRAMES FILE GATE`

In life stations are other machines, and run already: what they spend to begin must not weigh on the others. So a
coded one says in the folder GATE that it is ready, and begins when a file `go` stands there.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from huizhen.producers.main import run
from huizhen.producers.options import Options
from huizhen.producers.source import Captured, Description, Failed, Geometry
from huizhen.schemas import logs
from huizhen.schemas.bundled import bundled
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.ids import SessionId, SourceId
from huizhen.schemas.profile import parse_profile
from huizhen.schemas.settings import Settings

RATE_HZ = 15.0
GATE_S = 60.0
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7.4"
CHANGING = (256, 640, 512, 1024)
"""Rows and columns in which the screen plays an ultrasound: 2 × 3 = 6 … 10 of 135 tiles"""


class Screen:
    """A 1920×1080 desktop: still graphics, and a real ultrasound playing in a window."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._open = True
        rows, columns = np.mgrid[0:1080, 0:1920]
        self._desk = np.dstack(
            [(rows // 8 * 8) % 256, (columns // 16 * 16) % 256, (rows // 40 + columns // 40) * 9 % 256]
        )
        self._desk = self._desk.astype(np.uint8)
        self._loop = _window_frames()
        self.description = Description("screen", "OT", SECONDARY_CAPTURE, RATE_HZ)

    def frames(self) -> Iterator[Captured | Failed]:
        """Yield frames at 15 a second."""
        geometry = Geometry(PixelFormat(1080, 1920, 3, 8, 0), "RGB")
        top, left, bottom, right = CHANGING
        begin = time.monotonic()
        for number in range(self._frames):
            time.sleep(max(0.0, begin + number / RATE_HZ - time.monotonic()))
            if not self._open:
                return
            pixels = self._desk.copy()
            pixels[top:bottom, left:right] = self._loop[number % len(self._loop)]
            yield Captured(pixels, geometry, time.time_ns(), time.monotonic_ns())

    def close(self) -> None:
        """End."""
        self._open = False


def _window_frames() -> list[np.ndarray]:
    import imagecodecs
    from pydicom import dcmread
    from pydicom.encaps import generate_frames

    from huizhen.cli.demo import exam_file

    data = dcmread(exam_file())
    top, left, bottom, right = CHANGING
    frames = (imagecodecs.jpeg_decode(frame) for frame in generate_frames(data.PixelData, number_of_frames=120))
    return [np.asarray(frame)[: bottom - top, : right - left] for _, frame in zip(range(40), frames, strict=False)]


def wait_at(gate: Path, name: str) -> None:
    """Say that all is ready, and wait to be let go; for a minute at most."""
    (gate / f"ready-{name}").touch()
    until_s = time.monotonic() + GATE_S
    while not (gate / "go").exists():
        if time.monotonic() > until_s:
            raise TimeoutError(f"nobody opened the gate {gate}")
        time.sleep(0.05)


def main(kind: str, session: str, frames: str, file: str = "", gate: str = "") -> int:
    """Run one station until its frames are out."""
    settings = Settings()
    logs.configure("bench-station", "warning")
    profile_name = "screen" if kind == "screen" else "generic"
    text = bundled(f"profiles/{profile_name}.toml").read_text("utf-8")
    profile = parse_profile(text, profile_name)
    options = Options(SessionId(session), profile, SourceId(kind), frames=int(frames))
    if kind == "screen":
        return run(settings, Screen(int(frames)), options)
    from huizhen.producers.replay_coded import replay

    return replay(settings, Path(file), options, ready=lambda: wait_at(Path(gate), session))


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
