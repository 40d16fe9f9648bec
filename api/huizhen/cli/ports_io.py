"""Look at the machine's loopback ports, and claim the ones we chose until we listen on them.

Between the choice of a port and the first listening on it some seconds pass. A claim keeps two of our own processes
from choosing the same one meanwhile: an abstract Unix socket named after the port, which Linux gives to one process,
keeps in the same network namespace as the port, and takes back however the process ends. Elsewhere nothing is claimed.
"""

import random
import socket
import sys

import psutil

from huizhen.cli.ports import choose


class Claims:
    """The ports this process has claimed, until it closes them or ends."""

    def __init__(self) -> None:
        self._held: dict[int, socket.socket] = {}

    def take(self, port: int) -> bool:
        """Claim a port that is free; say whether it is ours now."""
        if port in self._held or sys.platform != "linux":
            return is_free(port)
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            claim.bind(f"\0huizhen-port-{port}")
        except OSError:
            claim.close()
            return False
        if not is_free(port):
            claim.close()
            return False
        self._held[port] = claim
        return True

    def close(self) -> None:
        """Give all claims back."""
        for claim in self._held.values():
            claim.close()
        self._held.clear()


def is_free(port: int) -> bool:
    """Tell whether a loopback port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def draw(lowest: int, highest: int) -> int:
    """Draw a port at random, so that two runs at once seldom meet."""
    return random.SystemRandom().randint(lowest, highest)


def free_ports(count: int, claims: Claims | None = None) -> tuple[int, ...]:
    """Give free loopback ports; with `claims` nobody else of ours chooses them while the claims last."""
    return choose(count, claims.take if claims else is_free, draw)


def holder(port: int) -> str:
    """Name the process that listens on a port, as far as we may know."""
    try:
        listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        pid = next((c.pid for c in listening if c.laddr[1:2] == (port,) and c.pid is not None), None)
        return f"process {pid} ({psutil.Process(pid).name()})" if pid else "another process"
    except psutil.Error:
        return "another process"
