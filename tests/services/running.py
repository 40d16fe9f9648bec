"""Servers of tests, from start to end."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from tests.services.broker import Broker
from tests.services.store import Store

S = TypeVar("S", bound=Broker | Store)


@contextmanager
def running(server: S) -> Iterator[S]:
    """Run a server while the block lasts; its disk is given back."""
    try:
        server.start_somewhere()
        yield server
    finally:
        server.stop()
        server.remove_data()
