"""What the link bears, from delivery reports alone."""

from collections.abc import Sequence
from dataclasses import replace

from huizhen.producers import pace
from huizhen.producers.pace import MS, Backfill, Link, LiveLoad

LINK = Link(window_max=8 << 20)


def after(link: Link, times_ms: Sequence[float], size: int = 100_000, now_ms: float = 0) -> Link:
    for took_ms in times_ms:
        link = pace.delivered(pace.handed(link, size, 0), size, int(took_ms * MS), int(now_ms * MS))
    return link


def test_quick_deliveries_keep_one_packet_a_frame() -> None:
    link = after(LINK, [40, 45, 120, 60, 139])
    assert pace.packets_per_frame(link, 0, 0) == 1
    assert link.floor_ns // MS == 40


def test_a_slow_delivery_means_five_packets_for_two_seconds() -> None:
    link = after(LINK, [5, 5, 120], now_ms=1000)
    assert pace.packets_per_frame(link, 0, 1000 * MS) == 5
    assert pace.packets_per_frame(link, 0, 2999 * MS) == 5
    assert pace.packets_per_frame(link, 0, 3000 * MS) == 1


def test_a_failure_and_frames_behind_each_other_mean_five_packets() -> None:
    assert pace.packets_per_frame(pace.failed(LINK, 0, 0), 0, 1) == 5
    assert pace.packets_per_frame(pace.crowded(LINK, 0), 0, 1) == 5


def test_an_overloaded_cloud_gets_whole_frames_and_no_backfill() -> None:
    link = pace.overloaded(pace.crowded(LINK, 0), 0)
    assert pace.packets_per_frame(link, 0, 1) == 1, "five packets are more work for it"
    assert link.is_strained(1999 * MS), "longer than a pile of frames strains"
    assert not link.is_strained(2000 * MS)
    assert pace.packets_per_frame(pace.crowded(link, 2000 * MS), 0, 2001 * MS) == 5


def test_a_link_is_silent_while_something_is_on_its_way_and_nothing_is_heard() -> None:
    link = pace.handed(pace.handed(LINK, 100, 10 * MS), 100, 400 * MS)
    assert not link.is_silent(510 * MS, 500 * MS)
    assert link.is_silent(511 * MS, 500 * MS), "the first has waited longer than that"
    heard = pace.delivered(link, 100, 20 * MS, 600 * MS)
    assert not heard.is_silent(1100 * MS, 500 * MS)
    assert not pace.delivered(heard, 100, 20 * MS, 700 * MS).is_silent(9000 * MS, 500 * MS), "nothing is on its way"


def test_the_setting_stands_above_the_link() -> None:
    assert pace.packets_per_frame(pace.failed(LINK, 0, 0), 1, 1) == 1
    assert pace.packets_per_frame(LINK, 5, 0) == 5


def test_a_far_cloud_is_not_a_slow_one() -> None:
    assert not after(LINK, [190, 200, 210, 250]).is_slow(1)
    assert after(LINK, [500]).is_slow(1), "above any route that is live"


def test_the_floor_follows_a_longer_route() -> None:
    link = after(LINK, [10] + [105] * 500)
    assert link.floor_ns // MS in range(59, 62)


def test_a_used_window_doubles_in_a_round_trip_while_deliveries_are_quick() -> None:
    link = Link(window_max=8 << 20, window=100_000)
    for _ in range(2):
        link = pace.handed(link, 50_000, 0)
    for _ in range(2):
        link = pace.delivered(link, 50_000, 10 * MS, 0)
    assert link.window == 150_000, "the second delivery found half the window unused"
    assert link.inflight == 0


def test_an_unused_window_does_not_grow() -> None:
    link = pace.delivered(pace.handed(LINK, 1000, 0), 1000, 5 * MS, 0)
    assert link.window == LINK.window


def test_slow_deliveries_shrink_the_window_to_what_the_link_delivers() -> None:
    link = after(LINK, [5])
    for at_ms in range(400, 20_000, 400):
        link = after(link, [400], size=10_000, now_ms=at_ms)
    assert link.window == pace.WINDOW_MIN, "10 KB in 400 ms are 2.5 KB in 100 ms"
    for at_ms in range(20_000, 22_000, 10):
        link = after(link, [400], size=100_000, now_ms=at_ms)
    assert link.window in range(900_000, 1_200_000), "10 MB a second are a megabyte in 100 ms, however slow"


def test_the_window_has_a_limit() -> None:
    link = Link(window_max=1 << 20, window=1 << 20)
    assert after(link, [5] * 5, size=1 << 20).window == 1 << 20


def test_one_record_always_may_go() -> None:
    link = Link(window_max=1 << 20, window=32 << 10)
    assert link.has_room
    assert link.fits(1 << 20)
    link = pace.handed(link, 30 << 10, 0)
    assert link.has_room
    assert not link.fits(4 << 10)
    assert link.fits(2 << 10)
    assert not pace.handed(link, 2 << 10, 0).has_room


def test_after_a_failure_the_window_begins_small_again() -> None:
    link = pace.failed(pace.handed(LINK, 900, 0), 900, 0)
    assert (link.window, link.inflight, link.failing) == (pace.WINDOW_MIN, 0, True)
    assert not pace.delivered(link, 0, MS, 0).failing


BUSY, OVER = LiveLoad(0, 30), LiveLoad()
JUST = Backfill(handed_at_ns=0)


def test_backfill_waits_while_live_suffers() -> None:
    fine = pace.look(JUST, LINK, BUSY, 0)
    assert pace.may_backfill(fine, LINK, BUSY, 0)
    assert not pace.may_backfill(fine, LINK, LiveLoad(1, 30), 0)
    crowded = pace.crowded(LINK, 0)
    assert not pace.may_backfill(pace.look(fine, crowded, BUSY, 1), crowded, BUSY, 1)


def test_slow_deliveries_alone_do_not_stop_backfill() -> None:
    slow = after(LINK, [5, 300])
    assert slow.is_slow(1)
    assert pace.may_backfill(pace.look(JUST, slow, BUSY, 1), slow, BUSY, 1)


def test_backfill_alone_has_the_link_to_itself() -> None:
    failing = pace.failed(LINK, 0, 0)
    assert pace.may_backfill(pace.look(JUST, failing, OVER, 1), failing, OVER, 1)


def test_backfill_that_disturbs_live_stands_back_twice_as_long_each_time() -> None:
    crowded, pauses = pace.crowded(LINK, 0), []
    state = pace.look(JUST, LINK, BUSY, 0)
    for _ in range(8):
        state = pace.backfill_delivered(pace.backfill_handed(state, BUSY, 0), False)
        state = pace.look(state, crowded, BUSY, 0)
        pauses.append(state.pause_ns // MS)
        state = pace.look(state, LINK, BUSY, 0)
        before, then = state.next_at_ns - 1, state.next_at_ns
        assert pace.may_backfill(state, LINK, BUSY, before) == (before >= pace.TRICKLE_NS)
        assert pace.may_backfill(state, LINK, BUSY, then)
        state = replace(state, next_at_ns=0)
    assert pauses == [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]
    for _ in range(30):
        state = pace.backfill_delivered(state, True)
    assert state.pause_ns < 600 * MS


def test_a_strain_that_backfill_had_no_part_in_adds_no_pause() -> None:
    crowded, state = pace.crowded(LINK, 0), pace.look(JUST, LINK, BUSY, 0)
    for _ in range(20):
        state = pace.look(pace.look(state, crowded, BUSY, 1), LINK, BUSY, 1)
    assert state.pause_ns == 0
    assert pace.may_backfill(state, LINK, BUSY, 1)


def test_a_link_that_is_always_strained_still_carries_a_late_frame_now_and_then() -> None:
    state, now_ns, sent = JUST, 0, 0
    while now_ns < 60_000 * MS:
        crowded = pace.crowded(LINK, now_ns)
        state = pace.look(state, crowded, LiveLoad(2, 30), now_ns)
        if pace.may_backfill(state, crowded, LiveLoad(2, 30), now_ns):
            state = pace.backfill_delivered(pace.backfill_handed(state, BUSY, now_ns), True)
            sent += 1
        now_ns += 10 * MS
    assert 10 <= sent <= 12
    failing = pace.failed(LINK, 0, 0)
    assert not pace.may_backfill(state, failing, BUSY, now_ns + 60_000 * MS), "nothing is tried on a dead link"


def test_backfill_opens_up_with_deliveries_and_begins_again_after_a_failure() -> None:
    state = pace.backfill_handed(pace.look(JUST, LINK, OVER, 0), OVER, 0)
    assert not pace.may_backfill(state, LINK, OVER, 0)
    state = pace.backfill_delivered(state, True)
    assert (state.window, state.inflight) == (2, 0)
    for _ in range(40):
        state = pace.backfill_delivered(state, True)
    assert state.window == pace.BACKFILL_FRAMES_MAX
    assert pace.backfill_delivered(state, False).window == 1


def test_beside_a_running_source_backfill_begins_gently_and_takes_four_times_real_time_at_most() -> None:
    state, now_ns, sent = pace.look(replace(JUST, window=16), LINK, BUSY, 0), 0, [0] * 12
    while now_ns < len(sent) * 1000 * MS:
        if pace.may_backfill(state, LINK, BUSY, now_ns):
            state = pace.backfill_delivered(pace.backfill_handed(state, BUSY, now_ns), True)
            sent[now_ns // (1000 * MS)] += 1
        now_ns += 3 * MS
    assert sent[0] <= 25, "half of real time at first"
    assert sent[4] >= 60, "twice real time within a few seconds"
    assert 110 <= sent[-1] <= 122


def test_backfill_that_stood_back_for_live_begins_gently_again() -> None:
    state = replace(JUST, speed=4.0, has_worked=True, is_pausing=False)
    assert pace.look(state, pace.crowded(LINK, 0), BUSY, 1).speed == pace.SPEED_MIN
