import io

import pytest
from pydicom.encaps import generate_frames, parse_basic_offsets

from huizhen.schemas.encapsulate import PIXEL_DATA, write_native_header, write_pixel_data

FRAMES = [b"\xff\x4fodd\xff\xd9", b"\xff\x4feven\xff\xd9", b"\xff\x4fa\xff\xd9"]


def test_each_frame_is_one_even_fragment_behind_the_offset_table() -> None:
    out = io.BytesIO()
    write_pixel_data(out, [len(each) for each in FRAMES], iter(FRAMES))
    value = out.getvalue().removeprefix(PIXEL_DATA)
    assert list(generate_frames(value, number_of_frames=3)) == [each + b"\0" * (len(each) % 2) for each in FRAMES]
    offsets = parse_basic_offsets(value)
    start = 8 + 4 * len(FRAMES)
    assert all(value[start + offset : start + offset + 4] == b"\xfe\xff\x00\xe0" for offset in offsets)


def test_a_frame_of_another_size_than_announced_is_a_bug() -> None:
    with pytest.raises(ValueError, match="were announced"):
        write_pixel_data(io.BytesIO(), [3], [b"four"])
    with pytest.raises(ValueError, match="shorter"):
        write_pixel_data(io.BytesIO(), [4, 4], [b"four"])


def test_more_than_an_offset_table_can_name_is_a_bug() -> None:
    with pytest.raises(ValueError, match="Basic Offset Table"):
        write_pixel_data(io.BytesIO(), [1 << 31, 1 << 31], [])


@pytest.mark.parametrize(("bits", "vr"), [(8, b"OB"), (16, b"OW")])
def test_a_native_element_names_its_even_length(bits: int, vr: bytes) -> None:
    out = io.BytesIO()
    write_native_header(out, 5, bits)
    assert out.getvalue() == b"\xe0\x7f\x10\x00" + vr + b"\0\0\x06\0\0\0"
