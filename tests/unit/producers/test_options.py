"""What a run may be asked."""

import pytest

from huizhen.producers.options import Exam
from huizhen.schemas.errors import BadId


def test_an_unknown_access_mode_is_refused() -> None:
    with pytest.raises(ValueError, match=r"A \(desktop sharing\) or B"):
        Exam(access_mode="C")


def test_uids_are_checked() -> None:
    with pytest.raises(BadId):
        Exam(study_instance_uid="1.2.x")
    with pytest.raises(BadId):
        Exam(order_uid="../1")
    assert Exam(study_instance_uid="1.2.3").order_uid == ""
