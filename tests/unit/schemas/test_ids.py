import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.schemas.errors import BadId
from huizhen.schemas.ids import ConsultId, Epoch, FrameNumber, Grant, SessionId, SubjectId, TenantId, Uid


@pytest.mark.parametrize("text", ["a", "clinic-7", "0", "a" * 48])
def test_an_id_of_the_rule_is_its_text(text: str) -> None:
    assert TenantId(text) == text


@pytest.mark.parametrize("text", ["", "-a", "a-", "A", "a_b", "a/b", "..", "a" * 49, "a\n", "a\0", "é", "a%2e", "a\\b"])
def test_an_id_off_the_rule_is_refused(text: str) -> None:
    with pytest.raises(BadId, match="SessionId"):
        SessionId(text)


@given(st.text())
def test_any_text_is_an_id_or_refused(text: str) -> None:
    try:
        made = TenantId(text)
    except BadId:
        return
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 1 <= len(made) <= 48


@pytest.mark.parametrize("text", ["1.2.840.10008.1.2", "2.25.0", "0.1"])
def test_uids_of_ps3_5_are_accepted(text: str) -> None:
    assert Uid(text) == text


@pytest.mark.parametrize("text", ["", "1", "1..2", "1.02", "1.2.", "1.2/3", "../1.2", "1." + "1" * 63, "1.2\n"])
def test_uids_off_ps3_5_are_refused(text: str) -> None:
    with pytest.raises(BadId):
        Uid(text)


@pytest.mark.parametrize("value", [-1, 1 << 63, True])
def test_numbers_outside_avros_long_are_refused(value: int) -> None:
    with pytest.raises(BadId):
        FrameNumber(value)


def test_numbers_compare_as_numbers() -> None:
    assert Epoch(2) > Epoch(1)


def test_a_grant_allows_its_rights_until_it_expires() -> None:
    grant = Grant(
        ConsultId("c"), SubjectId("s"), TenantId("b"), TenantId("a"), SessionId("x"), frozenset({"view"}), 100
    )
    assert grant.allows("view", 99.9)
    assert not grant.allows("view", 100)
    assert not grant.allows("operate", 0)
