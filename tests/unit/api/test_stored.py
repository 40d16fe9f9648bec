"""Instances from the ledger's runs."""

from dataclasses import replace

from huizhen.api.session import Session, Source
from huizhen.api.stored import find, geometry_of, instances
from tests.services.fake_station import FakeStation, main_header

STATION = FakeStation("clinic")


def key(kind: str) -> str:
    return f"clinic/exam-1/probe/{kind}/0000000000-0000000007-{'0' * 64}.dcm"


def test_runs_of_one_instance_are_put_together_by_index() -> None:
    session = Session("clinic", "exam-1")
    first = STATION.entry(0, 3, "stored", key("exact"), "ab")
    session.take(replace(first, first=6, last=7, index=4))
    session.take(first)
    session.take(replace(STATION.entry(4, 5, "stored", key("supplement"), "cd")))
    session.take(STATION.entry(9, 9, "missing"))
    listed = instances(session)
    assert [(one.kind, one.first, one.last, one.frames) for one in listed] == [
        ("exact", 0, 7, 6), ("supplement", 4, 5, 2),
    ]  # fmt: skip
    assert [(run.first, run.index) for run in listed[0].runs] == [(0, 0), (6, 4)]
    found = find(session, "1.2.3.4")
    assert found is not None
    assert found.kind == "supplement"
    assert find(session, "1.2.3.9") is None


def test_a_frame_derived_and_stored_later_is_in_both_instances() -> None:
    session = Session("clinic", "exam-1")
    session.take(replace(STATION.entry(0, 0, "derived", key("derived"), "ab"), sop_instance_uid="1.2.3.900"))
    session.take(STATION.entry(0, 0, "stored", key("exact"), "cd"))
    assert [one.kind for one in instances(session)] == ["exact", "derived"]


def test_a_stored_frame_is_read_as_its_instance_says() -> None:
    """Of geometries that are coded alike; where it says nothing, as the newest of them."""
    source = Source(geometries={number: STATION.geometry(number) for number in (1, 2, 3)})
    source.geometries[4] = replace(STATION.geometry(4), coding_digest="0" * 64)
    found = [geometry_of(source, named, main_header()) for named in (1, 2, None, 4, 9)]
    assert [one.geometry if one else None for one in found] == [1, 2, 3, 3, 3]
    assert geometry_of(Source(), 1, main_header()) is None
