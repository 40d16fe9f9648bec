"""Pixel formats a stream may have, in DICOM's own attributes (PS3.3 C.7.6.3)."""

from dataclasses import dataclass

from huizhen.schemas.codestream import SIDE_MAX, MainHeader
from huizhen.schemas.errors import Refused, TooLarge
from huizhen.schemas.reasons import RejectReason


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """Size and sample format of a frame after crop and mask; colour is always RGB."""

    rows: int
    columns: int
    samples_per_pixel: int
    bits_stored: int
    pixel_representation: int

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= SIDE_MAX and 1 <= self.columns <= SIDE_MAX):
            raise TooLarge("side of the frame", max(self.rows, self.columns), SIDE_MAX, "SIDE_MAX")
        if (
            self.samples_per_pixel not in (1, 3)
            or not 8 <= self.bits_stored <= 16
            or self.pixel_representation not in (0, 1)
        ):
            raise Refused(
                RejectReason.POLICY,
                f"{self.samples_per_pixel} samples of {self.bits_stored} bits: 1 or 3 of 8 to 16 bits are accepted",
            )

    @property
    def bits_allocated(self) -> int:
        """BitsAllocated of the decoded samples: 8 or 16."""
        return 8 if self.bits_stored == 8 and not self.is_signed else 16

    @property
    def is_signed(self) -> bool:
        """Say whether samples are signed."""
        return self.pixel_representation == 1

    @property
    def frame_bytes(self) -> int:
        """Bytes of one decoded frame."""
        return self.rows * self.columns * self.samples_per_pixel * self.bits_allocated // 8

    @property
    def dtype(self) -> str:
        """numpy dtype of decoded samples."""
        return ("int" if self.is_signed else "uint") + str(self.bits_allocated)

    def fits(self, header: MainHeader) -> bool:
        """Say whether a codestream's main header is of this format."""
        return (header.rows, header.columns, header.components, header.bits, header.signed) == (
            self.rows,
            self.columns,
            self.samples_per_pixel,
            self.bits_stored,
            self.is_signed,
        )
