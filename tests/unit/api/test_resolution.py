"""The resolution a link bears."""

from huizhen.api.resolution import LOOK_BACK, RISE_AFTER, Chooser, Resolution


def run(chooser: Chooser, ticks: int, dropped_per_tick: int, start: tuple[int, int]) -> tuple[int, int]:
    sent, dropped = start
    for _ in range(ticks):
        sent, dropped = sent + 8 - dropped_per_tick, dropped + dropped_per_tick
        chooser.tick(sent, dropped)
    return sent, dropped


def test_what_is_asked_for_is_given() -> None:
    wanted = {Resolution.FULL: 0, Resolution.HALF: 1, Resolution.QUARTER: 2, Resolution.AUTO: 0}
    assert {one: Chooser(one).discard for one in Resolution} == wanted


def test_auto_goes_down_under_loss_and_up_in_calm_one_step_at_a_time() -> None:
    chooser = Chooser(Resolution.AUTO)
    at = run(chooser, LOOK_BACK + 1, 4, (0, 0))
    assert chooser.discard == 1
    at = run(chooser, LOOK_BACK + 1, 4, at)
    assert chooser.discard == 2
    at = run(chooser, LOOK_BACK + 1, 4, at)
    assert chooser.discard == 2
    at = run(chooser, RISE_AFTER, 0, at)
    assert chooser.discard == 1
    run(chooser, RISE_AFTER, 0, at)
    assert chooser.discard == 0


def test_a_few_losses_change_nothing() -> None:
    chooser = Chooser(Resolution.AUTO)
    run(chooser, 100, 1, (0, 0))
    assert chooser.discard == 0
