"""Write the newest `.avsc` of each event: `python -m huizhen.schemas.avsc_files`; released ones stay as they are."""

import json
import sys
from pathlib import Path

from huizhen.schemas.avro import VERSIONS, name_of, schema_of

FOLDER = Path(__file__).parent / "avsc"


def text_of(kind: type) -> str:
    """Give the text of an event's newest `.avsc`."""
    return json.dumps(schema_of(kind), indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """Write each file whose version does not stand yet; name those that differ from their dataclass."""
    stale = []
    for kind, version in VERSIONS.items():
        file = FOLDER / f"{name_of(kind)}.v{version}.avsc"
        if not file.exists():
            file.write_text(text_of(kind), "utf-8")
        elif file.read_text("utf-8") != text_of(kind):
            stale.append(file.name)
    if stale:
        sys.stderr.write(f"{', '.join(stale)} differ from events.py: append fields and raise the version in avro.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
