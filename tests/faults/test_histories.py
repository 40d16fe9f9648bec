"""F13: seeded histories of packets, lost, doubled, moved, late, whole or corrupt, on the pure assembler and a model."""

import random
from collections.abc import Callable

import pytest

from tests.faults.conftest import FIGURES, FORM, SEED
from tests.faults.services.stage import Form
from tests.unit.processors.assemble_model import FRAMES, SENT, Event, run, told

HISTORIES = 100_000 if FORM is Form.FULL else 2_000
STRANGE = (0, 1, 2, 3, 4, "whole", "notice", "silence")


def history(rng: random.Random) -> list[Event]:
    """Mostly in order, with some packets left out, moved, and strange ones put in."""
    events: list[Event] = [(number, index, False) for number, sent in enumerate(SENT) for index in range(len(sent))]
    for _ in range(rng.randrange(7)):
        events.pop(rng.randrange(len(events)))
    for _ in range(rng.randrange(6)):
        strange = rng.randrange(len(FRAMES)), rng.choice(STRANGE), rng.random() < 0.1
        events.insert(rng.randrange(len(events) + 1), strange)
    for _ in range(rng.randrange(4)):
        moved = events.pop(rng.randrange(len(events)))
        events.insert(rng.randrange(len(events) + 1), moved)
    return events[rng.randrange(len(events) // 2) :]


@pytest.mark.timeout(3600)
def test_every_seeded_history_ends_as_the_model_says(record_property: Callable[[str, object], None]) -> None:
    for number in range(HISTORIES):
        made = history(random.Random(f"{SEED}/{number}"))
        assert run(made)[0] == told(made), f"seed {SEED}, history {number}: {made}"
    record_property(FIGURES, f"F13  seeded histories      {HISTORIES:,} histories, 0 violations  (seed {SEED})")
