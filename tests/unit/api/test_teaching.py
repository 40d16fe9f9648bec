"""Blank tiles over teaching masks."""

import numpy as np
import pytest

from huizhen.api.teaching import cover_for, masked_tiles
from huizhen.schemas import htj2k
from huizhen.schemas.codestream import read_header
from huizhen.schemas.errors import Refused
from tests.services.fake_station import FakeStation, coded, main_header, ultrasound


@pytest.mark.parametrize(
    ("regions", "tiles"),
    [
        ([], ()),
        ([0, 0, 1, 1], (0,)),
        ([0, 0, 128, 128], (0,)),
        ([127, 127, 129, 129], (0, 1, 3, 4)),
        ([200, 300, 240, 320], (5,)),
        ([0, 0, 10, 320, 230, 0, 240, 10], (0, 1, 2, 3)),
        ([0, 0, 0, 0], ()),
    ],
)
def test_every_tile_that_a_region_touches_is_blank(regions: list[int], tiles: tuple[int, ...]) -> None:
    assert masked_tiles(main_header(), regions) == tiles


def test_the_rest_of_the_picture_stays_bit_for_bit() -> None:
    geometry = FakeStation("clinic", mask_teaching=[200, 0, 210, 10]).geometry()
    cover = cover_for(main_header(), geometry)
    assert cover is not None
    picture, true = htj2k.decode(cover.over(coded(1))), ultrasound()[1]
    assert not picture[128:, :128].any()
    assert np.array_equal(picture[:128], true[:128])
    assert np.array_equal(picture[128:, 128:], true[128:, 128:])


@pytest.mark.parametrize(("bits", "signed"), [(12, False), (16, True), (16, False)])
def test_deep_pictures_are_blanked_as_well(bits: int, signed: bool) -> None:
    random = np.random.default_rng(1)
    dtype = np.int16 if signed else np.uint16
    pixels = random.integers(0, 1 << (bits - 1), (300, 200)).astype(dtype)
    stream = htj2k.encode(pixels, bits, signed, 128)
    cover = cover_for(read_header(stream)[0], FakeStation("clinic", mask_teaching=[0, 0, 5, 5]).geometry())
    assert cover is not None
    blanked = htj2k.decode(cover.over(stream))
    assert not blanked[:128, :128].any()
    assert np.array_equal(blanked[128:], pixels[128:])


def test_a_frame_coded_otherwise_is_refused_rather_than_shown() -> None:
    cover = cover_for(main_header(), FakeStation("clinic", mask_teaching=[0, 0, 5, 5]).geometry())
    assert cover is not None
    other = htj2k.encode(np.zeros((64, 64, 3), np.uint8), 8, False, 32)
    with pytest.raises(Refused):
        cover.over(other)
