"""Stored instances over HTTP."""

import hashlib
import io
import json
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.encaps import generate_frames
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLSLossless

from huizhen.api.playbacks import AGAIN_S
from huizhen.schemas import htj2k
from tests.services.fake_api import FakeApi
from tests.services.fake_archive import archived
from tests.services.fake_station import FakeStation, coded, ultrasound

INSTANCES = "/v1/sessions/exam-1/instances"


def clinic(mask_teaching: list[int] | None = None, declared: bool = True) -> FakeApi:
    api = FakeApi()
    station = FakeStation("clinic", mask_teaching=mask_teaching or [])
    entry, content = archived(station, 4, geometry=1)
    api.objects.by_key[entry.object_key] = content
    api.take(station.announced(), entry)
    if declared:
        api.take(station.geometry())
    return api


def pixels_of(dataset: Dataset) -> NDArray[np.generic]:
    """Decode frame by frame with a codec that is not ours; native pixels as they are."""
    decoders = {JPEGLSLossless: imagecodecs.jpegls_decode, JPEG2000Lossless: imagecodecs.jpeg2k_decode}
    decode = decoders.get(dataset.file_meta.TransferSyntaxUID)
    if decode is None:
        native: NDArray[np.generic] = dataset.pixel_array
        return native
    return np.stack([decode(frame) for frame in generate_frames(dataset.PixelData, number_of_frames=4)])


async def test_instances_are_listed_with_their_frames() -> None:
    async with clinic().client("viewer") as client:
        (one,) = (await client.get(INSTANCES)).json()["items"]
    assert one == {
        "source": "probe", "sop_instance_uid": "1.2.3.0", "series_instance_uid": "1.2.3", "kind": "exact", "first": 0,
        "last": 3, "frames": 4, "runs": [[0, 3, 0]], "href": f"{INSTANCES}/1.2.3.0",
    }  # fmt: skip


async def test_a_file_comes_as_stored_with_its_digest_as_tag() -> None:
    api = clinic()
    async with api.client("viewer") as client:
        answer = await client.get(f"{INSTANCES}/1.2.3.0")
        assert answer.headers["content-type"] == "application/dicom"
        assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
        assert dcmread(io.BytesIO(answer.content)).NumberOfFrames == 4
        again = await client.get(f"{INSTANCES}/1.2.3.0", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content, api.objects.reads) == (304, b"", 1)


async def test_a_playback_is_written_down_once_and_every_denial() -> None:
    api = clinic()

    async def play(name: str, institution: str = "clinic") -> list[tuple[str, int]]:
        async with api.client("viewer", subject=name, institution=institution) as client:
            for number in (1, 2, 3, 4, 1):
                await client.get(f"{INSTANCES}/1.2.3.0/frames/{number}")
        return [(event.subject, event.outcome) for event in api.audit.take()]

    assert await play("ann") == [("ann", 0)]
    assert await play("ann") == []
    assert await play("bob") == [("bob", 0)]
    assert await play("eve", "elsewhere") == [("eve", 4)] * 5
    api.now_s += AGAIN_S
    assert await play("ann") == [("ann", 0)]
    api.audit.away = True
    async with api.client("viewer", subject="cay") as client:
        assert (await client.get(f"{INSTANCES}/1.2.3.0/frames/1")).status_code == 503
    api.audit.away = False
    assert await play("cay") == [("cay", 0)], "an access that was refused was not written down"


@pytest.mark.parametrize(
    "syntax",
    [
        ("jpeg-ls", JPEGLSLossless),
        ("jpeg2000", JPEG2000Lossless),
        (str(ExplicitVRLittleEndian), ExplicitVRLittleEndian),
    ],
)
async def test_a_file_is_rewritten_for_readers_without_htj2k(syntax: tuple[str, str]) -> None:
    async with clinic().client("viewer") as client:
        answer = await client.get(f"{INSTANCES}/1.2.3.0", params={"transfer-syntax": syntax[0]})
        dataset = dcmread(io.BytesIO(answer.content))
        assert dataset.file_meta.TransferSyntaxUID == syntax[1]
        assert np.array_equal(pixels_of(dataset), np.stack(ultrasound()[:4]))
        refused = await client.get(f"{INSTANCES}/1.2.3.0?transfer-syntax=1.2.840.10008.1.2.4.50")
    assert refused.status_code == 422


async def test_frames_are_the_captured_codestreams_and_the_object_is_read_once() -> None:
    api = clinic()
    async with api.client("viewer") as client:
        for number in range(4):
            answer = await client.get(f"{INSTANCES}/1.2.3.0/frames/{number + 1}")
            assert (answer.headers["content-type"], answer.content) == ("image/jphc", coded(number))
        assert (await client.get(f"{INSTANCES}/1.2.3.0/frames/5")).status_code == 404
        assert (await client.get(f"{INSTANCES}/1.2.3.0/frames/0")).status_code == 422
    assert api.objects.reads == 1


@pytest.mark.parametrize("uid", ["1.2.3.4", "x", "1.2.3.0%20", "..%2f..%2fsecret"])
async def test_other_uids_are_absent(uid: str) -> None:
    api = clinic()
    async with api.client("viewer") as client:
        assert (await client.get(f"{INSTANCES}/{uid}")).status_code == 404
    assert api.objects.reads == 0


async def test_a_trainee_gets_frames_with_blank_tiles_and_no_file() -> None:
    async with clinic([0, 0, 20, 130]).client("trainee") as client:
        answer = await client.get(f"{INSTANCES}/1.2.3.0/frames/2")
        picture = htj2k.decode(answer.content)
        assert not picture[:128, :256].any()
        assert np.array_equal(picture[128:], ultrasound()[1][128:])
        assert "masked" in answer.headers["etag"]
        assert answer.headers["huizhen-masked"] == "2"
        assert (await client.get(f"{INSTANCES}/1.2.3.0")).status_code == 403


async def test_a_trainee_gets_nothing_where_the_mask_is_not_known() -> None:
    async with clinic([0, 0, 20, 130], declared=False).client("trainee") as client:
        assert (await client.get(f"{INSTANCES}/1.2.3.0/frames/2")).status_code == 403


async def test_a_damaged_object_is_not_shown() -> None:
    api = clinic()
    api.objects.by_key = dict.fromkeys(api.objects.by_key, b"no DICOM")
    async with api.client("viewer") as client:
        answer = await client.get(f"{INSTANCES}/1.2.3.0/frames/1")
    assert answer.status_code == 502


async def test_a_frame_says_how_it_is_read_though_the_source_has_a_newer_geometry() -> None:
    api = clinic()
    older, newer = FakeStation("clinic").geometry(), FakeStation("clinic").geometry(2)
    api.take(replace(older, window_center=[40.0], window_width=[400.0]), replace(newer, window_center=[9.0]))
    async with api.client("viewer") as client:
        answer = await client.get(f"{INSTANCES}/1.2.3.0/frames/1")
    said = json.loads(answer.headers["huizhen-geometry"])
    assert (said["id"], said["window_center"], said["window_width"]) == (1, [40.0], [400.0])
    assert "huizhen-masked" not in answer.headers
