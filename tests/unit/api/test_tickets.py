"""One-use tickets."""

from huizhen.api.tickets import PER_SUBJECT_MAX, Ticket, Tickets
from huizhen.schemas.ids import SessionId, TenantId
from tests.services.fake_api import FakeApi


def ticket(subject: str = "ann", until_s: float = 60.0) -> Ticket:
    principal = FakeApi().principal("viewer", subject=subject)
    return Ticket(principal, TenantId("clinic"), SessionId("exam-1"), until_s)


def test_a_ticket_is_redeemed_once() -> None:
    tickets, one = Tickets(), ticket()
    assert tickets.add("secret", one, 0.0)
    assert tickets.redeem("secret", "exam-1", 59.9) is one
    assert tickets.redeem("secret", "exam-1", 59.9) is None


def test_a_ticket_shown_at_the_wrong_door_is_used_up() -> None:
    tickets = Tickets()
    tickets.add("secret", ticket(), 0.0)
    assert tickets.redeem("secret", "exam-2", 1.0) is None
    assert tickets.redeem("secret", "exam-1", 1.0) is None


def test_a_ticket_ends_after_its_minute() -> None:
    tickets = Tickets()
    tickets.add("secret", ticket(), 0.0)
    assert tickets.redeem("secret", "exam-1", 60.0) is None


def test_one_person_holds_so_many_and_old_ones_make_room() -> None:
    tickets = Tickets()
    assert all(tickets.add(f"s{number}", ticket(), 0.0) for number in range(PER_SUBJECT_MAX))
    assert not tickets.add("one more", ticket(), 0.0)
    assert tickets.add("somebody else's", ticket("bob"), 0.0)
    assert tickets.add("one more", ticket(until_s=120.0), 60.0)


def test_text_that_is_no_unicode_is_no_ticket() -> None:
    assert Tickets().redeem("\ud800", "exam-1", 0.0) is None
