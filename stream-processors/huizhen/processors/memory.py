"""Memory as glibc hands it out: few arenas, and free pages go back. Other libraries have no such calls, or no need."""

import ctypes
from contextlib import suppress

M_ARENA_MAX = -8  # of malloc.h
ARENAS = 2


def share_arenas() -> None:
    """Let all threads share few arenas: glibc gives each its own, which kept 40 MB of a backlog for nothing."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Return free pages between frames to the system: frames of 97 KB leave 25 MB of holes at eight streams."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
