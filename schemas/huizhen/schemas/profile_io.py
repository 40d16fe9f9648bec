"""Find and read profiles: a file's path, or the name of one that comes with the installation."""

from pathlib import Path

from huizhen.schemas.bundled import bundled
from huizhen.schemas.errors import BadProfile
from huizhen.schemas.ids import SLUG
from huizhen.schemas.profile import Profile, parse_profile

FILE_MAX_BYTES = 64 << 10


def load_profile(path: Path) -> Profile:
    """Read one profile file; BadProfile says what is wrong."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_MAX_BYTES + 1)
    except OSError as error:
        raise BadProfile(path.stem, "the file", error.strerror or "unreadable", "readable") from None
    if len(data) > FILE_MAX_BYTES:
        raise BadProfile(path.stem, "the file", f"over {FILE_MAX_BYTES} bytes", f"up to {FILE_MAX_BYTES} bytes")
    try:
        return parse_profile(data.decode(), path.stem)
    except UnicodeDecodeError:
        raise BadProfile(path.stem, "the file", "not UTF-8", "UTF-8") from None


def load_profiles(folder: Path | None = None) -> dict[tuple[str, int], Profile]:
    """Read the profiles that come along and, beside them, those of a folder: by id and version.

    BadProfile where the folder or one of its files cannot be used.
    """
    if folder is not None and not folder.expanduser().is_dir():
        raise BadProfile(folder.name, "processor.profiles", "no folder", "a folder of *.toml files")
    folders = [bundled("profiles"), *([folder.expanduser()] if folder else [])]
    found = [load_profile(path) for each in folders for path in sorted(each.glob("*.toml"))]
    return {(profile.id, profile.version): profile for profile in found}


def find_profile(name: str) -> Profile:
    """Read a profile by name (`us-640x480`) or by the path of a TOML file."""
    if SLUG.fullmatch(name) is None:
        return load_profile(Path(name))
    try:
        return load_profile(bundled(f"profiles/{name}.toml"))
    except FileNotFoundError:
        known = ", ".join(sorted(path.stem for path in bundled("profiles").glob("*.toml")))
        raise BadProfile(name, "the name", name, f"one of {known}, or the path of a TOML file") from None
