"""A real RTSP camera for tests: GStreamer's server in a process of its own."""

import socket
import subprocess
from pathlib import Path

from huizhen.cli.child_io import spawn, stop
from huizhen.cli.ports_io import free_ports
from huizhen.schemas.errors import Unavailable
from tests.services.ports import CLAIMS
from tests.services.waiting import wait_until_it_serves

START_S = 30.0
SYSTEM_PYTHON = "/usr/bin/python3"  # its gi bindings are Debian's
BALL = (
    "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=320,height=240,framerate=25/1 "
    "! jpegenc ! rtpjpegpay name=pay0 pt=26"
)


def h264_file(path: Path) -> str:
    """Pipeline that plays a raw H.264 file once, at its own rate."""
    return f"filesrc location={path} ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 config-interval=-1"


class RtspServer:
    """Start, kill and stop one server; its port stays the same."""

    def __init__(self, folder: Path, launch: str) -> None:
        (self.port,) = free_ports(1, CLAIMS)
        self._log = folder / "rtsp.log"
        self._launch = launch
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where the camera is."""
        return f"rtsp://127.0.0.1:{self.port}/live"

    def start(self) -> "RtspServer":
        """Start it and wait until it listens."""
        script = Path(__file__).with_name("rtsp_server.py")
        self._child = spawn([SYSTEM_PYTHON, str(script), str(self.port), self._launch], self._log)
        wait_until_it_serves(self._listens, self._child, self._log, START_S)
        return self

    def _listens(self) -> None:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            raise Unavailable("the RTSP server", 1.0) from None

    def stop(self) -> None:
        """Kill it, as a cable that is pulled."""
        if self._child is not None:
            stop(self._child, 0.0)
            self._child = None
