"""The newest token of everybody."""

from dataclasses import replace

from huizhen.api.presence import Presence
from tests.services.fake_api import START_S, FakeApi

ANN = FakeApi().principal("viewer")


def test_a_token_counts_until_it_ends_with_its_leeway() -> None:
    assert Presence().now(ANN, START_S + 629) is ANN
    assert Presence().now(ANN, START_S + 630) is None


def test_a_newer_token_takes_the_place_of_the_old_one_but_not_the_reverse() -> None:
    presence, newer = Presence(), replace(ANN, expires_at_s=ANN.expires_at_s + 600)
    presence.seen(newer)
    presence.seen(ANN)
    assert presence.now(ANN, START_S + 700) is newer


def test_who_signed_out_is_out_with_all_tokens_of_the_sign_in() -> None:
    presence = Presence()
    presence.seen(ANN)
    presence.sign_out(ANN, START_S)
    assert presence.now(replace(ANN, expires_at_s=START_S + 9_000.0), START_S) is None
    assert presence.now(replace(ANN, sign_in="later"), START_S) is not None


def test_without_a_named_sign_in_later_tokens_count_again() -> None:
    presence, outside = Presence(), replace(ANN, sign_in="")
    presence.sign_out(outside, START_S + 5)
    assert presence.is_out(outside)
    assert not presence.is_out(replace(outside, signed_in_at_s=START_S + 6))
