"""Every metric is in docs/topics/metrics.md."""

from pathlib import Path

from prometheus_client import CollectorRegistry

from huizhen.api.metrics import Metrics

DOCS = Path(__file__).parents[3] / "docs" / "topics" / "metrics.md"


def test_every_metric_is_listed_with_its_labels() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    text = DOCS.read_text("utf-8")
    for metric in registry.collect():
        name = metric.name + ("_total" if metric.type == "counter" else "")
        assert f"| `{name}` | {metric.type} |" in text


async def test_what_is_counted_is_named_after_the_part() -> None:
    registry = CollectorRegistry()
    Metrics(registry)
    assert {metric.name.split("_")[:2] == ["huizhen", "api"] for metric in registry.collect()} == {True}
