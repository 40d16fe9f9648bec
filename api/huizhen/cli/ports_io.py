"""Look at the machine's loopback ports."""

import random
import socket

import psutil

from huizhen.cli.ports import choose


def is_free(port: int) -> bool:
    """Tell whether a loopback port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> tuple[int, ...]:
    """Give free loopback ports, drawn at random so that two runs at once seldom meet."""
    return choose(count, is_free, random.SystemRandom().randint)


def holder(port: int) -> str:
    """Name the process that listens on a port, as far as we may know."""
    try:
        listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
        pid = next((c.pid for c in listening if c.laddr[1:2] == (port,) and c.pid is not None), None)
        return f"process {pid} ({psutil.Process(pid).name()})" if pid else "another process"
    except psutil.Error:
        return "another process"
