"""Frames cut out of stored objects."""

import asyncio

import pytest

from huizhen.api import instance_frames as module
from huizhen.api.instance_frames import InstanceFrames
from huizhen.api.problem import Problem
from tests.services.fake_archive import instance
from tests.services.fake_station import coded


class Store:
    def __init__(self, geometry: int | None = None) -> None:
        self.reads: list[str] = []
        self.geometry = geometry

    async def get(self, key: str, sha256: str) -> bytes:
        self.reads.append(key)
        await asyncio.sleep(0)
        return instance(2, "1.2.3", self.geometry)


async def test_many_who_ask_at_once_read_the_object_once() -> None:
    store = Store()
    frames = InstanceFrames(store.get)
    found = await asyncio.gather(*(frames.frame("a", "", 1 + number % 2) for number in range(10)))
    assert [one.codestream for one in found] == [coded(number % 2) for number in range(10)]
    assert store.reads == ["a"]


async def test_kept_instances_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES_MAX", 120_000)
    store = Store()
    frames = InstanceFrames(store.get)
    for key in ("a", "b", "a", "c", "a", "b"):
        await frames.frame(key, "", 1)
    assert store.reads == ["a", "b", "c", "b"]


async def test_a_frame_that_is_not_there_is_absent() -> None:
    with pytest.raises(Problem, match="404"):
        await InstanceFrames(Store().get).frame("a", "", 3)


@pytest.mark.parametrize("geometry", [3, None])
async def test_a_frame_says_which_geometry_its_instance_names(geometry: int | None) -> None:
    assert (await InstanceFrames(Store(geometry).get).frame("a", "", 1)).geometry == geometry
