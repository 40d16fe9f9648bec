"""Since when the broker answers."""

import math

from huizhen.processors.answers import Answers


def test_nothing_is_known_before_it_has_answered_for_a_while() -> None:
    answers = Answers()
    assert answers.known_until_s(2.0) == -math.inf
    answers.looked(10.0, answered=True)
    answers.looked(11.0, answered=True)
    assert answers.known_until_s(2.0) == -math.inf
    answers.looked(12.0, answered=True)
    assert answers.known_until_s(2.0) == 12.0


def test_one_look_without_an_answer_and_all_begins_anew() -> None:
    answers = Answers()
    for at_s in (10.0, 11.0, 12.0):
        answers.looked(at_s, answered=True)
    answers.looked(13.0, answered=False)
    assert answers.known_until_s(2.0) == -math.inf
    answers.looked(14.0, answered=True)
    assert answers.known_until_s(2.0) == -math.inf
    answers.looked(16.5, answered=True)
    assert answers.known_until_s(2.0) == 16.5
