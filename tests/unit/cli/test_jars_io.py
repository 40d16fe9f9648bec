"""Kafka's jars are fetched once, by Maven."""

from pathlib import Path

import pytest

from huizhen.cli import jars_io
from huizhen.cli.problem import Problem
from huizhen.schemas.bundled import bundled


def fake_maven(folder: Path, script: str) -> None:
    folder.mkdir()
    maven = folder / "mvn"
    maven.write_text(f'#!/bin/sh\nfor last; do :; done\ntarget="${{last#-DoutputDirectory=}}"\n{script}\n')
    maven.chmod(0o755)


def test_the_version_stands_in_the_pom() -> None:
    assert jars_io.kafka_version(bundled("kafka/pom.xml").read_text()) == "4.4.0"


def test_jars_are_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_maven(tmp_path / "bin", 'touch "$target/kafka.jar"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    folder = jars_io.fetch_jars(tmp_path / "cache")
    assert [path.name for path in folder.iterdir()] == ["kafka.jar"]
    assert folder.name.startswith("kafka-4.4.0-")
    monkeypatch.setenv("PATH", "/nowhere")
    assert jars_io.fetch_jars(tmp_path / "cache") == folder


def test_a_failed_fetch_leaves_nothing_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_maven(tmp_path / "bin", 'touch "$target/half.jar"; echo "[ERROR] no route to the repository"; exit 1')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    with pytest.raises(Problem, match=r"could not fetch Kafka's jars \(no route to the repository\)"):
        jars_io.fetch_jars(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_missing_maven_is_one_line_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Problem, match="Maven is missing: install it"):
        jars_io.fetch_jars(tmp_path)
