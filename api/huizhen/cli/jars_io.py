"""Fetch Kafka's jars once with Maven, from the versions in `infra/kafka/pom.xml`, and keep them in the cache folder."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from huizhen.cli.problem import Problem
from huizhen.schemas.bundled import bundled

FETCH_S = 600.0  # 45 jars, 43 MB: seconds on a usual line
_POM = "{http://maven.apache.org/POM/4.0.0}"
MAVEN_WAY_OUT = "install it (Debian: apt-get install maven), or use an outside Kafka: huizhen up --kafka host:port"


def kafka_version(pom: str) -> str:
    """Read the Kafka version from the text of the pom."""
    version = ElementTree.fromstring(pom).findtext(f"{_POM}properties/{_POM}kafka.version")  # noqa: S314  (our own file)
    if not version:
        raise ValueError("infra/kafka/pom.xml names no kafka.version")
    return version


def jars_folder(cache: Path) -> Path:
    """Name the folder of the jars: another pom is another folder, so that an old one is never mixed in."""
    pom = bundled("kafka/pom.xml").read_text()
    digest = hashlib.sha256(pom.encode()).hexdigest()[:8]
    return cache / f"kafka-{kafka_version(pom)}-{digest}"


def fetch_jars(cache: Path) -> Path:
    """Give the folder of Kafka's jars, fetching them when they are not there yet; raises Problem."""
    folder = jars_folder(cache)
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise Problem("Kafka's jars are not here yet and Maven is missing", way_out=MAVEN_WAY_OUT)
    cache.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="kafka-", dir=cache))
    try:
        _maven(maven, fresh)
        _put_in_place(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _maven(maven: str, target: Path) -> None:
    command = [maven, "--batch-mode", "--quiet", "--strict-checksums", "--file", str(bundled("kafka/pom.xml"))]
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    try:
        done = subprocess.run([*command, *goal], capture_output=True, text=True, timeout=FETCH_S, check=False)
    except subprocess.TimeoutExpired:
        raise Problem(f"Maven did not fetch Kafka's jars within {FETCH_S:g} s", way_out="try again") from None
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if "ERROR" in line]
        first = said[0].removeprefix("[ERROR] ")[:300] if said else f"exit code {done.returncode}"
        raise Problem(f"Maven could not fetch Kafka's jars ({first})", way_out="mend Maven's settings and try again")


def _put_in_place(fresh: Path, folder: Path) -> None:
    fresh.chmod(0o755)
    try:
        fresh.rename(folder)
    except OSError:
        if not folder.is_dir():  # else somebody fetched them meanwhile: theirs are as good
            raise


def main() -> None:
    """Fetch the jars into the configured cache: `python -m huizhen.cli.jars_io`, for `make setup` and images."""
    from huizhen.cli.running_io import load_settings

    try:
        print(fetch_jars(load_settings().up.cache.expanduser()))
    except Problem as problem:
        sys.exit(f"huizhen: {problem}")


if __name__ == "__main__":
    main()
