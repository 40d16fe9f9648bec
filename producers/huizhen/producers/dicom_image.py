"""The Image Pixel module (PS3.3 C.7.6.3) of a data set, checked against what we accept."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from huizhen.producers.dicom_syntax import Syntax
from huizhen.producers.dicom_values import bad_dicom, integer, text
from huizhen.schemas.codestream import SIDE_MAX
from huizhen.schemas.errors import Refused, TooLarge
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.htj2k import PIXELS_MAX
from huizhen.schemas.reasons import RejectReason

FRAMES_MAX = 100_000  # an hour at 28 frames/s; above it a file is split
MONOCHROME = frozenset({"MONOCHROME1", "MONOCHROME2"})
COLOUR = frozenset({"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"})


@dataclass(frozen=True, slots=True)
class ImagePixel:
    """How the coded frames of a file are laid out."""

    rows: int
    columns: int
    samples_per_pixel: int
    photometric_interpretation: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_representation: int
    planar_configuration: int
    number_of_frames: int

    def __post_init__(self) -> None:
        _check_size(self)
        _check_samples(self)

    @property
    def is_signed(self) -> bool:
        """Say whether samples are signed."""
        return self.pixel_representation == 1

    @property
    def is_palette(self) -> bool:
        """Say whether samples are indexes into a colour table."""
        return self.photometric_interpretation == "PALETTE COLOR"

    @property
    def native_frame_bytes(self) -> int:
        """Bytes of one frame when it is not compressed."""
        samples = 2 if self.photometric_interpretation == "YBR_FULL_422" else self.samples_per_pixel
        return self.rows * self.columns * samples * self.bits_allocated // 8

    @property
    def replayed(self) -> PixelFormat:
        """Format of the frames as yielded: colour is RGB, palettes are looked up to 8 bits."""
        if self.is_palette:
            return PixelFormat(self.rows, self.columns, 3, 8, 0)
        return PixelFormat(self.rows, self.columns, self.samples_per_pixel, self.bits_stored, self.pixel_representation)

    @property
    def replayed_photometric_interpretation(self) -> str:
        """PhotometricInterpretation of the frames as yielded."""
        return self.photometric_interpretation if self.photometric_interpretation in MONOCHROME else "RGB"


def _check_size(image: ImagePixel) -> None:
    side = max(image.rows, image.columns)
    if min(image.rows, image.columns) < 1:
        raise bad_dicom(f"Rows {image.rows}, Columns {image.columns}: both must be at least 1")
    if side > SIDE_MAX:
        raise TooLarge("side of the image", side, SIDE_MAX, "SIDE_MAX")
    samples = image.rows * image.columns * image.samples_per_pixel
    if samples > PIXELS_MAX:
        raise TooLarge("samples of the image", samples, PIXELS_MAX, "PIXELS_MAX")
    if image.number_of_frames < 1:
        raise bad_dicom(f"NumberOfFrames {image.number_of_frames}: must be at least 1")
    if image.number_of_frames > FRAMES_MAX:
        raise TooLarge("NumberOfFrames", image.number_of_frames, FRAMES_MAX, "FRAMES_MAX")


def _check_samples(image: ImagePixel) -> None:
    photometric = image.photometric_interpretation
    known = (photometric in MONOCHROME or image.is_palette, photometric in COLOUR)
    if not any(known):
        raise Refused(RejectReason.POLICY, "PhotometricInterpretation is none that is replayed")
    if known != (image.samples_per_pixel == 1, image.samples_per_pixel == 3):
        raise bad_dicom(f"SamplesPerPixel {image.samples_per_pixel} does not go with {photometric}")
    if image.bits_allocated not in (8, 16) or not 8 <= image.bits_stored <= 16:
        raise Refused(
            RejectReason.POLICY,
            f"BitsAllocated {image.bits_allocated}, BitsStored {image.bits_stored}: "
            "8 to 16 bits in 8 or 16 are accepted",
        )
    if image.bits_stored > image.bits_allocated or not image.bits_stored - 1 <= image.high_bit < image.bits_allocated:
        raise bad_dicom(
            f"BitsStored {image.bits_stored} up to HighBit {image.high_bit} do not fit BitsAllocated "
            f"{image.bits_allocated}"
        )
    if image.pixel_representation not in (0, 1) or image.planar_configuration not in (0, 1):
        raise bad_dicom("PixelRepresentation and PlanarConfiguration must be 0 or 1")
    if photometric in COLOUR and (image.is_signed or (photometric != "RGB" and image.bits_allocated != 8)):
        raise Refused(RejectReason.POLICY, f"{photometric} is accepted unsigned, and other than RGB with 8 bits")


def read_image_pixel(data: Dataset, syntax: Syntax) -> ImagePixel:
    """Read and check the module; Refused(bad_dicom) or TooLarge says what is wrong."""
    samples = integer(data, "SamplesPerPixel")
    bits_stored = integer(data, "BitsStored")
    planar = integer(data, "PlanarConfiguration", 0) if samples > 1 and not syntax.is_encapsulated else 0
    return ImagePixel(
        rows=integer(data, "Rows"),
        columns=integer(data, "Columns"),
        samples_per_pixel=samples,
        photometric_interpretation=text(data, "PhotometricInterpretation"),
        bits_allocated=integer(data, "BitsAllocated"),
        bits_stored=bits_stored,
        high_bit=integer(data, "HighBit", bits_stored - 1),
        pixel_representation=integer(data, "PixelRepresentation", 0),
        planar_configuration=planar,
        number_of_frames=integer(data, "NumberOfFrames", 1),
    )
