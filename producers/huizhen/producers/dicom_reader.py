"""Read described and decoded frames out of DICOM files, keeping the file in hand open between frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from huizhen.producers.decode_wire import REPLY, Kind, Refusal, Request, Summary, dump, refusal_for
from huizhen.producers.dicom_codecs import decode_samples
from huizhen.producers.dicom_colour import shown_pixels
from huizhen.producers.dicom_describe import describe, geometry_of, has_geometry_per_frame
from huizhen.producers.dicom_file import DicomFile, read_file
from huizhen.producers.dicom_frames import frames_of
from huizhen.producers.dicom_timing import timing_of
from huizhen.producers.dicom_values import bad_dicom, integer, text
from huizhen.schemas.errors import BadInput
from huizhen.schemas.reasons import RejectReason


@dataclass(frozen=True, slots=True)
class Coded:
    """One frame as it lies in the file."""

    file: DicomFile
    index: int
    data: bytes

    @property
    def is_encapsulated(self) -> bool:
        """Say whether it is compressed."""
        return self.file.syntax.is_encapsulated


class Reader:
    """Holds one open file and where in it the next frame is."""

    def __init__(self) -> None:
        self._stream: BinaryIO | None = None
        self._path = ""
        self._file: DicomFile | None = None
        self._frames: Iterator[bytes] = iter(())
        self._next = 0
        self._geometry = b""

    def forget(self) -> None:
        """Close the file in hand."""
        if self._stream is not None:
            self._stream.close()
        self._stream, self._file, self._path = None, None, ""

    def describe(self, request: Request) -> bytes:
        """Give the summary of a file, as the wire has it."""
        file = self._open(request)
        data, frames = file.data, file.image.number_of_frames
        frames_of(file)  # refuses a file whose frames are not all there,
        geometry_of(file, 0)  # and one that says nonsense of every frame
        timing = timing_of(data, frames)
        return dump(
            Summary(
                description=describe(file),
                series_instance_uid=text(data, "SeriesInstanceUID"),
                instance_number=integer(data, "InstanceNumber", 0),
                frames=frames,
                offsets_ns=timing.offsets_ns if timing else (),
                pass_ns=timing.pass_ns if timing else 0,
            )
        )

    def coded(self, request: Request) -> Coded:
        """Give the coded bytes of a frame; opens the file and skips where they are not the next ones."""
        if self._file is None or request.path != self._path or request.index < self._next or not self._next:
            file = self._open(request)
            self._frames, self._next, self._geometry = frames_of(file), 0, b""
        else:
            file = self._file
        for data in self._frames:
            self._next += 1
            if self._next == request.index + 1:
                return Coded(file, request.index, data)
        raise bad_dicom(f"the file ends before frame {request.index}")

    def decoded(self, coded: Coded) -> tuple[bytes, memoryview]:
        """Give the geometry as the wire has it, and the pixels."""
        file = coded.file
        samples = decode_samples(coded.data, file.image, file.syntax)
        pixels = shown_pixels(samples, file.image, not file.syntax.is_encapsulated, file.data)
        if not self._geometry or has_geometry_per_frame(file):
            self._geometry = dump(geometry_of(file, coded.index))
        return self._geometry, pixels.data.cast("B")

    def _open(self, request: Request) -> DicomFile:
        self.forget()
        path = Path(request.path)
        self._stream = path.open("rb")
        self._file = read_file(self._stream, path.stat().st_size, request.path, request.allow_deflated)
        self._path = request.path
        return self._file


def refusal_of(error: Exception) -> bytes:
    """Say why, as the wire has it; of foreign errors only the type, since their texts quote the file."""
    if isinstance(error, BadInput):
        return dump(refusal_for(error))
    if isinstance(error, MemoryError):
        return dump(Refusal(RejectReason.TOO_LARGE, "reading it takes more than 256 MB (MEMORY_MAX_BYTES)"))
    return dump(Refusal(RejectReason.BAD_DICOM, f"the file cannot be read ({type(error).__name__})"))


def write_reply(replies: BinaryIO, kind: Kind, header: bytes = b"", payload: bytes | memoryview = b"") -> None:
    """Write one reply."""
    replies.write(REPLY.pack(kind, len(header), len(payload)) + header)
    replies.write(payload)
    replies.flush()
