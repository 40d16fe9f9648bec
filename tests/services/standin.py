"""A stand-in for a part: answers `/healthz` on the port in its first argument until it is told to end."""

import signal
import sys
import threading

from huizhen.schemas.health_io import HealthServer


def main() -> None:
    """Serve until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    server = HealthServer("127.0.0.1", int(sys.argv[1]), lambda: {"standin": "ok"})
    stop.wait()
    server.close()


if __name__ == "__main__":
    main()
