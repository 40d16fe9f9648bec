import pytest
from pydicom import Dataset

from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.plan import Plan
from huizhen.sinks.private import add_private, read_private
from tests.unit.sinks import exam


def block(kind: str = "exact", numbers: tuple[int, ...] = (0, 3), **more: object) -> Dataset:
    source = exam.source()
    frames = tuple(exam.frame(number, **more) for number in numbers)  # type: ignore[arg-type] # of exam.meta
    dataset = Dataset()
    add_private(dataset, Plan(kind, exam.STREAM, exam.announced(source), source, exam.geometry(), frames))
    return dataset


@pytest.mark.parametrize("numbers", [(0,), (0, 3), ((1 << 40), (1 << 62))])
def test_numbers_digests_and_times_are_read_as_they_were_written(numbers: tuple[int, ...]) -> None:
    small = tuple(number % 5 for number in numbers)
    said = read_private(block(numbers=small if numbers == (0, 3) else tuple(range(len(numbers)))))
    assert (said.tenant, said.session, said.source, said.kind) == ("clinic", "exam-1", "probe", "exact")
    frames = [exam.frame(number) for number in said.numbers]
    assert said.frame_digests == tuple(each.frame_digest for each in frames)
    assert said.pixel_digests == tuple(each.pixel_digest for each in frames)
    assert said.captured_at_ns == tuple(each.captured_at_ns for each in frames)


def test_a_derived_instance_says_how_each_tile_was_filled() -> None:
    tiles = (TileOrigin(TileState.TRUE), TileOrigin(TileState.TEMPORAL, 2, 1.25))
    dataset = block("derived", (1,), exact=False, tiles=tiles)
    found = dataset.private_block(0x0099, "HUIZHEN 1")
    assert found[0x0A].value == '[[[1,"temporal",2,1.25]]]'
    assert found[0x0B].value.hex() == exam.frame(1).frame_digest


@pytest.mark.parametrize("element", [0x01, 0x02, 0x03, 0x09])
def test_a_block_that_is_not_whole_is_refused(element: int) -> None:
    dataset = block()
    del dataset.private_block(0x0099, "HUIZHEN 1")[element]
    with pytest.raises(Refused, match="HUIZHEN 1"):
        read_private(dataset)


def test_lists_of_unequal_length_are_refused() -> None:
    dataset = block()
    dataset.private_block(0x0099, "HUIZHEN 1")[0x03].value = bytes(32)
    with pytest.raises(Refused, match="2 frame numbers, 1 digests"):
        read_private(dataset)


def test_an_instance_of_somebody_else_is_refused() -> None:
    with pytest.raises(Refused):
        read_private(Dataset())
