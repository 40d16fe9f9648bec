"""A server's process, as faults find it: killed, frozen, and going on again."""

import signal
import subprocess

from huizhen.cli.child_io import signal_group


class Signalled:
    """Sends signals to its process and what that started."""

    killed_within_s: float
    """How long the process may take to be gone after a kill"""
    _child: "subprocess.Popen[bytes] | None" = None

    @property
    def is_running(self) -> bool:
        """Say whether its process is there."""
        return self._child is not None and self._child.poll() is None

    def kill(self) -> None:
        """Kill -9, as a crash would."""
        assert self._child is not None
        signal_group(self._child, signal.SIGKILL)
        self._child.wait(self.killed_within_s)

    def pause(self) -> None:
        """Freeze it (SIGSTOP)."""
        assert self._child is not None
        signal_group(self._child, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        assert self._child is not None
        signal_group(self._child, signal.SIGCONT)
