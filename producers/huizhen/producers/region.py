"""Cut the crop out of a frame and blank what must never leave the station."""

import json
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from huizhen.producers.source import Geometry
from huizhen.schemas.events import UltrasoundRegion
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.profile import Region

POSITION, ORIENTATION = "00200032", "00200037"  # ImagePositionPatient, ImageOrientationPatient


def blank_value(geometry: Geometry) -> int:
    """Give the sample value that shows black: the least, or for MONOCHROME1 the greatest."""
    pixels = geometry.pixels
    low = -(1 << (pixels.bits_stored - 1)) if pixels.is_signed else 0
    return low + (1 << pixels.bits_stored) - 1 if geometry.photometric_interpretation == "MONOCHROME1" else low


def apply(
    pixels: NDArray[np.generic], crop: Region | None, regions: tuple[Region, ...], blank: int
) -> NDArray[np.generic]:
    """Blank `regions`, then cut out `crop`; both are in pixels of the source's frame, whose array is left as it is.

    `pixels`: (rows, columns) or (rows, columns, 3). Without anything to do the same array comes back.
    """
    kept = [region for region in (region.within(crop) for region in regions) if region is not None]
    if crop is not None:
        pixels = pixels[crop.top : crop.bottom, crop.left : crop.right]
    if crop is None and not kept:
        return pixels
    out = np.array(pixels, order="C")
    for region in kept:
        out[region.top : region.bottom, region.left : region.right] = blank
    return out


def cropped(geometry: Geometry, crop: Region | None) -> Geometry:
    """Give the geometry of the cropped frame: size, ultrasound regions and patient position move with it."""
    if crop is None:
        return geometry
    pixels = geometry.pixels
    size = PixelFormat(
        crop.rows, crop.columns, pixels.samples_per_pixel, pixels.bits_stored, pixels.pixel_representation
    )
    moved = (_moved(region, crop) for region in geometry.ultrasound_regions)
    return replace(
        geometry,
        pixels=size,
        ultrasound_regions=tuple(region for region in moved if region is not None),
        dicom_json=_with_position(geometry, crop),
    )


def _moved(region: UltrasoundRegion, crop: Region) -> UltrasoundRegion | None:
    # an ultrasound region includes its last row and column (PS3.3 C.8.5.5.1.1)
    if not (0 <= region.x0 <= region.x1 and 0 <= region.y0 <= region.y1):
        return None
    left = Region(region.y0, region.x0, region.y1 + 1, region.x1 + 1).within(crop)
    if left is None:
        return None
    return replace(region, x0=left.left, y0=left.top, x1=left.right - 1, y1=left.bottom - 1)


def _with_position(geometry: Geometry, crop: Region) -> str:
    carried = json.loads(geometry.dicom_json)
    position = carried.get(POSITION, {}).get("Value", [])
    cosines = carried.get(ORIENTATION, {}).get("Value", [])
    if geometry.pixel_spacing is None or len(position) != 3 or len(cosines) != 6:
        return geometry.dicom_json
    row_mm, column_mm = geometry.pixel_spacing
    # PS3.3 C.7.6.2.1.1: the first three cosines run along a row, so with the column index
    moved = [
        at + cosines[axis] * column_mm * crop.left + cosines[axis + 3] * row_mm * crop.top
        for axis, at in enumerate(position)
    ]
    carried[POSITION]["Value"] = moved
    return json.dumps(carried, sort_keys=True, separators=(",", ":"))
