"""Dashboards and alerts name metrics that exist, and every metric is documented."""

import importlib
import json
import re
import subprocess
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.metrics_core import Metric

ROOT = Path(__file__).parents[2]
NAME = re.compile(r"huizhen_[a-z0-9_]+")
SUFFIX = re.compile(r"_(total|bucket|sum|count|created)$")
PARTS = ("producers", "processors", "sinks")


def families() -> list[Metric]:
    """All families that our parts register."""
    for part in PARTS:
        importlib.import_module(f"huizhen.{part}.metrics")
    own = CollectorRegistry()
    importlib.import_module("huizhen.api.metrics").Metrics(own)
    return [family for family in [*REGISTRY.collect(), *own.collect()] if family.name.startswith("huizhen_")]


def exposed() -> set[str]:
    """Their names, without counter and histogram suffixes."""
    return {family.name for family in families()}


def named(text: str) -> set[str]:
    found = set()
    for name in NAME.findall(text):
        found |= {name, SUFFIX.sub("", name)}
    return found


def test_every_metric_is_documented() -> None:
    documented = named((ROOT / "docs" / "topics" / "metrics.md").read_text("utf-8"))
    assert exposed() - documented == set()


def test_dashboard_and_alerts_name_only_metrics_that_exist() -> None:
    board = json.loads((ROOT / "infra" / "grafana" / "huizhen.json").read_text("utf-8"))
    expressions = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    text = "\n".join(expressions) + (ROOT / "infra" / "prometheus" / "alerts.yml").read_text("utf-8")
    known = exposed()
    unknown = {name for name in NAME.findall(text) if name not in known and SUFFIX.sub("", name) not in known}
    assert unknown == set()
    assert len(expressions) > 20


def test_every_alert_has_a_runbook_and_needs_nothing_that_only_a_hospital_can_scrape() -> None:
    rules = (ROOT / "infra" / "prometheus" / "alerts.yml").read_text("utf-8")
    alerts = set(re.findall(r"- alert: (\w+)", rules))
    assert len(alerts) > 10
    runbooks = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.M))
    assert alerts - runbooks == set()
    assert "huizhen_capture_" not in rules, "stations stand in hospitals: the api tells what they say"


def test_alert_rules_pass_promtool() -> None:
    for words in (("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")):
        command = ["promtool", *words]
        done = subprocess.run(
            command, cwd=ROOT / "infra" / "prometheus", capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_no_label_can_name_a_person_or_an_exam() -> None:
    labels = {label for family in families() for sample in family.samples for label in sample.labels}
    assert labels & {"session", "patient", "study", "subject", "host", "address"} == set()
