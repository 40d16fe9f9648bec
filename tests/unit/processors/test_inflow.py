from huizhen.processors.inflow import INFLOW_BYTES_MAX, Inflow


def test_records_are_counted_per_lane_until_taken() -> None:
    inflow = Inflow(frozenset({"late"}))
    inflow.fetched("live", 100)
    inflow.fetched("late", 50)
    assert (inflow.live.records, inflow.live.bytes, inflow.backfill.bytes) == (1, 100, 50)
    inflow.taken("live", 100)
    assert (inflow.live.records, inflow.live.bytes, inflow.backfill.records) == (0, 0, 1)


def test_fetching_stops_at_the_byte_limit() -> None:
    inflow = Inflow(frozenset({"late"}))
    inflow.fetched("live", INFLOW_BYTES_MAX // 2)
    assert inflow.has_room
    inflow.fetched("late", INFLOW_BYTES_MAX // 2)
    assert not inflow.has_room


def test_a_record_that_was_never_counted_does_not_make_it_negative() -> None:
    inflow = Inflow()
    inflow.taken("live", 10)
    assert (inflow.live.records, inflow.live.bytes) == (0, 0)


def test_an_empty_buffer_puts_its_lane_right() -> None:
    inflow = Inflow(frozenset({"late"}))
    inflow.fetched("live", 100)
    inflow.fetched("late", 50)
    inflow.emptied("live")
    assert (inflow.live.records, inflow.live.bytes, inflow.backfill.records) == (0, 0, 1)


def test_clearing_starts_again() -> None:
    inflow = Inflow()
    inflow.fetched("live", INFLOW_BYTES_MAX)
    inflow.clear()
    assert inflow.has_room
    assert inflow.live.records == 0
