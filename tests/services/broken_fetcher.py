"""A worker whose fetcher crashes as soon as there is a file `break` in its state folder."""

from pathlib import Path
from typing import Any, cast

from aiokafka.consumer import fetcher

from huizhen.processors import main
from huizhen.processors.batches import Batches
from huizhen.schemas.settings import Settings


def run(settings: Settings) -> int:
    """Run the worker."""

    class Breaking(Batches):
        def __init__(self, data: bytes) -> None:
            if Path(settings.state, "break").exists():
                raise RuntimeError("planted by a test")
            super().__init__(data)

    cast(Any, fetcher).MemoryRecords = Breaking
    return main.run(settings)
