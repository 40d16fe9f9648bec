"""A profile says how a kind of source is captured and judged: data in TOML, versioned, the same for all parts.

    id = "us-640x480"            # a slug; the file has the same name
    version = 1                  # raised with every change, and carried in Announced
    expected_rate_hz = 30.0      # 0: frames come when they come
    tile = 128                   # side of a tile: a power of two from 32 to 1024
    key_frame_interval_s = 1.0
    packets_per_frame = 0        # 1 or 5; 0 chooses by the link
    crop = { top = 0, left = 0, bottom = 480, right = 640 }
    mask_always = [{ top = 0, left = 0, bottom = 24, right = 640 }]    # blanked at the station, before coding
    mask_teaching = []           # covered by the api for roles that may not see it
    [match]                      # what the source must be; what is left out matches anything
    rows = 480
    [thresholds]                 # of the picture checks; see Thresholds

Regions are in pixels of the source's frame, before the crop; bottom and right are the first ones outside.
A profile that does not fit its frames is an error, never a guess.
"""

import tomllib
from dataclasses import dataclass, field, fields
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from huizhen.schemas.codestream import SIDE_MAX
from huizhen.schemas.errors import BadProfile
from huizhen.schemas.ids import SLUG

GENERIC = "generic"  # the profile that comes along for any source: it masks nothing
RATE_MAX_HZ = 1000.0
KEY_FRAME_INTERVAL_MAX_S = 1.0  # a new viewer and a restarted worker wait at most this long for a whole picture
TILE_MIN, TILE_MAX = 32, 1024
REGIONS_MAX = 64
_CLOSED = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of pixels; `bottom` and `right` are the first row and column outside it."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    top: int
    left: int
    bottom: int
    right: int

    def __post_init__(self) -> None:
        if not (0 <= self.top < self.bottom <= SIDE_MAX and 0 <= self.left < self.right <= SIDE_MAX):
            raise BadProfile("", "region", str(self.corners), f"0 <= top < bottom, 0 <= left < right, up to {SIDE_MAX}")

    @property
    def corners(self) -> tuple[int, int, int, int]:
        """Top, left, bottom, right."""
        return self.top, self.left, self.bottom, self.right

    @property
    def rows(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top

    @property
    def columns(self) -> int:
        """Width in pixels."""
        return self.right - self.left

    def within(self, crop: "Region | None") -> "Region | None":
        """Give this region in the pixels of the cropped frame; None where nothing of it is left."""
        if crop is None:
            return self
        top, left = max(self.top, crop.top), max(self.left, crop.left)
        bottom, right = min(self.bottom, crop.bottom), min(self.right, crop.right)
        if top >= bottom or left >= right:
            return None
        return Region(top - crop.top, left - crop.left, bottom - crop.top, right - crop.left)


@dataclass(frozen=True, slots=True)
class Match:
    """What the frames of the source must be; None matches anything."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    rows: int | None = None
    columns: int | None = None
    samples_per_pixel: int | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of the picture checks, which only flag.

    They are taken on the 1/8 thumbnail. Sample values are fractions of the sample range (0 the least, 1 the greatest
    value of BitsStored), so that 8 and 16 bit compare; fractions are of all samples; drifts of the side.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    black_mean_max: float = 0.01
    """Flag `black` when mean and standard deviation of the picture are both at or below their limits"""
    black_deviation_max: float = 0.01
    frozen_after_s: float = 2.0
    """Flag `frozen` when the thumbnail has not changed at all for this long"""
    clipped_fraction_max: float = 0.2
    """Flag `clipped` when more than this fraction of the samples has the greatest value"""
    noise_grain_max: float = 1.9
    """Flag `noise` when the grain is above: the mean absolute Laplacian of the thumbnail over that of its half size.
    Pictures have 0.4 to 1.7 whatever their contrast, white noise 2 to 4"""
    blur_grain_min: float = 0.42
    """Flag `blur` when the grain is below: the finest detail is weak beside the next coarser one"""
    blur_texture_min: float = 0.02
    """Flag `blur` also when the deviation from the 3x3 median is below this part of the whole deviation"""
    letterbox_drift_max: float = 0.05
    """Flag `letterbox_drift` when a border of the picture area moved by more than this fraction of the side"""
    rate_low_ratio: float = 0.8
    """Flag `rate_low` when the measured rate is below this ratio of expected_rate_hz"""
    rate_high_ratio: float = 1.25
    """Flag `rate_high` when the measured rate is above this ratio of expected_rate_hz"""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a kind of source is captured and judged."""

    __pydantic_config__: ClassVar[ConfigDict] = _CLOSED

    id: str
    version: int
    expected_rate_hz: float = 0.0
    tile: int = 128
    key_frame_interval_s: float = 1.0
    packets_per_frame: int = 0
    crop: Region | None = None
    mask_always: tuple[Region, ...] = ()
    mask_teaching: tuple[Region, ...] = ()
    match: Match = field(default_factory=Match)
    thresholds: Thresholds = field(default_factory=Thresholds)

    def __post_init__(self) -> None:
        self._check("id", self.id, SLUG.fullmatch(self.id) is not None, "1 to 48 of a-z, 0-9 and inner '-'")
        self._check("version", self.version, self.version >= 1, "1 or more")
        rate = self.expected_rate_hz
        self._check("expected_rate_hz", rate, 0 <= rate <= RATE_MAX_HZ, f"0 to {RATE_MAX_HZ:g}")
        power_of_two = self.tile > 0 and self.tile & (self.tile - 1) == 0
        fits = power_of_two and TILE_MIN <= self.tile <= TILE_MAX
        self._check("tile", self.tile, fits, f"a power of two from {TILE_MIN} to {TILE_MAX}")
        interval = self.key_frame_interval_s
        self._check(
            "key_frame_interval_s",
            interval,
            0 < interval <= KEY_FRAME_INTERVAL_MAX_S,
            f"above 0 and up to {KEY_FRAME_INTERVAL_MAX_S:g}",
        )
        self._check("packets_per_frame", self.packets_per_frame, self.packets_per_frame in (0, 1, 5), "0, 1 or 5")
        for name, regions in (("mask_always", self.mask_always), ("mask_teaching", self.mask_teaching)):
            self._check(name, len(regions), len(regions) <= REGIONS_MAX, f"up to {REGIONS_MAX} regions")
        for entry in fields(self.thresholds):
            value = float(getattr(self.thresholds, entry.name))
            self._check(f"thresholds.{entry.name}", value, value >= 0, "0 or more")

    def _check(self, name: str, value: object, holds: bool, rule: str) -> None:
        if not holds:
            raise BadProfile(self.id, name, str(value), rule)

    def check_fits(self, rows: int, columns: int, samples_per_pixel: int) -> None:
        """Raise BadProfile unless frames of this size and kind are what the profile was made for."""
        for name, wanted, found in (
            ("rows", self.match.rows, rows),
            ("columns", self.match.columns, columns),
            ("samples_per_pixel", self.match.samples_per_pixel, samples_per_pixel),
        ):
            self._check(f"match.{name}", wanted, wanted in (None, found), f"{found}, as the frames are")
        crop = () if self.crop is None else (self.crop,)
        for name, regions in (("crop", crop), ("mask_always", self.mask_always), ("mask_teaching", self.mask_teaching)):
            for region in regions:
                inside = region.bottom <= rows and region.right <= columns
                self._check(name, region.corners, inside, f"inside the frame of {rows} rows and {columns} columns")


def parse_profile(text: str, name: str) -> Profile:
    """Read a profile from TOML; BadProfile names the field that is wrong. `name` is the id expected."""
    try:
        profile = _PROFILE.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadProfile(name, "the text", str(error), "TOML") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        rule = _RULES.get(first["type"], first["msg"].removeprefix("Input should be "))
        raise BadProfile(name, where, str(first["input"]), rule) from None
    except BadProfile as error:
        raise BadProfile(name, error.field, error.value, error.rule) from None
    if profile.id != name:
        raise BadProfile(name, "id", profile.id, "the name of the file")
    return profile


_PROFILE = TypeAdapter(Profile)
_RULES = {"unexpected_keyword_argument": "left out: there is no such field", "missing": "given"}
