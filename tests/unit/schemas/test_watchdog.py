from dataclasses import replace

from huizhen.schemas.watchdog import Sight, Watchdog

STUCK = Sight(now_s=0.0, answers=True, waiting=True, declared=False, moved=(7, 100))


def looks(*sights: Sight) -> list[bool]:
    watchdog = Watchdog(stuck_after_s=5.0)
    return [watchdog.is_stuck(sight) for sight in sights]


def at(sight: Sight, now_s: float) -> Sight:
    return replace(sight, now_s=now_s)


def test_records_wait_and_nothing_moves_for_five_seconds_is_stuck() -> None:
    assert looks(*(at(STUCK, second) for second in range(7))) == [False] * 5 + [True, True]


def test_any_movement_starts_the_time_again() -> None:
    moved = replace(STUCK, moved=(8, 100))
    assert not any(looks(STUCK, at(STUCK, 4.9), at(moved, 5.0), at(moved, 9.9)))


def test_no_answer_nothing_waiting_or_declared_waiting_is_alive() -> None:
    for alive in (replace(STUCK, answers=False), replace(STUCK, waiting=False), replace(STUCK, declared=True)):
        assert not any(looks(STUCK, at(alive, 4.0), at(alive, 60.0), at(STUCK, 64.9)))


def test_time_in_which_nobody_looked_is_no_sign_of_being_stuck() -> None:
    stopped = [at(STUCK, second) for second in (0, 1, 31, 32, 33, 34, 35, 36)]
    assert looks(*stopped) == [False] * 7 + [True]
