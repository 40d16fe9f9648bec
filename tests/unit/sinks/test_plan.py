import pytest

from huizhen.sinks.plan import Plan
from tests.unit.sinks import exam


def plan(*numbers: int, kind: str = "exact") -> Plan:
    source = exam.source()
    frames = tuple(exam.frame(number) for number in numbers)
    return Plan(kind, exam.STREAM, exam.announced(source), source, exam.geometry(), frames)


@pytest.mark.parametrize("numbers", [(), (1, 1), (2, 1)])
def test_an_instance_needs_frames_of_rising_number(numbers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rising"):
        plan(*numbers)


def test_its_key_names_tenant_session_source_kind_frames_and_digest() -> None:
    key = plan(3, 4, 7, kind="supplement").key("a" * 64)
    assert key == f"clinic/exam-1/probe/supplement/0000000003-0000000007-{'a' * 64}.dcm"


def test_derived_frames_have_a_series_of_their_own() -> None:
    assert plan(0).series_instance_uid == plan(1, kind="supplement").series_instance_uid
    assert plan(0).series_instance_uid != plan(0, kind="derived").series_instance_uid
    assert plan(0).sop_instance_uid != plan(1).sop_instance_uid
