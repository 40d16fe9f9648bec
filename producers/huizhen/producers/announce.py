"""The events a station publishes of a session: made from what is known, nothing is read or sent here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from huizhen.producers.frame import Sender
from huizhen.producers.journal_state import SourceState
from huizhen.producers.options import Exam, Input
from huizhen.producers.source import Geometry
from huizhen.schemas.codestream import MainHeader
from huizhen.schemas.events import Announced, GeometryDeclared, Progress, Sealed, SealedSource, SourceInfo
from huizhen.schemas.settings import StationSettings

DROPPED_MAX = 40_000  # numbers in an event (two a range): 1 MB of Avro holds more than 100,000


@dataclass(frozen=True, slots=True)
class Moment:
    """What of the surroundings goes into an announcement."""

    at_ns: int
    partitions: int
    new_study_uid: str
    """Used where neither the exam nor the source names a study"""


def announced(
    sender: Sender, station: StationSettings, inputs: Sequence[Input], exam: Exam, moment: Moment
) -> Announced:
    """Announce a session; identity comes from the first source, study and order from the exam where it names them."""
    first = inputs[0].source.description
    who = first.identity
    return Announced(
        alliance=station.alliance,
        tenant=sender.tenant,
        campus=station.campus,
        room=station.room,
        station=sender.station,
        session=sender.session,
        epoch=int(sender.epoch),
        announced_at_ns=moment.at_ns,
        sources=[source_info(given) for given in inputs],
        modality=first.modality,
        access_mode=exam.access_mode,
        partitions=moment.partitions,
        study_instance_uid=exam.study_instance_uid or who.study_instance_uid or moment.new_study_uid,
        accession_number=exam.accession_number or who.accession_number,
        patient_id=who.patient_id,
        issuer_of_patient_id=who.issuer_of_patient_id,
        patient_name=who.patient_name,
        patient_birth_date=who.patient_birth_date,
        patient_sex=who.patient_sex,
        study_id=who.study_id,
        study_description=who.study_description,
        referring_physician_name=who.referring_physician_name,
        order_uid=exam.order_uid or who.order_uid,
        recording=exam.recording,
        consent=exam.consent,
        retention_class=exam.retention_class,
        timezone_offset=who.timezone_offset,
    )


def source_info(given: Input) -> SourceInfo:
    """Describe one source."""
    found, profile = given.source.description, given.profile
    return SourceInfo(
        source=given.id,
        kind=found.kind,
        sop_class_uid=found.sop_class_uid,
        profile_id=profile.id,
        profile_version=profile.version,
        expected_rate_hz=found.rate_hz or profile.expected_rate_hz,
        lossy_image_compression=found.lossy_image_compression,
        lossy_image_compression_ratio=list(found.lossy_image_compression_ratio),
        lossy_image_compression_method=list(found.lossy_image_compression_method),
        dicom_json=found.dicom_json,
    )


def announced_again(earlier: Announced, new: Announced | None, epoch: int, at_ns: int) -> Announced:
    """Announce a session in a later epoch: its study and beginning stay, its earlier sources too, new ones join."""
    if new is None:
        return replace(earlier, epoch=epoch, announced_at_ns=at_ns, first_announced_at_ns=earlier.begun_at_ns)
    mine = {info.source for info in new.sources}
    kept = [info for info in earlier.sources if info.source not in mine]
    return replace(
        new,
        study_instance_uid=earlier.study_instance_uid,
        first_announced_at_ns=earlier.begun_at_ns,
        timezone_offset=earlier.timezone_offset,
        sources=[*kept, *new.sources],
    )


@dataclass(frozen=True, slots=True)
class Shape:
    """All that makes a geometry one: frames that differ in any of it need another."""

    geometry: Geometry
    header: MainHeader
    mask_teaching: tuple[int, ...]


def geometry_declared(sender: Sender, source: str, number: int, shape: Shape, at_ns: int) -> GeometryDeclared:
    """Declare a geometry."""
    found, form = shape.geometry, shape.geometry.pixels
    return GeometryDeclared(
        tenant=sender.tenant,
        session=sender.session,
        source=source,
        geometry=number,
        epoch=int(sender.epoch),
        declared_at_ns=at_ns,
        columns=form.columns,
        rows=form.rows,
        samples_per_pixel=form.samples_per_pixel,
        bits_stored=form.bits_stored,
        pixel_representation=form.pixel_representation,
        photometric_interpretation=found.photometric_interpretation,
        tile=shape.header.tile,
        levels=shape.header.levels,
        coding_digest=sha256(shape.header.encode()).hexdigest(),
        pixel_spacing=list(found.pixel_spacing or ()),
        ultrasound_regions=list(found.ultrasound_regions),
        window_center=list(found.window_center),
        window_width=list(found.window_width),
        rescale_slope=found.rescale_slope,
        rescale_intercept=found.rescale_intercept,
        mask_teaching=list(shape.mask_teaching),
        dicom_json=found.dicom_json,
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How the station stands when it reports progress."""

    at_ns: int
    spooled_bytes: int
    behind_frames: int
    alarm: str


def progress(sender: Sender, source: str, state: SourceState, standing: Standing) -> Progress:
    """Report how far a source has come."""
    return Progress(
        tenant=sender.tenant,
        session=sender.session,
        source=source,
        epoch=int(sender.epoch),
        at_ns=standing.at_ns,
        captured=state.next_number,
        journal_digest=state.digest.hex(),
        spooled_bytes=standing.spooled_bytes,
        behind_frames=standing.behind_frames,
        alarm=standing.alarm,
        dropped=state.all_dropped.flat()[:DROPPED_MAX],
    )


def sealed(sender: Sender, states: Mapping[str, SourceState], at_ns: int) -> Sealed:
    """Say that a session ends, with how many frames of each source."""
    sources = [
        SealedSource(
            name, state.next_number, state.digest.hex(), state.all_dropped.flat()[:DROPPED_MAX], state.drop_reason
        )
        for name, state in sorted(states.items())
    ]
    return Sealed(sender.tenant, sender.session, int(sender.epoch), at_ns, sources)
