"""Every fault of the table, played on the whole line; each ends in the ledger check."""

from collections.abc import Callable

import pytest

from tests.faults.conftest import FIGURES, SEED
from tests.faults.scenarios.table import FAULTS, Fault
from tests.faults.services.stage import Stage

FULL_S = 3600


@pytest.mark.timeout(FULL_S)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_nothing_is_lost(stage: Stage, fault: Fault, record_property: Callable[[str, object], None]) -> None:
    figures = fault.play(stage)
    record_property(FIGURES, f"{fault.id:<5}{fault.what:<24}{figures.as_text()}  (seed {SEED})")
