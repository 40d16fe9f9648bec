"""What parent and child say to each other, and what the parent does not believe."""

import numpy as np
import pytest

from huizhen.producers.decode_answers import load_geometry, load_pixels, load_refusal, load_summary
from huizhen.producers.decode_wire import (
    HEADER_MAX,
    PAYLOAD_MAX,
    REPLY,
    Kind,
    Refusal,
    Request,
    Summary,
    dump,
    load_request,
    refusal_for,
    reply_sizes,
)
from huizhen.producers.source import Description, Geometry, Identity
from huizhen.schemas.errors import BadInput, Refused, TooLarge
from huizhen.schemas.events import UltrasoundRegion
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.reasons import RejectReason

GEOMETRY = Geometry(
    PixelFormat(4, 6, 3, 8, 0),
    "RGB",
    pixel_spacing=(0.5, 0.25),
    ultrasound_regions=(UltrasoundRegion(1, 1, 2, 0, 0, 3, 3, 3, 3, 0.1, 0.2),),
    window_center=(40.0,),
    window_width=(400.0,),
    dicom_json='{"00180050":{"vr":"DS","Value":[1]}}',
)
SUMMARY = Summary(
    Description("probe", "US", "1.2.3", 30.0, "01", (19.0,), ("ISO_10918_1",), "{}", Identity(patient_id="P\u00e9")),
    series_instance_uid="1.2",
    instance_number=3,
    frames=2,
    offsets_ns=(0, 33),
    pass_ns=66,
)


def test_every_value_comes_through_the_wire() -> None:
    request = Request("/a b/\u4f1a.dcm", 7, allow_deflated=True)
    assert load_request(dump(request)) == request
    assert load_geometry(dump(GEOMETRY)) == GEOMETRY
    assert load_summary(dump(SUMMARY)) == SUMMARY
    refusal = Refusal(RejectReason.BAD_DICOM, "why")
    assert load_refusal(dump(refusal)) == refusal


def test_an_error_becomes_a_refusal_with_its_reason_once() -> None:
    assert refusal_for(Refused(RejectReason.POLICY, "no")) == Refusal(RejectReason.POLICY, "no")
    too_large = refusal_for(TooLarge("it", 3, 2, "MAX"))
    assert too_large == Refusal(RejectReason.TOO_LARGE, "it is 3, limit 2 (MAX)")


def test_the_head_of_a_reply_is_bounded() -> None:
    assert reply_sizes(REPLY.pack(3, HEADER_MAX, PAYLOAD_MAX)) == (Kind.FRAME, HEADER_MAX, PAYLOAD_MAX)
    with pytest.raises(TooLarge, match="HEADER_MAX"):
        reply_sizes(REPLY.pack(3, HEADER_MAX + 1, 0))
    with pytest.raises(TooLarge, match="PAYLOAD_MAX"):
        reply_sizes(REPLY.pack(3, 0, PAYLOAD_MAX + 1))
    with pytest.raises(Refused, match="nonsense"):
        reply_sizes(REPLY.pack(9, 0, 0))


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"{}", dump(GEOMETRY).replace(b'"rows": 4', b'"rows": 99999'), dump(SUMMARY)[:-9], b"\xff\xfe"],
)
def test_nonsense_of_the_child_is_refused(text: bytes) -> None:
    for load in (load_geometry, load_summary, load_refusal):
        with pytest.raises(BadInput, match="nonsense"):
            load(text)


def test_pixels_are_shaped_as_the_geometry_says() -> None:
    pixels = load_pixels(GEOMETRY, np.arange(72, dtype=np.uint8))
    assert (pixels.shape, str(pixels.dtype)) == ((4, 6, 3), "uint8")
    word = Geometry(PixelFormat(2, 3, 1, 12, 1), "MONOCHROME2")
    assert load_pixels(word, np.arange(12, dtype=np.uint8)).tolist()[0][0] == 256
    with pytest.raises(Refused, match="nonsense"):
        load_pixels(GEOMETRY, np.zeros(71, np.uint8))
