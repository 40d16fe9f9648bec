"""Patient, study, series and equipment modules (PS3.3 C.7.1 to C.7.5, C.12.1)."""

from importlib import metadata

from pydicom import Dataset

from huizhen.schemas.errors import BadId
from huizhen.schemas.ids import Uid
from huizhen.sinks.attributes import Attributes, date, time, zone
from huizhen.sinks.plan import DERIVED, Plan
from huizhen.sinks.uids import study_uid

SERIES_OF_DERIVED = 1000  # added to the series number, so that derived series stand behind the acquired ones


def add_patient(to: Attributes, plan: Plan) -> None:
    """Add the Patient module (C.7.1.1) from the announcement."""
    said = plan.announced
    to.put_or_empty("PatientName", said.patient_name)
    to.put_or_empty("PatientID", said.patient_id)
    to.put("IssuerOfPatientID", said.issuer_of_patient_id)
    to.put_or_empty("PatientBirthDate", said.patient_birth_date)
    to.put_or_empty("PatientSex", said.patient_sex if said.patient_sex in ("M", "F", "O") else None)


def add_study(to: Attributes, plan: Plan) -> None:
    """Add the General Study module (C.7.2.1)."""
    said = plan.announced
    try:
        uid = Uid(said.study_instance_uid)
    except BadId:
        to.problems.append("StudyInstanceUID")
        uid = study_uid(plan.stream.tenant, plan.stream.session)
    to.put("StudyInstanceUID", uid)
    to.put_or_empty("StudyDate", date(said.begun_at_ns, said.timezone_offset))
    to.put_or_empty("StudyTime", time(said.begun_at_ns, said.timezone_offset))
    to.put_or_empty("StudyID", said.study_id)
    to.put_or_empty("AccessionNumber", said.accession_number)
    to.put_or_empty("ReferringPhysicianName", said.referring_physician_name)
    to.put("StudyDescription", said.study_description)


def add_series(to: Attributes, plan: Plan) -> None:
    """Add the General Series module (C.7.3.1)."""
    said, derived = plan.announced, plan.kind == DERIVED
    to.put("SeriesInstanceUID", plan.series_instance_uid)
    to.put_or_empty("SeriesNumber", plan.source_index + 1 + (SERIES_OF_DERIVED if derived else 0))
    to.put("SeriesDate", date(said.begun_at_ns, said.timezone_offset))
    to.put("SeriesTime", time(said.begun_at_ns, said.timezone_offset))
    to.default("SeriesDescription", f"{plan.stream.source}{' (filled, not acquired)' if derived else ''}")
    if not to.put("Modality", said.modality):
        to.put("Modality", "OT")


def add_equipment(to: Attributes, plan: Plan) -> None:
    """Add the General Equipment module (C.7.5.1) and ourselves as contributing equipment (C.12.1)."""
    to.default_empty("Manufacturer")
    item = Attributes(Dataset())
    item.put("PurposeOfReferenceCodeSequence", [code("109102", "DCM", "Processing Equipment")])
    item.put("Manufacturer", "Huizhen")
    item.put("ManufacturerModelName", "huizhen")
    item.put("SoftwareVersions", version())
    item.put("StationName", str(plan.announced.station)[:16])
    item.put("ContributionDescription", "Captured, coded without loss as HTJ2K, streamed and archived")
    to.put("ContributingEquipmentSequence", [item.dataset])


def add_sop_common(to: Attributes, plan: Plan, sop_class: str) -> None:
    """Add the SOP Common module (C.12.1); an instance's creation time is its last frame's, so that it is repeatable."""
    offset = plan.announced.timezone_offset
    to.put("SpecificCharacterSet", "ISO_IR 192")
    to.put("SOPClassUID", sop_class)
    to.put("SOPInstanceUID", plan.sop_instance_uid)
    to.put("InstanceCreationDate", date(plan.frames[-1].captured_at_ns, offset))
    to.put("InstanceCreationTime", time(plan.frames[-1].captured_at_ns, offset))
    to.put("TimezoneOffsetFromUTC", zone(offset))
    to.put("InstanceNumber", plan.first + 1)


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """Make a coded entry (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def version() -> str:
    """Give the version of this software."""
    return metadata.version("huizhen")
