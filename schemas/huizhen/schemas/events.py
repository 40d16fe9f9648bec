"""The records that are not pixels, one frozen dataclass each; avro.py puts them on the wire.

Fields are only ever appended, each with a default; then an old reader reads a newer record (it stops before the fields
it does not know) and a new reader an older one (defaults fill in). `version` in `SCHEMAS` counts those appendings.
Identity (patient and study) stands in `Announced` alone, so that a tombstone on its key erases it from the log.
"""

from dataclasses import dataclass, field

from huizhen.schemas.geometry import PixelFormat


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """One source of a session."""

    source: str
    kind: str
    """probe, screen, camera, angiography, ct, mr or other"""
    sop_class_uid: str
    """SOP class the archive writes for this source"""
    profile_id: str
    profile_version: int
    expected_rate_hz: float
    lossy_image_compression: str = "00"
    """DICOM LossyImageCompression of the source: 00 or 01"""
    lossy_image_compression_ratio: list[float] = field(default_factory=list)
    lossy_image_compression_method: list[str] = field(default_factory=list)
    dicom_json: str = "{}"
    """Attributes of the source's own data set to carry into the archive: DICOM JSON model (PS3.18 F), no pixels"""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the patient agreed to, as the station recorded it."""

    given: bool = False
    recorded_at_ns: int = 0
    by: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Announced:
    """A session begins: who, what, how, with which rights."""

    alliance: str
    tenant: str
    campus: str
    room: str
    station: str
    session: str
    epoch: int
    announced_at_ns: int
    sources: list[SourceInfo]
    modality: str
    access_mode: str
    """A: desktop sharing, viewers cannot operate; B: interface, operation under a lease"""
    partitions: int
    """Partitions of the packets topic: fixed per deployment, so that a session stays ordered"""
    study_instance_uid: str
    accession_number: str = ""
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    patient_name: str = ""
    patient_birth_date: str = ""
    patient_sex: str = ""
    study_id: str = ""
    study_description: str = ""
    referring_physician_name: str = ""
    order_uid: str = ""
    """UID of the order or requested procedure this exam answers"""
    recording: bool = True
    consent: Consent = field(default_factory=Consent)
    retention_class: str = "standard"
    timezone_offset: str = "+0000"
    """DICOM TimezoneOffsetFromUTC of the station"""
    first_announced_at_ns: int = 0
    """Where this announces a later epoch: when the session was announced first; else 0"""

    @property
    def begun_at_ns(self) -> int:
        """When the session began, whatever epoch announced it: the time of its study and series."""
        return self.first_announced_at_ns or self.announced_at_ns


@dataclass(frozen=True, slots=True)
class UltrasoundRegion:
    """One item of SequenceOfUltrasoundRegions (PS3.3 C.8.5.5), in pixels of the sent frame."""

    region_spatial_format: int
    region_data_type: int
    region_flags: int
    x0: int
    y0: int
    x1: int
    y1: int
    physical_units_x: int
    physical_units_y: int
    physical_delta_x: float
    physical_delta_y: float


@dataclass(frozen=True, slots=True)
class GeometryDeclared:
    """How the frames that name this geometry are to be read."""

    tenant: str
    session: str
    source: str
    geometry: int
    epoch: int
    declared_at_ns: int
    columns: int
    rows: int
    samples_per_pixel: int
    bits_stored: int
    pixel_representation: int
    photometric_interpretation: str
    """Of the decoded samples: MONOCHROME1, MONOCHROME2 or RGB"""
    tile: int
    levels: int
    coding_digest: str
    """SHA-256 (hex) of the main header that every frame must carry"""
    pixel_spacing: list[float] = field(default_factory=list)
    """Row then column spacing in mm; empty where not calibrated"""
    ultrasound_regions: list[UltrasoundRegion] = field(default_factory=list)
    window_center: list[float] = field(default_factory=list)
    window_width: list[float] = field(default_factory=list)
    rescale_slope: float = 1.0
    rescale_intercept: float = 0.0
    mask_teaching: list[int] = field(default_factory=list)
    """Regions blanked for trainees: top, left, bottom, right in pixels, four numbers each"""
    dicom_json: str = "{}"
    """Per-image attributes of single-frame series (position, orientation, …)"""

    @property
    def pixel_format(self) -> PixelFormat:
        """Give size and sample format, checked."""
        return PixelFormat(self.rows, self.columns, self.samples_per_pixel, self.bits_stored, self.pixel_representation)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a source has come at the station; found tails and spool alarms come from it."""

    tenant: str
    session: str
    source: str
    epoch: int
    at_ns: int
    captured: int
    """Frames captured so far: the highest number plus one"""
    journal_digest: str
    """Rolling SHA-256 over number and frame digest of every frame so far (hex)"""
    spooled_bytes: int = 0
    behind_frames: int = 0
    """Frames that still wait to go out on backfill"""
    alarm: str = ""
    """spool_full, disk_full, source_lost, link_down or empty"""
    dropped: list[int] = field(default_factory=list)
    """Numbers that exist and were never journalled (spool full): first, last, first, last, …"""


@dataclass(frozen=True, slots=True)
class SealedSource:
    """One source at its end."""

    source: str
    frames: int
    journal_digest: str
    dropped: list[int] = field(default_factory=list)
    drop_reason: str = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A session ends with so many frames per source."""

    tenant: str
    session: str
    epoch: int
    sealed_at_ns: int
    sources: list[SealedSource]
    by: str = "producer"
    """producer, or timeout where the producer fell silent"""


@dataclass(frozen=True, slots=True)
class FrameVerdict:
    """What the processors made of one frame."""

    tenant: str
    session: str
    source: str
    number: int
    revision: int
    epoch: int
    verdict: str
    """pass, repaired, rejected or incomplete"""
    exact: bool
    key: bool
    captured_at_ns: int
    captured_at_cloud_ns: int
    closed_at_ns: int
    tiles: int
    tiles_unchanged: int
    tiles_filled: int
    expected_error: float
    bytes: int
    reasons: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    mean_level: float = 0.0
    sharpness: float = 0.0
    profile_id: str = ""
    profile_version: int = 0
    processor_version: str = ""
    packets_missing: list[int] = field(default_factory=list)
    backfilled: bool = False


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What became of the frames `first` to `last` of a source."""

    tenant: str
    session: str
    source: str
    first: int
    last: int
    outcome: str
    """stored, rejected, missing or derived"""
    at_ns: int
    reason: str = ""
    sop_instance_uid: str = ""
    series_instance_uid: str = ""
    object_key: str = ""
    object_sha256: str = ""
    index: int = 0
    """Index in the instance, from 0, of frame `first`"""
    frame_digests: list[str] = field(default_factory=list)
    topic: str = ""
    partition: int = -1
    offset: int = -1


@dataclass(frozen=True, slots=True)
class SealReport:
    """The ledger's account of a sealed session."""

    tenant: str
    session: str
    at_ns: int
    by: str
    captured: int
    stored: int
    rejected: int
    missing: int
    derived: int
    manifest_key: str = ""
    manifest_sha256: str = ""
    withheld: str = ""
    """Why the station is not told to wipe its journal: journal_mismatch, refused, unexplained, or empty where it is"""


@dataclass(frozen=True, slots=True)
class ConsultEvent:
    """A change of a consultation; its state is the fold of its events."""

    consult: str
    kind: str
    """requested, claimed, invited, granted, revoked, finished, canceled;
    of its room: joined, left, presenter, view, annotation or message; lease"""
    at_ns: int
    subject: str
    institution: str
    tenant: str
    """Institution whose session is consulted on"""
    session: str
    event_id: str = ""
    transaction_uid: str = ""
    """DICOM UPS Transaction UID: whoever holds it has the claim"""
    reason: str = ""
    urgency: str = "ROUTINE"
    """DICOM UPS Scheduled Procedure Step Priority: HIGH, MEDIUM, LOW, or STAT and ROUTINE"""
    specialty: str = ""
    rights: list[str] = field(default_factory=list)
    expires_at_s: int = 0
    lease_id: str = ""
    fencing_number: int = 0
    deadline_ns: int = 0
    payload: str = ""
    """JSON of invitations and of the room's events"""
    object_key: str = ""
    """Text and images of the chat live in S3"""


@dataclass(frozen=True, slots=True)
class Gesture:
    """What matters now in a consultation room: a pointer, a view on its fast way, that somebody is here."""

    consult: str
    kind: str
    """pointer, view, here or gone"""
    at_ns: int
    subject: str
    institution: str
    tenant: str
    seat: str
    """Names the open socket it came from"""
    payload: str = ""


@dataclass(frozen=True, slots=True)
class StoredSource:
    """One source as the archive accounts for it."""

    source: str
    frames: int
    journal_digest: str
    """As in SealedSource: the station wipes only a journal that has this digest"""


@dataclass(frozen=True, slots=True)
class Command:
    """Something a station is told; the station decides."""

    tenant: str
    station: str
    kind: str
    """session_stored, resend, key_frame, behind, control"""
    at_ns: int
    session: str
    source: str = ""
    first: int = 0
    last: int = 0
    lease_id: str = ""
    fencing_number: int = 0
    deadline_ns: int = 0
    payload: str = ""
    manifest_sha256: str = ""
    """Of the manifest that `session_stored` tells of"""
    sources: list[StoredSource] = field(default_factory=list)
    """What `session_stored` tells of"""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One access, log-in or denial; rendered to a DICOM PS3.15 A.5 audit message."""

    event_id: str
    at_ns: int
    action: str
    """DICOM EventActionCode: C, R, U, D or E"""
    event_code: str
    """DCM code of the event: 110103 Instances Accessed, 110114 User Authentication, 110113 Security Alert, …"""
    outcome: int
    """DICOM EventOutcomeIndicator: 0 success, 4 minor, 8 serious, 12 major failure"""
    subject: str
    institution: str
    tenant: str
    route: str
    method: str = ""
    roles: list[str] = field(default_factory=list)
    session: str = ""
    study_instance_uid: str = ""
    consult: str = ""
    reason: str = ""
