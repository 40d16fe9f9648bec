from dataclasses import replace

import pytest

from huizhen.schemas.events import LedgerEntry
from huizhen.sinks.verify import ReadBack, read_back
from tests.unit.sinks import exam
from tests.unit.sinks.desk import Desk

JOURNAL = {
    ("probe", number): (exam.meta(number).head.frame_digest, exam.meta(number).head.pixel_digest) for number in range(4)
}


@pytest.fixture
def desk() -> Desk:
    made = Desk().open()
    made.frames(0, 1, 2, 3)
    return made


def entries(desk: Desk) -> list[LedgerEntry]:
    return desk.of(LedgerEntry)


def test_what_was_stored_is_what_was_captured(desk: Desk) -> None:
    assert read_back(desk.store, entries(desk)) == ReadBack(stored=4)
    found = read_back(desk.store, entries(desk), JOURNAL)
    assert (found, found.is_sound) == (ReadBack(stored=4), True)


def test_a_lost_or_changed_object_is_found(desk: Desk) -> None:
    (key,) = desk.store.objects
    whole = desk.store.objects[key]
    for value in (whole[:-10] + b"X" + whole[-9:], whole[:100], b""):
        desk.store.objects[key] = value
        assert read_back(desk.store, entries(desk)).object_mismatches == 1
    desk.store.objects.clear()
    assert read_back(desk.store, entries(desk)) == ReadBack(object_mismatches=1)


def test_an_object_that_is_no_dicom_is_found(desk: Desk) -> None:
    (entry,) = entries(desk)
    desk.store.objects[entry.object_key] = b"not dicom"
    said = replace(entry, object_sha256="5eeb6f9d3ae3fdd9d7ee5dc6b6f5d6f1f1c3c7d1f8b1b9c9b0a0c8d1e7a3c7b2")
    assert read_back(desk.store, [said]).object_mismatches == 1


def test_a_swapped_frame_is_found(desk: Desk) -> None:
    (entry,) = entries(desk)
    first, second, *rest = entry.frame_digests
    swapped = replace(entry, frame_digests=[second, first, *rest])
    assert read_back(desk.store, [swapped]).frame_mismatches == 2
    assert read_back(desk.store, [replace(entry, first=1, last=4)]).frame_mismatches == 4
    assert read_back(desk.store, [replace(entry, index=2)]).frame_mismatches == 4


def test_a_frame_that_the_journal_does_not_have_is_found(desk: Desk) -> None:
    assert read_back(desk.store, entries(desk), {}).frame_mismatches == 4
    other = JOURNAL | {("probe", 2): (JOURNAL["probe", 2][0], "0" * 64)}
    assert read_back(desk.store, entries(desk), other).frame_mismatches == 1


def test_pixels_that_are_not_the_captured_ones_are_found() -> None:
    desk = Desk().open()
    for number in range(4):
        meta = exam.meta(number)
        lie = replace(meta, head=replace(meta.head, pixel_digest="0" * 64)) if number == 1 else meta
        desk.record(lie, exam.coded(exam.COLOUR, number))
    found = read_back(desk.store, desk.of(LedgerEntry))
    assert (found.pixel_mismatches, found.is_sound) == (1, False)
