"""Write the OpenAPI document: `python -m huizhen.api.openapi_file docs/openapi.json`."""

import json
import sys
from pathlib import Path

from huizhen.api.app import described_app


def document() -> str:
    """Give the OpenAPI document as text; no server is needed for it."""
    return json.dumps(described_app({}).openapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(), "utf-8")
