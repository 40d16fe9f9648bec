"""A real X server without a screen (Xvfb), whose picture the test paints through its frame buffer file."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

XWD_HEADER_WORDS = 25  # X11/XWDFile.h: big endian words, then window name and colour table
COLOUR_BYTES = 12
READY_S = 30.0


class Display:
    """Start and kill one X server of the given size, on a free display."""

    def __init__(self, folder: Path, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._folder = folder
        reading, writing = os.pipe()
        self._server = subprocess.Popen(
            [
                shutil.which("Xvfb") or "Xvfb",
                "-displayfd",
                str(writing),
                "-screen",
                "0",
                f"{columns}x{rows}x24",
                "-fbdir",
                str(folder),
                "-nolisten",
                "tcp",
                "-noreset",
            ],
            pass_fds=[writing],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading, "rb") as numbers:
            number = numbers.readline().strip().decode()  # ends when the server is ready, or gone
        assert number, "Xvfb did not start"
        self.name = f":{number}"

    def paint(self, pixels: NDArray[np.uint8]) -> None:
        """Show (rows, columns, 3) of RGB."""
        path = self._folder / "Xvfb_screen0"
        header = np.fromfile(path, ">u4", XWD_HEADER_WORDS)
        header_bytes, line_bytes, colours = int(header[0]), int(header[12]), int(header[19])
        screen = np.memmap(path, np.uint8, "r+", header_bytes + colours * COLOUR_BYTES, (self.rows, line_bytes))
        bgrx = screen[:, : 4 * self.columns].reshape(self.rows, self.columns, 4)
        bgrx[..., :3] = pixels[..., ::-1]
        screen.flush()

    def resize(self, columns: int, rows: int) -> None:
        """Change the size of the desktop, up to the first one; the only monitor is switched off by it."""
        tool = shutil.which("xrandr") or "xrandr"
        command = [tool, "-d", self.name, "--fb", f"{columns}x{rows}"]
        # it complains that the monitor does not fit, and resizes all the same
        subprocess.run(command, capture_output=True, timeout=READY_S, check=False)

    def stop(self) -> None:
        """Kill it, as a desktop that crashes."""
        self._server.kill()
        self._server.wait(READY_S)
