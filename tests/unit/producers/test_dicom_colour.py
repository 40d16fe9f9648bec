"""Stored values get their sign and depth, colours become RGB."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.processing import convert_color_space

from huizhen.producers.dicom_codecs import Decoded
from huizhen.producers.dicom_colour import shown_pixels, stored_values
from huizhen.schemas.errors import Refused
from tests.unit.producers.test_dicom_codecs import image_of

WORDS = np.array([[0x0FFF, 0x0800], [0x07FF, 0xF001]], np.uint16)


def test_foreign_bits_of_native_words_are_cut_off() -> None:
    values = stored_values(Decoded(WORDS, "MONOCHROME2", 12), image_of(WORDS, 12), is_native=True)
    assert values.tolist() == [[4095, 2048], [2047, 1]]
    shifted = image_of(WORDS, 12, high_bit=15)
    assert stored_values(Decoded(WORDS, "MONOCHROME2", 12), shifted, is_native=True).tolist() == [
        [0x0FF, 0x080],
        [0x07F, 0xF00],
    ]


def test_the_sign_is_at_the_stored_depth() -> None:
    signed = image_of(WORDS, 12, pixel_representation=1)
    values = stored_values(Decoded(WORDS, "MONOCHROME2", 12), signed, is_native=True)
    assert values.dtype == np.int16
    assert values.tolist() == [[-1, -2048], [2047, 1]]


def test_a_codec_that_knows_no_sign_is_corrected_at_its_precision() -> None:
    decoded = Decoded(np.array([[0x1FFF, 0x1000], [0, 5]], np.uint16), "MONOCHROME2", 13)
    signed = image_of(WORDS, 13, pixel_representation=1)
    assert stored_values(decoded, signed, is_native=False).tolist() == [[-1, -4096], [0, 5]]


def test_values_beyond_the_stored_depth_are_refused() -> None:
    decoded = Decoded(np.array([[4096, 0], [0, 0]], np.uint16), "MONOCHROME2", 16)
    with pytest.raises(Refused, match="samples from 0 to 4096 do not fit BitsStored 12"):
        stored_values(decoded, image_of(WORDS, 12), is_native=False)
    with pytest.raises(Refused, match="1 bits"):
        stored_values(Decoded(WORDS, "MONOCHROME2", 1), image_of(WORDS, 12), is_native=False)


def test_eight_bits_stay_one_byte_whatever_they_came_in() -> None:
    words = np.array([[255, 3], [2, 0]], np.uint16)
    values = stored_values(Decoded(words, "MONOCHROME2", 8), image_of(words, 8), is_native=True)
    assert values.dtype == np.uint8
    assert values.tolist() == [[255, 3], [2, 0]]


def test_ybr_is_converted_as_pydicom_does() -> None:
    ybr = np.random.default_rng(1).integers(0, 255, (8, 8, 3), endpoint=True).astype(np.uint8)
    shown = shown_pixels(Decoded(ybr, "YBR_FULL", 8), image_of(ybr, 8, "YBR_FULL"), True, Dataset())
    np.testing.assert_array_equal(shown, convert_color_space(ybr, "YBR_FULL", "RGB"))


@pytest.mark.parametrize(("bits", "scale"), [(8, 1), (16, 257)])
def test_a_palette_is_looked_up_to_eight_bits(bits: int, scale: int) -> None:
    data = Dataset()
    for number, colour in enumerate(("Red", "Green", "Blue")):
        table = (np.arange(4) * 20 + number) * scale
        setattr(data, f"{colour}PaletteColorLookupTableDescriptor", [4, 10, bits])
        setattr(data, f"{colour}PaletteColorLookupTableData", table.astype(f"u{bits // 8}").tobytes())
    indexes = np.array([[0, 10], [12, 200]], np.uint8)  # below the first entry, in the table, and beyond it
    image = image_of(indexes, 8, "PALETTE COLOR")
    shown = shown_pixels(Decoded(indexes, "PALETTE COLOR", 8), image, True, data)
    assert shown.dtype == np.uint8
    assert shown.tolist() == [[[0, 1, 2], [0, 1, 2]], [[40, 41, 42], [60, 61, 62]]]
