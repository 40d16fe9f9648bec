import dataclasses
import json
from pathlib import Path

import pytest

from huizhen.schemas.errors import BadInput
from huizhen.schemas.ids import (
    Epoch,
    FrameId,
    FrameNumber,
    GeometryId,
    SessionId,
    SourceId,
    StationId,
    StreamId,
    TenantId,
)
from huizhen.schemas.packet import Section
from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import (
    Clock,
    FrameHead,
    FrameMeta,
    PacketMeta,
    TileOrigin,
    frame_headers,
    packet_headers,
    read_frame_headers,
    read_packet_headers,
    supersedes,
)

STREAM = StreamId(TenantId("clinic"), SessionId("exam-1"), SourceId("probe"))
HEAD = FrameHead(
    FrameId(STREAM, FrameNumber(1204)),
    StationId("station-1"),
    Epoch(2),
    GeometryId(1),
    Clock(1_760_000_000_123_456_789, 42, -1_000_000, 5000),
    True,
    "a" * 64,
    "b" * 64,
    f"00-{'1' * 32}-{'2' * 16}-01",
)
PACKET = PacketMeta(HEAD, 2, 5, Section.DETAIL, "c" * 64)
GOLDEN = Path(__file__).parent / "golden"


def test_packet_metadata_comes_back() -> None:
    assert read_packet_headers(packet_headers(PACKET)) == PACKET


def test_frame_metadata_and_provenance_come_back() -> None:
    tiles = (TileOrigin(TileState.TRUE), TileOrigin(TileState.UNCHANGED, 3), TileOrigin(TileState.TEMPORAL, 4, 1.5))
    meta = FrameMeta(HEAD, 1, False, 1_760_000_000_200_000_000, tiles)
    assert read_frame_headers(frame_headers(meta)) == meta


def test_capture_time_by_the_clouds_clock() -> None:
    assert HEAD.clock.captured_at_cloud_ns == 1_760_000_000_122_456_789


def test_exact_beats_filled_then_the_higher_revision_wins_then_the_first_stays() -> None:
    said = ((0, False), (2, False), (0, True), (1, True))
    filled, better, exact, late_exact = (FrameMeta(HEAD, revision, is_exact, 0, ()) for revision, is_exact in said)
    assert supersedes(better, filled)
    assert supersedes(exact, better)
    assert not supersedes(better, exact)
    assert not supersedes(filled, filled)
    assert supersedes(late_exact, exact)


def test_headers_are_cloudevents_binary_and_the_released_ones() -> None:
    found = {name: value.decode() for name, value in packet_headers(PACKET)}
    assert found == json.loads((GOLDEN / "packet_headers.v1.json").read_text())


@pytest.mark.parametrize(
    "name", [name for name, _ in packet_headers(PACKET) if name not in ("content-type", "ce_subject", "ce_time")]
)
def test_a_packet_without_one_of_its_headers_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        read_packet_headers([(n, v) for n, v in packet_headers(PACKET) if n != name])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_framenumber", b"-1"),
        ("ce_framenumber", b"9" * 21),
        ("ce_framenumber", "٣".encode()),
        ("ce_packetindex", b"5"),
        ("ce_packetcount", b"257"),
        ("ce_section", b"most"),
        ("ce_tenantid", b"../clinic"),
        ("ce_framedigest", b"A" * 64),
        ("ce_payloaddigest", b""),
        ("ce_traceparent", b"00-0-0-0"),
        ("ce_specversion", b"0.3"),
        ("ce_type", b"com.example.packet.v1"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-01-01T00:00:00"),
        ("ce_source", b"\xff"),
    ],
)
def test_a_bent_header_is_refused(name: str, value: bytes) -> None:
    with pytest.raises(BadInput):
        read_packet_headers([(n, value if n == name else v) for n, v in packet_headers(PACKET)])


def test_unknown_extensions_are_kept_out_of_the_way() -> None:
    assert read_packet_headers([*packet_headers(PACKET), ("ce_future", b"1"), ("x-proxy", b"y")]) == PACKET


@pytest.mark.parametrize(
    "headers", [None, [], [("ce_type", None)], [("a", b"")] * 2, [(str(i), b"") for i in range(65)]]
)
def test_foreign_headers_are_refused(headers: list[tuple[str, bytes | None]] | None) -> None:
    with pytest.raises(BadInput):
        read_packet_headers(headers)


def test_a_bent_provenance_block_is_refused() -> None:
    meta = FrameMeta(HEAD, 0, False, 0, (TileOrigin(TileState.BASE),))
    for block in (b"\0" * 6, b"\xff" + b"\0" * 6):
        headers = [(n, block if n == "huizhen-provenance" else v) for n, v in frame_headers(meta)]
        with pytest.raises(BadInput):
            read_frame_headers(headers)


def test_values_are_checked_when_made() -> None:
    with pytest.raises(BadInput):
        dataclasses.replace(PACKET, index=5)
