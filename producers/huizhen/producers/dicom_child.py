"""The process that meets hostile DICOM files: parses and decodes them, limited in memory and time.

It is started by `dicom_child_io` as `python -m huizhen.producers.dicom_child`, reads requests from standard input and
answers on standard output (decode_wire). Limits are set before anything is imported, and the kernel enforces them:
RLIMIT_DATA counts every private writable page; ITIMER_PROF counts processor time and its signal ends the process.
"""

import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from huizhen.producers.decode_wire import Request
    from huizhen.producers.dicom_reader import Reader

MEMORY_MAX_BYTES = 256 << 20
FRAME_CPU_S = 1.0
OPEN_CPU_S = 5.0  # parsing a file, and skipping to a frame after a restart


def limit_process() -> None:
    """Bound memory; allow neither core dumps (they hold patient data) nor written files."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def allow_cpu(seconds: float) -> None:
    """Let this process use so much more processor time; 0 takes the limit away."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def main() -> int:
    """Answer until standard input ends."""
    limit_process()
    requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    sys.stdout.close()
    serve(requests, replies)
    return 0


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Read requests and write replies; here every error of pydicom and the codecs becomes a refusal."""
    import logging
    import warnings

    from huizhen.producers.decode_wire import REQUEST, Kind, load_request
    from huizhen.producers.dicom_reader import Reader, refusal_of, write_reply

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)  # pydicom logs values, and values are patient data
    reader = Reader()
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        request = load_request(requests.read(REQUEST.unpack(head)[0]))
        try:
            answer(reader, request, replies)
        except Exception as error:  # noqa: BLE001 - hostile bytes provoke any error; it is answered, never swallowed
            reader.forget()
            write_reply(replies, Kind.REFUSED, refusal_of(error))
        allow_cpu(0)


def answer(reader: "Reader", request: "Request", replies: BinaryIO) -> None:
    """Answer one request; what it read is given free on return, before the next frame needs the memory."""
    from huizhen.producers.decode_wire import Kind
    from huizhen.producers.dicom_reader import write_reply

    allow_cpu(OPEN_CPU_S)
    if request.index < 0:
        write_reply(replies, Kind.DESCRIBED, reader.describe(request))
        return
    coded = reader.coded(request)
    if coded.is_encapsulated:
        write_reply(replies, Kind.ORIGINAL, payload=coded.data)
    allow_cpu(FRAME_CPU_S)
    geometry, pixels = reader.decoded(coded)
    allow_cpu(0)
    write_reply(replies, Kind.FRAME, geometry, pixels)


if __name__ == "__main__":
    sys.exit(main())
