import numpy as np
import pytest

from huizhen.schemas import htj2k
from huizhen.schemas.codestream import read_header
from huizhen.schemas.errors import BadInput
from huizhen.schemas.geometry import PixelFormat


def test_formats_know_their_container() -> None:
    assert (PixelFormat(480, 640, 3, 8, 0).dtype, PixelFormat(480, 640, 3, 8, 0).frame_bytes) == ("uint8", 921_600)
    assert (PixelFormat(512, 512, 1, 12, 0).dtype, PixelFormat(512, 512, 1, 12, 0).bits_allocated) == ("uint16", 16)
    assert PixelFormat(512, 512, 1, 12, 1).dtype == PixelFormat(8, 8, 1, 8, 1).dtype == "int16"


def test_a_format_fits_only_its_own_stream() -> None:
    header, _ = read_header(htj2k.encode(np.zeros((40, 50), np.uint16), 12, False, 32))
    assert PixelFormat(40, 50, 1, 12, 0).fits(header)
    assert not PixelFormat(40, 50, 1, 13, 0).fits(header)
    assert not PixelFormat(50, 40, 1, 12, 0).fits(header)


@pytest.mark.parametrize(
    "values",
    [(0, 1, 1, 8, 0), (1, 16385, 1, 8, 0), (1, 1, 2, 8, 0), (1, 1, 1, 7, 0), (1, 1, 1, 17, 0), (1, 1, 1, 8, 2)],
)
def test_formats_outside_the_product_are_refused(values: tuple[int, int, int, int, int]) -> None:
    with pytest.raises(BadInput):
        PixelFormat(*values)
