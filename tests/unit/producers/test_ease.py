"""Fewer live frames for a cloud that is behind, all of them again when it is not."""

from itertools import pairwise

from huizhen.producers.ease import LESS, MS, QUIET_NS, SHARE_MIN, WORD_NS, Ease, behind, offered

SECOND = 1000 * MS


def gone(ease: Ease, first_ns: int, frames: int, rate_hz: int = 30) -> tuple[Ease, list[bool]]:
    went = []
    for number in range(frames):
        ease, goes = offered(ease, first_ns + number * SECOND // rate_hz)
        went.append(goes)
    return ease, went


def test_all_frames_go_where_nobody_complains() -> None:
    ease, went = gone(Ease(), 0, 100)
    assert all(went)
    assert ease.share == 1.0


def test_after_a_word_seven_of_ten_frames_go_evenly_spaced() -> None:
    _, went = gone(behind(Ease(), 0), 0, 30)
    assert sum(went) in (20, 21)
    assert not any(not a and not b for a, b in pairwise(went)), "never two in a row are passed by"


def test_words_at_one_time_count_once() -> None:
    once = behind(Ease(), SECOND)
    assert behind(once, SECOND + WORD_NS - 1) == once
    assert behind(once, SECOND + WORD_NS).share == LESS * LESS


def test_a_cloud_that_stays_behind_gets_about_a_frame_a_second() -> None:
    ease = Ease()
    for word in range(40):
        ease = behind(ease, word * WORD_NS)
    assert ease.share == SHARE_MIN
    assert sum(gone(ease, 39 * WORD_NS, 60)[1]) == 1


def test_the_share_rises_steadily_after_two_quiet_seconds() -> None:
    ease, _ = gone(behind(Ease(), 0), 0, 60)
    assert ease.share == LESS, "quiet has not lasted"
    ease, _ = gone(ease, QUIET_NS, 61)
    assert abs(ease.share - (LESS + 0.1)) < 1e-6, "two seconds at 5 % a second"
    ease, went = gone(ease, QUIET_NS + 2 * SECOND, 30 * 10)
    assert ease.share == 1.0
    assert all(went[-30:])
