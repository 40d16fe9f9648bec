"""What a fault is played on: brokers, a store behind a proxy, and one line that all faults of a run share."""

import random
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from huizhen.cli.topics_io import ensure_topics
from huizhen.schemas.settings import KafkaSettings, S3Settings
from tests.faults.services.line import Line
from tests.faults.services.proxy import CALM, FaultProxy
from tests.services.store import Store

TOPICS_S = 60.0


class Brokers(Protocol):
    """One broker or three."""

    @property
    def settings(self) -> KafkaSettings:
        """How to reach them."""
        ...


@dataclass
class Stage:
    """Servers that run, and who plays on them."""

    folder: Path
    brokers: Brokers
    store: Store
    seed: int
    is_full: bool
    """Whether faults are played as long as they are meant, or as short as shows something"""
    store_proxy: FaultProxy = field(init=False)
    _lines: list[Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store_proxy = FaultProxy(int(self.store.settings.endpoint.rpartition(":")[2]), seed=self.seed)

    @property
    def s3(self) -> S3Settings:
        """The store, through the proxy."""
        return self.store.settings.model_copy(update={"endpoint": self.store_proxy.address})

    @property
    def line(self) -> Line:
        """The line that runs, started where none does."""
        if not self._lines:
            tenant = f"t{secrets.token_hex(3)}"
            ensure_topics(self.brokers.settings, [tenant], TOPICS_S)
            self._lines.append(Line(self.folder / tenant, self.brokers.settings, self.s3, tenant))
            self._lines[-1].start()
        return self._lines[-1]

    def rng(self, fault: str) -> random.Random:
        """Give a fault its own random numbers, so that it can be played again alone."""
        return random.Random(f"{self.seed}/{fault}")

    def clear(self) -> None:
        """Make the weather calm and end the line where a fault left it in disorder."""
        self.store_proxy.weather = CALM
        while self._lines:
            self._lines.pop().close()

    def close(self) -> None:
        """End all but the servers."""
        self.clear()
        self.store_proxy.close()
