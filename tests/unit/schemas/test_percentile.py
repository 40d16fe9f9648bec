from huizhen.schemas.percentile import percentile


def test_a_percentile_is_a_value_that_was_seen() -> None:
    assert [percentile([3, 1, 2], share) for share in (0.0, 0.5, 0.95, 1.0)] == [1, 2, 3, 3]


def test_of_no_values_there_is_none() -> None:
    assert percentile([], 0.5) is None
