"""Other people's tools, as judges of what we write."""

import shutil
import subprocess
import sys
from pathlib import Path

DCIODVFY = Path(sys.executable).parent / "dciodvfy"


def errors_of(file: Path) -> list[str]:
    """Give the errors that dciodvfy finds (attributes, modules and value ranges of the instance's own class)."""
    done = subprocess.run([DCIODVFY, "-new", file], capture_output=True, text=True, timeout=30, check=False)
    said = (done.stdout + done.stderr).splitlines()
    assert said, "dciodvfy said nothing, not even the class"
    return [line for line in said if line.startswith("Error") or "Assertion" in line]


def opj_decompress(codestream: bytes, folder: Path) -> bytes:
    """Decode a codestream with OpenJPEG's tool: samples by component, little-endian."""
    source, target = folder / "frame.j2k", folder / "frame.rawl"
    source.write_bytes(codestream)
    subprocess.run([tool("opj_decompress"), "-i", source, "-o", target], capture_output=True, timeout=30, check=True)
    return target.read_bytes()


def dcmdjpls(file: Path, out: Path) -> Path:
    """Decode a JPEG-LS instance with DCMTK."""
    subprocess.run([tool("dcmdjpls"), file, out], capture_output=True, timeout=30, check=True)
    return out


def tool(name: str) -> str:
    """Find a program; a missing one fails the test, it never skips it."""
    found = shutil.which(name)
    assert found, f"{name} is missing: apt-get install dcmtk libopenjp2-tools"
    return found
