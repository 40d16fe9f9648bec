"""The faults that one broker is enough for, played on the whole line; each ends in the ledger check."""

from collections.abc import Callable

import pytest

from tests.faults.conftest import FIGURES, SEED
from tests.faults.scenarios.table import FAULTS, Fault
from tests.faults.services.stage import Stage

LIMIT_S = 3600  # of the full form


@pytest.mark.timeout(LIMIT_S)
@pytest.mark.parametrize("fault", [each for each in FAULTS if each.brokers == 1], ids=lambda fault: fault.id)
def test_nothing_is_lost(stage: Stage, fault: Fault, record_property: Callable[[str, object], None]) -> None:
    record_property(FIGURES, fault.said(fault.play(stage), SEED))
