"""A small exam for tests: announcement, geometry, and frames really coded as HTJ2K."""

import hashlib
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huizhen.schemas import htj2k
from huizhen.schemas.codestream import read_header
from huizhen.schemas.events import Announced, GeometryDeclared, SourceInfo, UltrasoundRegion
from huizhen.schemas.geometry import PixelFormat
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
from huizhen.schemas.record import Clock, FrameHead, FrameMeta, TileOrigin
from huizhen.sinks.frames import Held, Ref, held

US_MULTI = "1.2.840.10008.5.1.4.1.1.3.1"
XA = "1.2.840.10008.5.1.4.1.1.12.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
SC = "1.2.840.10008.5.1.4.1.1.7"
SC_BYTE, SC_WORD, SC_COLOUR = f"{SC}.2", f"{SC}.3", f"{SC}.4"
STREAM = StreamId(TenantId("clinic"), SessionId("exam-1"), SourceId("probe"))
START_NS = 1_790_000_000_123_456_000
STEP_NS = 33_333_000
TILE = 64
TRACEPARENT = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
REGION = UltrasoundRegion(1, 1, 2, 8, 8, 90, 70, 3, 3, 0.05, 0.05)
COLOUR = PixelFormat(80, 96, 3, 8, 0)


def source(kind: str = "probe", sop_class_uid: str = US_MULTI, name: str = "probe", **more: Any) -> SourceInfo:
    fields: dict[str, Any] = {
        "source": name, "kind": kind, "sop_class_uid": sop_class_uid, "profile_id": "p", "profile_version": 1,
        "expected_rate_hz": 30.0,
    }  # fmt: skip
    return SourceInfo(**(fields | more))


def announced(*sources: SourceInfo, modality: str = "US", **more: Any) -> Announced:
    fields: dict[str, Any] = {
        "alliance": "alliance", "tenant": "clinic", "campus": "main", "room": "room-1", "station": "station-1",
        "session": "exam-1", "epoch": 1, "announced_at_ns": START_NS - 10**9, "sources": list(sources) or [source()],
        "modality": modality, "access_mode": "B", "partitions": 4, "study_instance_uid": "1.2.3.4",
        "accession_number": "A1", "patient_id": "P1", "patient_name": "张^三=Zhang^San",
        "patient_birth_date": "19700101", "patient_sex": "F", "study_id": "S1", "timezone_offset": "+0800",
    }  # fmt: skip
    return Announced(**(fields | more))


def geometry(pixels: PixelFormat = COLOUR, number: int = 0, **more: Any) -> GeometryDeclared:
    header, _ = read_header(coded(pixels, 0))
    fields: dict[str, Any] = {
        "tenant": "clinic", "session": "exam-1", "source": "probe", "geometry": number, "epoch": 1,
        "declared_at_ns": START_NS, "columns": pixels.columns, "rows": pixels.rows,
        "samples_per_pixel": pixels.samples_per_pixel, "bits_stored": pixels.bits_stored,
        "pixel_representation": pixels.pixel_representation,
        "photometric_interpretation": "RGB" if pixels.samples_per_pixel == 3 else "MONOCHROME2",
        "tile": TILE, "levels": header.levels, "coding_digest": hashlib.sha256(header.encode()).hexdigest(),
    }  # fmt: skip
    return GeometryDeclared(**(fields | more))


def samples(pixels: PixelFormat, number: int) -> NDArray[Any]:
    """Noise over the full range of a format, another for each frame."""
    low, high = (0, 1 << pixels.bits_stored) if not pixels.is_signed else (
        -(1 << (pixels.bits_stored - 1)), 1 << (pixels.bits_stored - 1)
    )  # fmt: skip
    shape = (pixels.rows, pixels.columns) + ((3,) if pixels.samples_per_pixel == 3 else ())
    return np.random.default_rng([number, pixels.bits_stored]).integers(low, high, shape).astype(pixels.dtype)


@cache
def coded(pixels: PixelFormat, number: int) -> bytes:
    return htj2k.encode(samples(pixels, number), pixels.bits_stored, pixels.is_signed, TILE)


def meta(
    number: int, pixels: PixelFormat = COLOUR, *, exact: bool = True, geometry_id: int = 0, stream: StreamId = STREAM,
    tiles: tuple[TileOrigin, ...] = (), revision: int = 0, captured_at_ns: int | None = None,
) -> FrameMeta:  # fmt: skip
    head = FrameHead(
        frame=FrameId(stream, FrameNumber(number)),
        station=StationId("station-1"),
        epoch=Epoch(1),
        geometry=GeometryId(geometry_id),
        clock=Clock(START_NS + number * STEP_NS if captured_at_ns is None else captured_at_ns, number, 5_000, 100),
        key=number % 30 == 0,
        frame_digest=hashlib.sha256(coded(pixels, number)).hexdigest(),
        pixel_digest=hashlib.sha256(samples(pixels, number).tobytes()).hexdigest(),
        traceparent=TRACEPARENT,
    )
    return FrameMeta(head, revision, exact, START_NS + number * STEP_NS + 10**7, tiles)


def frame(number: int, pixels: PixelFormat = COLOUR, **more: Any) -> Held:
    codestream = coded(pixels, number)
    return held(meta(number, pixels, **more), codestream, Ref(f"f{number}", len(codestream)), (0, number))
