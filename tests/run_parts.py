"""Run the parts of the test suite one after the other and print a time table: `python tests/run_parts.py unit e2e`.

A part fails when one of its commands fails or when a test was skipped: what cannot be tested here must be said in the
documentation, not hidden in a skip. A part without tests yet is passed over and said to be empty.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
CODE = ("schemas", "producers", "stream-processors", "sinks", "api")
PACKAGES = ("schemas", "producers", "processors", "sinks", "api", "cli")
PART_LIMIT_S = 2700.0  # a part that hangs is ended; a busy machine may need several times the budget
FULL_LIMIT_S = 9000.0  # the same for `--full`: brokers are killed for ten rounds, stores are away for minutes


@dataclass(frozen=True, slots=True)
class Part:
    """Commands, folders of tests, and how long all of it may take."""

    budget_s: float
    commands: tuple[tuple[str, ...], ...] = ()
    folders: tuple[str, ...] = ()
    page: bool = False
    workers: int = 0
    """Processes that share the files of tests, since most of a test on servers is waiting; 0: this one alone"""
    plugins: tuple[str, ...] = ()
    """Options for pytest"""


def tool(name: str, *arguments: str) -> tuple[str, ...]:
    """Give the command line of a tool of this environment."""
    return (str(BIN / name), *arguments)


SPARE = ("-p", "no:schemathesis")  # its import costs each process of tests a second; only one part uses it
PARTS = {
    "static": Part(
        120,
        (
            tool("ruff", "format", "--check", "--quiet", "."),
            tool("ruff", "check", "--quiet", "."),
            tool("lint-imports"),
            tool("mypy", *(word for package in PACKAGES for word in ("-p", f"huizhen.{package}"))),
            tool("mypy", "tests", "benchmarks"),
            tool("pyright", *CODE),
        ),
    ),
    "unit": Part(180, folders=("tests/layout", "tests/unit"), page=True, workers=2),
    "contract": Part(120, folders=("tests/contract",), workers=4, plugins=SPARE),
    "security": Part(120, folders=("tests/security",), workers=2),
    "e2e": Part(300, folders=("tests/e2e",), plugins=SPARE),
    "faults": Part(360, folders=("tests/faults",), workers=3, plugins=SPARE),
    "fuzz": Part(60, folders=("tests/fuzz",)),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part went."""

    name: str
    took_s: float
    budget_s: float
    tests: int
    skipped: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def well(self) -> bool:
        return not self.failed and not self.skipped


def run(name: str, full: bool) -> Outcome:
    """Run one part."""
    part, before = PARTS[name], time.monotonic()
    failed = [command[0].rpartition("/")[2] for command in part.commands if not _succeeds(command, full)]
    folders = [folder for folder in part.folders if any((ROOT / folder).rglob("test_*.py"))]
    tests = 0
    skipped: tuple[str, ...] = ()
    if folders:
        with tempfile.TemporaryDirectory() as scratch:
            report = Path(scratch) / "junit.xml"
            shared = ("-n", str(part.workers), "--dist", "loadfile") if part.workers else ()
            if not _succeeds(tool("pytest", "-q", f"--junit-xml={report}", *part.plugins, *shared, *folders), full):
                failed.append("pytest")
            tests, skipped = read_report(report)
    if (
        part.page
        and (ROOT / "api/web/node_modules").is_dir()
        and not _succeeds(("npm", "run", "check"), full, "api/web")
    ):
        failed.append("page")
    return Outcome(name, time.monotonic() - before, part.budget_s, tests, skipped, tuple(failed))


def _succeeds(command: tuple[str, ...], full: bool, folder: str = ".") -> bool:
    print("+", " ".join(command).replace(str(ROOT) + "/", ""), flush=True)
    env = {**os.environ, "HUIZHEN_TEST_FULL": "1" if full else "0"}
    limit_s = FULL_LIMIT_S if full else PART_LIMIT_S
    try:
        return subprocess.run(command, cwd=ROOT / folder, env=env, timeout=limit_s, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        print(f"ended after {limit_s:g} s ({'FULL_LIMIT_S' if full else 'PART_LIMIT_S'})", flush=True)
        return False


def read_report(path: Path) -> tuple[int, tuple[str, ...]]:
    """Count the tests of a JUnit report and name the skipped ones."""
    if not path.exists():
        return 0, ()
    cases = list(ElementTree.parse(path).iter("testcase"))  # noqa: S314  (our own pytest wrote it)
    skipped = tuple(f"{case.get('classname')}.{case.get('name')}" for case in cases if case.find("skipped") is not None)
    return len(cases), skipped


def table(outcomes: list[Outcome]) -> list[str]:
    """Write the time table."""
    lines = [f"{'part':<10}{'tests':>7}{'seconds':>9}{'budget':>8}"]
    for one in outcomes:
        notes = [f"failed: {', '.join(one.failed)}"] if one.failed else []
        notes += [f"skipped: {', '.join(one.skipped)}"] if one.skipped else []
        notes += ["over budget"] if one.took_s > one.budget_s else []
        notes += ["no tests yet"] if not one.tests and not PARTS[one.name].commands else []
        lines.append(f"{one.name:<10}{one.tests:>7}{one.took_s:>9.1f}{one.budget_s:>8.0f}  {'; '.join(notes)}".rstrip())
    lines.append(f"{'all':<10}{sum(o.tests for o in outcomes):>7}{sum(o.took_s for o in outcomes):>9.1f}")
    return lines


def main(arguments: list[str]) -> int:
    """Run the named parts; 1 when one of them failed or skipped."""
    full = "--full" in arguments
    names = [name for name in arguments if name != "--full"] or list(PARTS)
    if unknown := [name for name in names if name not in PARTS]:
        print(f"there is no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
        return 2
    outcomes = [run(name, full) for name in names]
    print("\n" + "\n".join(table(outcomes)))
    return 0 if all(one.well for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
