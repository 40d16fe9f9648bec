import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huizhen.schemas import codestream, htj2k, packet
from huizhen.schemas.errors import BadEnvelope, BadInput, TooLarge
from huizhen.schemas.packet import Section, Unchanged

PIXELS = (np.add.outer(np.arange(70) * 3, np.arange(100) * 2) % 251).astype(np.uint8)
HEADER, TILES = htj2k.code_tiles(PIXELS, 8, False, 32)
GOLDEN = Path(__file__).parent / "golden"


def gathered(values: list[bytes]) -> dict[int, list[bytes]]:
    found: dict[int, dict[int, bytes]] = {}
    for value in values:
        for part in packet.read_body(value).parts:
            found.setdefault(part.tile, {})[part.part] = part.data
    return {tile: [parts[level] for level in sorted(parts)] for tile, parts in found.items()}


@pytest.mark.parametrize(("packets", "limit"), [(1, packet.PACKET_MAX), (5, packet.PACKET_MAX), (1, 2000), (5, 2000)])
def test_the_packets_of_a_frame_give_its_canonical_stream(packets: int, limit: int) -> None:
    made = packet.split(HEADER, TILES, (), packets, limit)
    assert all(len(value) <= limit for _, value in made)
    stream = codestream.stitch(HEADER, gathered([value for _, value in made]))
    assert np.array_equal(htj2k.decode(stream), PIXELS)


def test_five_packets_are_the_base_and_the_four_phases() -> None:
    made = packet.split(HEADER, TILES, (), 5)
    assert [section for section, _ in made] == [Section.BASE] + [Section.DETAIL] * 4
    base = packet.read_body(made[0][1])
    assert {(p.tile, p.part) for p in base.parts} == {(t, p) for t in range(12) for p in range(4)}
    phases = [{HEADER.phase(p.tile) for p in packet.read_body(value).parts} for _, value in made[1:]]
    assert phases == [{0}, {1}, {2}, {3}]


def test_unchanged_tiles_cost_14_bytes_and_come_back() -> None:
    said = (Unchanged(3, 7, b"12345678"), Unchanged(4, 1 << 20, b"abcdefgh"))
    sent = {tile: parts for tile, parts in TILES.items() if tile not in (3, 4)}
    with_said = packet.split(HEADER, sent, said, 1)[0][1]
    without = packet.split(HEADER, sent, (), 1)[0][1]
    assert packet.read_body(with_said).unchanged == said
    assert len(with_said) - len(without) == 28


def test_a_frame_of_too_many_packets_is_refused_by_name() -> None:
    with pytest.raises(TooLarge, match="PACKETS_MAX"):
        packet.split(
            HEADER,
            {t: [b"\0" * 400] * 6 for t in range(12)} | dict.fromkeys(range(12, 100), [b"\0" * 400] * 6),
            (),
            1,
            700,
        )


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((Unchanged(12, 1, b"12345678"),), "outside the frame"),
        ((Unchanged(1, 0, b"12345678"),), "no earlier frame"),
        ((Unchanged(1, 1, b"12345678"),) * 2, "twice"),
        ((Unchanged(1, 1, b"12345678"),) * 13, "do not fit"),
    ],
)
def test_wrong_unchanged_tiles_are_refused(said: tuple[Unchanged, ...], why: str) -> None:
    with pytest.raises(BadEnvelope, match=why):
        packet.read_body(packet.write_body(HEADER, said, ()))


def test_a_not_sent_notice_lists_its_packets() -> None:
    assert packet.read_not_sent(packet.write_not_sent([2, 4]), 5) == (2, 4)
    with pytest.raises(BadEnvelope):
        packet.read_not_sent(packet.write_not_sent([5]), 5)
    with pytest.raises(BadEnvelope):
        packet.read_not_sent(b"\0", 5)


@settings(max_examples=300)
@given(st.data())
def test_bent_packets_are_parsed_or_refused_with_our_error(data: st.DataObject) -> None:
    value = packet.split(HEADER, TILES, (Unchanged(0, 1, b"12345678"),), 1)[0][1]
    at = data.draw(st.integers(0, 400))
    bent = value[:at] + data.draw(st.binary(min_size=1, max_size=6)) + value[at:]
    with contextlib.suppress(BadInput):
        packet.read_body(bent)


def test_the_packet_format_is_the_released_one() -> None:
    """Golden bytes: framing and declarations of version 1, without coder output, which may differ by its version."""
    body = packet.write_body(HEADER, (Unchanged(3, 7, b"12345678"),), [b"\xff\x90\0\x0a\0\1\0\0\0\x0e\0\6\xff\x93"])
    assert body.hex() == (GOLDEN / "packet.v1.hex").read_text().strip()
    read = packet.read_body(body)
    assert (read.unchanged[0].tile, read.unchanged[0].age, read.parts[0].tile, read.parts[0].part) == (3, 7, 1, 0)
