"""Hold the decoding child: start it, ask it, and end and replace it when it dies or is late."""

import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huizhen.producers.decode_answers import load_geometry, load_pixels, load_refusal, load_summary
from huizhen.producers.decode_wire import (
    REPLY,
    REQUEST,
    Kind,
    Refusal,
    Request,
    Summary,
    dump,
    refusal_for,
    reply_sizes,
)
from huizhen.producers.source import Geometry
from huizhen.schemas.errors import BadInput, Bug, Refused, Unavailable
from huizhen.schemas.reasons import RejectReason

WALL_S = 10.0  # the kernel ends the child after 1 s (5 s when opening) of processor time; this is for a stuck disk
START_WALL_S = 30.0  # first answer of a new child: about 1 s of imports on a quiet machine
PIPE_BYTES = 1 << 20  # a decoded frame waits in the pipe while the engine codes the last one
END_WAIT_S = 2.0
CHILD_ENVIRONMENT = {  # nothing of ours is inherited, secrets least of all
    "OMP_NUM_THREADS": "1",  # a thread's stack counts towards the memory limit
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),  # large frames go back to the system at once
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded frame."""

    geometry: Geometry
    pixels: NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Fault:
    """A frame that could not be decoded, and its coded bytes."""

    refusal: Refusal
    original: bytes


class ChildDied(Exception):
    """The child ended instead of answering: an event between functions of this module."""

    def __init__(self, why: str, original: bytes) -> None:
        super().__init__(why)
        self.why = why
        self.original = original


class DecodeChild:
    """Asks a child for summaries and frames; one question may be under way while the caller works."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._is_new = True
        self._last: tuple[bytes, Geometry] | None = None

    @property
    def pid(self) -> int | None:
        """Process id, while there is one."""
        return None if self._process is None else self._process.pid

    def ask(self, request: Request) -> None:
        """Send a request without waiting; a dead child is replaced first."""
        pipe = self._running().stdin
        text = dump(request)
        if pipe is None:
            raise Bug("the decoding process has no standard input")
        try:
            pipe.write(REQUEST.pack(len(text)) + text)
        except BrokenPipeError:
            self.close()  # the answer will be missed, which says why

    def summary(self) -> Summary:
        """Take the answer to a description asked for; Refused or TooLarge where the file is refused."""
        try:
            kind, header, _payload = self._take(b"")
        except ChildDied as died:
            raise Refused(RejectReason.BAD_DICOM, died.why) from None
        if kind is Kind.REFUSED:
            refusal = load_refusal(header)
            raise Refused(refusal.reason, refusal.message)
        return load_summary(header)

    def frame(self) -> Picture | Fault:
        """Take the answer to a frame asked for."""
        original = b""
        try:
            kind, header, payload = self._take(b"")
            if kind is Kind.ORIGINAL:
                original = payload.tobytes()
                kind, header, payload = self._take(original)
            if kind is Kind.REFUSED:
                return Fault(load_refusal(header), original)
            geometry = self._geometry(header)
            return Picture(geometry, load_pixels(geometry, payload))
        except ChildDied as died:
            return Fault(Refusal(RejectReason.BAD_DICOM, died.why), died.original)
        except BadInput as error:
            self.close()
            return Fault(refusal_for(error), original)

    def close(self) -> None:
        """End the child."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait(END_WAIT_S)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-m", "huizhen.producers.dicom_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # tracebacks may quote the file
                env=CHILD_ENVIRONMENT,
                bufsize=0,
            )
        except OSError as error:
            raise Unavailable(f"the decoding process ({error.strerror})", 1.0) from None
        self._is_new, self._last = True, None
        if sys.platform == "linux" and self._process.stdout is not None:
            fcntl.fcntl(self._process.stdout, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return self._process

    def _take(self, original: bytes) -> tuple[Kind, bytes, NDArray[np.uint8]]:
        if self._process is None or self._process.stdout is None:
            raise ChildDied("the decoding process ended", original)
        deadline = time.monotonic() + (START_WALL_S if self._is_new else WALL_S)
        pipe = self._process.stdout.fileno()
        try:
            kind, header_bytes, payload_bytes = reply_sizes(_read(pipe, REPLY.size, deadline).tobytes())
            header = _read(pipe, header_bytes, deadline).tobytes()
            payload = _read(pipe, payload_bytes, deadline)
        except TimeoutError:
            self.close()
            raise ChildDied(f"no answer within {WALL_S:g} s", original) from None
        except EOFError:
            raise ChildDied(self._why(), original) from None
        self._is_new = False
        return kind, header, payload

    def _why(self) -> str:
        process, self._process = self._process, None
        if process is None:
            return "the decoding process ended"
        try:
            code = process.wait(END_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait(END_WAIT_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if code == -signal.SIGPROF:
            return "decoding takes longer than 1 s (FRAME_CPU_S)"
        return f"the decoder broke down (exit code {code})"

    def _geometry(self, header: bytes) -> Geometry:
        if self._last is None or self._last[0] != header:
            self._last = (header, load_geometry(header))
        return self._last[1]


def _read(pipe: int, count: int, deadline: float) -> NDArray[np.uint8]:
    out = np.empty(count, np.uint8)
    view, got = out.data, 0
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while got < count:
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
        read = os.readv(pipe, [view[got:]])
        if read == 0:
            raise EOFError
        got += read
    return out
