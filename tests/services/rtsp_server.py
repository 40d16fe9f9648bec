"""An RTSP server by GStreamer, run with the system's Python: `/usr/bin/python3 rtsp_server.py PORT LAUNCH`.

It serves one mount, /live, on 127.0.0.1. LAUNCH is a GStreamer pipeline whose payloader is called pay0.
"""

import sys

import gi  # type: ignore[import-not-found]  # Debian's, for the system's Python

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402


def main(port: str, launch: str) -> None:
    """Serve until killed."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(f"( {launch} )")
    factory.set_shared(True)
    server.get_mount_points().add_factory("/live", factory)
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:3])
