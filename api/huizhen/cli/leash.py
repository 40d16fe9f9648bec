"""Run a command that dies with its parent: `python leash.py PARENT_PID NICE command argument…` (standard library only).

Linux sends SIGKILL when the parent is gone (prctl PR_SET_PDEATHSIG, kept across exec). Elsewhere the command just runs.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Tie this process to its parent, then become the command."""
    parent, nice, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    os.nice(nice)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the leash was on
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606  (the caller's own command, no shell)


if __name__ == "__main__":
    main()
