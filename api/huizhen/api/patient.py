"""Whose exam it is: which sessions are of one patient, and the name under which the patient's files lie in the store.

A PatientID means something only together with its issuer (PS3.3 C.7.1.1) and at the institution that gave it: the same
number from another issuer is another patient. An exam without a PatientID has no other exams.
"""

import hashlib
import json

from huizhen.schemas.events import Announced


def same_patient(one: Announced, other: Announced) -> bool:
    """Say whether two announced sessions are of the same patient, as far as identifiers can tell."""
    if one.tenant != other.tenant:
        return False
    return one.session == other.session or (one.patient_id != "" and _identity(one) == _identity(other))


def is_of(announced: Announced, patient_id: str, issuer: str) -> bool:
    """Say whether a file names the patient of a session."""
    return announced.patient_id != "" and _identity(announced) == (patient_id, issuer)


def scope_of(announced: Announced) -> str:
    """Give the digest under which the patient's files lie: one per patient; per session where no patient is known."""
    words = ["patient", *_identity(announced)] if announced.patient_id else ["session", announced.session]
    return hashlib.sha256(json.dumps([announced.tenant, *words]).encode()).hexdigest()


def _identity(announced: Announced) -> tuple[str, str]:
    return announced.patient_id, announced.issuer_of_patient_id
