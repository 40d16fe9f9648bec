"""The wheel holds all five parts, the command and its data, and works without the sources."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PARTS = ("schemas", "producers", "processors", "sinks", "api", "cli")
LIMIT_S = 100.0


def run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command: list[str | Path] = [BIN / "hatchling", "build", "-t", "wheel", "-d", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; the libraries come from the environment of the tests, our sources do not."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)  # what an installer does with a pure wheel
    libraries = Path(sysconfig.get_path("purelib"))
    (site / "libraries.pth").write_text(f"import sys; sys.path.append({str(libraries)!r})\n")
    return python


def test_all_parts_and_the_command_import_from_the_wheel(python: Path) -> None:
    code = f"""
import importlib, pathlib
for part in {PARTS!r}:
    module = importlib.import_module(f"huizhen.{{part}}")
    assert pathlib.Path(module.__file__).is_relative_to({str(python.parents[1])!r}), module.__file__
from huizhen.cli.main import app
from huizhen.schemas.bundled import bundled
print(bundled("kafka/pom.xml"))
"""
    assert str(python.parents[1]) in run(python, "-I", "-c", code)


def test_every_module_of_the_sources_is_in_the_wheel(wheel: Path) -> None:
    sources = {
        str(path.relative_to(ROOT / root))
        for root in ("schemas", "producers", "stream-processors", "sinks", "api")
        for path in (ROOT / root / "huizhen").rglob("*.py")
    }
    assert sources - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_wheel_carries_the_data_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"huizhen/infra/kafka/pom.xml", "huizhen/infra/kafka/log4j2.properties"} <= set(names)
    assert all(name.startswith(("huizhen/", "huizhen-")) for name in names)
    if (ROOT / "api/huizhen/api/page/index.html").is_file():
        assert "huizhen/api/page/index.html" in names
    profiles = {f"huizhen/infra/profiles/{path.name}" for path in (ROOT / "infra/profiles").glob("*.toml")}
    assert profiles <= set(names)


def test_the_command_answers_from_the_wheel(python: Path) -> None:
    assert "Examples" in run(python, "-I", "-m", "huizhen.cli", "up", "--help")
