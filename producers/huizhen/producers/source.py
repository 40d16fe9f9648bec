"""What a source of frames is: a small interface that replay, video, screens and phantoms share."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from huizhen.schemas.events import UltrasoundRegion
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.reasons import RejectReason


@dataclass(frozen=True, slots=True)
class Geometry:
    """How the pixels of a frame are to be read, before crop and mask."""

    pixels: PixelFormat
    photometric_interpretation: str
    """MONOCHROME1, MONOCHROME2 or RGB: every other colour space is converted by the source"""
    pixel_spacing: tuple[float, float] | None = None
    """Row then column spacing in mm"""
    ultrasound_regions: tuple[UltrasoundRegion, ...] = ()
    window_center: tuple[float, ...] = ()
    window_width: tuple[float, ...] = ()
    rescale_slope: float = 1.0
    rescale_intercept: float = 0.0
    dicom_json: str = "{}"
    """Per-image attributes to carry into the archive, DICOM JSON model (PS3.18 F)"""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose exam it is; goes into Announced and nowhere else."""

    study_instance_uid: str = ""
    accession_number: str = ""
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""
    study_id: str = ""
    study_description: str = ""
    referring_physician_name: str = ""
    order_uid: str = ""
    timezone_offset: str = "+0000"


@dataclass(frozen=True, slots=True)
class Description:
    """What a source is, known before its first frame."""

    kind: str
    """probe, screen, camera, angiography, ct, mr or other"""
    modality: str
    """DICOM Modality: US, XA, CT, MR, OT, …"""
    sop_class_uid: str
    rate_hz: float
    """Frames per second it is paced at; 0 where frames come when they come"""
    lossy_image_compression: str = "00"
    lossy_image_compression_ratio: tuple[float, ...] = ()
    lossy_image_compression_method: tuple[str, ...] = ()
    dicom_json: str = "{}"
    """Series and equipment attributes to carry into the archive, DICOM JSON model, without identity and pixels"""
    identity: Identity = field(default_factory=Identity)
    burned_in_annotation: str = ""
    """DICOM BurnedInAnnotation of all that it holds: NO, YES, or empty where that is not said"""


@dataclass(frozen=True, slots=True)
class Captured:
    """A frame as the source gave it."""

    pixels: NDArray[np.generic]
    """(rows, columns) or (rows, columns, 3); uint8, uint16 or int16, values within the geometry's BitsStored"""
    geometry: Geometry
    captured_at_ns: int
    """UTC, nanoseconds since 1970"""
    monotonic_ns: int


@dataclass(frozen=True, slots=True)
class Failed:
    """A frame that exists and could not be read: it is numbered too, and its bytes stay at the station."""

    original: bytes
    """At most ORIGINAL_MAX bytes of it"""
    reason: RejectReason
    message: str
    captured_at_ns: int
    monotonic_ns: int
    size_bytes: int = -1
    """Of the whole original, where `original` is only its beginning"""
    digest: str = ""
    """SHA-256 of the whole original, hexadecimal, likewise"""


class Source(Protocol):
    """Yields frames at their own pace; raises Unavailable where the device or stream is gone."""

    @property
    def description(self) -> Description:
        """What the source is."""
        ...

    def frames(self) -> Iterator[Captured | Failed]:
        """Yield frames in order, paced in real time, until the source ends or is closed."""
        ...

    def close(self) -> None:
        """Release the device, file or child process; frames() ends."""
