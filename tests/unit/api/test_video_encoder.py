"""H.264 that a browser plays from any key picture on."""

import av
import numpy as np
import pytest

from huizhen.api.video_encoder import Encoder
from huizhen.schemas.errors import Refused
from tests.services.fake_station import ultrasound

PARAMETERS, KEY, DELTA = 7, 5, 1  # NAL unit types


def kinds(access_unit: bytes) -> list[int]:
    return [part[0] & 31 for part in access_unit.split(b"\x00\x00\x01")[1:]]


def test_each_picture_comes_out_at_once_and_is_close_to_what_went_in() -> None:
    encoder, decoder = Encoder(320, 240, 2000), av.CodecContext.create("h264", "r")
    for number, picture in enumerate(ultrasound()):
        unit = encoder.encode(picture, number * 3000, number == 0)
        (shown,) = decoder.decode(av.Packet(unit))
        error = np.mean((shown.to_ndarray(format="rgb24").astype(float) - picture) ** 2)
        assert 10 * np.log10(255**2 / error) > 30
        assert (KEY in kinds(unit)) == (number == 0)


def test_a_key_picture_is_made_when_asked_for_and_carries_its_parameters() -> None:
    encoder = Encoder(320, 240, 2000)
    units = [encoder.encode(ultrasound()[0], at, at == 40) for at in range(60)]
    assert [at for at, unit in enumerate(units) if KEY in kinds(unit)] == [0, 40]
    assert PARAMETERS in kinds(units[40])
    assert DELTA in kinds(units[41])
    (shown,) = av.CodecContext.create("h264", "r").decode(av.Packet(units[40]))
    assert (shown.width, shown.height) == (320, 240)


def test_it_is_constrained_baseline() -> None:
    unit = Encoder(320, 240, 2000).encode(ultrasound()[0], 0, True)
    parameters = unit[unit.index(b"\x00\x00\x01\x67") + 4 :]
    assert parameters[0] == 66  # Baseline
    assert parameters[1] & 0x40  # constraint_set1: Constrained


def test_the_rate_is_bounded_though_the_picture_is_noise() -> None:
    rng = np.random.default_rng(3)
    encoder = Encoder(320, 240, 300)
    noise = [rng.integers(0, 256, (240, 320, 3), dtype=np.uint8) for _ in range(30)]
    total = sum(len(encoder.encode(noise[at % 30], at * 3000, at == 0)) for at in range(90))
    assert total * 8 / 3 < 2 * 300_000


def test_sides_that_cannot_be_coded_are_refused() -> None:
    with pytest.raises(Refused, match="cannot be coded as video"):
        Encoder(321, 241, 2000).encode(np.zeros((241, 321, 3), np.uint8), 0, True)
