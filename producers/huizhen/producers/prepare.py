"""From what a source gives to what counts as captured: after crop and mask."""

from dataclasses import dataclass

from huizhen.producers import region
from huizhen.producers.coder import Pixels, check_pixels
from huizhen.producers.source import Captured, Geometry
from huizhen.schemas.profile import Profile


@dataclass(frozen=True, slots=True)
class Prepared:
    """A frame that may leave the station: identity blanked, margins cut."""

    pixels: Pixels
    """An array of our own: the source may use its buffer again"""
    geometry: Geometry
    """Of these pixels"""


@dataclass(slots=True)
class Preparation:
    """Applies a profile to the frames of a source."""

    profile: Profile
    _source: Geometry | None = None
    _cropped: Geometry | None = None

    def apply(self, captured: Captured) -> Prepared:
        """Blank `mask_always` and crop; raises BadProfile or Refused where frame, geometry and profile do not agree."""
        profile, found = self.profile, captured.geometry
        if self._cropped is None or found != self._source:
            form = found.pixels
            profile.check_fits(form.rows, form.columns, form.samples_per_pixel)
            self._source, self._cropped = found, region.cropped(found, profile.crop)
        check_pixels(captured.pixels, found.pixels)
        pixels = region.apply(captured.pixels, profile.crop, profile.mask_always, region.blank_value(found))
        if pixels.base is not None or pixels is captured.pixels:
            pixels = pixels.copy(order="C")
        return Prepared(pixels, self._cropped)


def teaching_regions(profile: Profile) -> list[int]:
    """Give `mask_teaching` in pixels of the sent frame: top, left, bottom, right, four numbers each."""
    moved = [one.within(profile.crop) for one in profile.mask_teaching]
    return [corner for one in moved if one is not None for corner in one.corners]
