"""What the api says of sessions: JSON shapes, and how they are made from what is known. No identity of patients."""

from datetime import UTC, datetime

from pydantic import BaseModel

from huizhen.api.session import Session, Source
from huizhen.schemas.events import GeometryDeclared, SealReport, SourceInfo
from huizhen.schemas.profile import GENERIC


class UltrasoundRegionView(BaseModel):
    """One item of SequenceOfUltrasoundRegions (PS3.3 C.8.5.5)."""

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


class GeometryView(BaseModel):
    """How frames that name this geometry are read."""

    id: int
    columns: int
    rows: int
    samples_per_pixel: int
    bits_stored: int
    pixel_representation: int
    photometric_interpretation: str
    pixel_spacing: list[float]
    ultrasound_regions: list[UltrasoundRegionView]
    window_center: list[float]
    window_width: list[float]
    rescale_slope: float
    rescale_intercept: float
    tile: int
    levels: int


class CountsView(BaseModel):
    """Frames of a source by what became of them."""

    captured: int
    assembled: int
    exact: int
    filled: int
    incomplete: int
    rejected: int
    stored: int
    missing: int
    derived: int
    behind: int
    """Frames that wait at the station to be sent late"""


class LatencyView(BaseModel):
    """Capture to assembled over the newest frames, ms; null before the first."""

    p50: float | None
    p95: float | None


class LastFrameView(BaseModel):
    """The newest assembled frame."""

    number: int
    captured_at_cloud_ns: str
    age_ms: float


class SourceView(BaseModel):
    """One source of a session."""

    source: str
    kind: str
    expected_rate_hz: float
    lossy_image_compression: str
    unmasked: bool
    """Whether its profile is `generic`: nothing was blanked at the station"""
    geometry: GeometryView | None
    counts: CountsView
    latency_ms: LatencyView
    last_frame: LastFrameView | None
    alarm: str


class ReportView(BaseModel):
    """The archive's account of a sealed session."""

    captured: int
    stored: int
    rejected: int
    missing: int
    derived: int
    by: str


class AccountView(BaseModel):
    """What became of a session's frames: by the archive's report, before that as far as the ledger has come."""

    captured: int
    stored: int
    rejected: int
    missing: int
    derived: int
    rejected_reasons: dict[str, int]
    """Frames by reason"""
    missing_reasons: dict[str, int]
    sentence: str
    """`captured 18,000, stored 17,998 exact, 2 rejected: frame_size_changed`"""
    is_final: bool
    """Whether the archive has closed the ledger"""


class SessionView(BaseModel):
    """A session."""

    session: str
    tenant: str
    state: str
    modality: str
    access_mode: str
    announced_at: str
    sources: list[SourceView]
    report: ReportView | None
    account: AccountView


def geometry_view(event: GeometryDeclared) -> GeometryView:
    """Say how frames of a geometry are read."""
    regions = [UltrasoundRegionView.model_validate(region, from_attributes=True) for region in event.ultrasound_regions]
    return GeometryView(
        id=event.geometry,
        columns=event.columns,
        rows=event.rows,
        samples_per_pixel=event.samples_per_pixel,
        bits_stored=event.bits_stored,
        pixel_representation=event.pixel_representation,
        photometric_interpretation=event.photometric_interpretation,
        pixel_spacing=event.pixel_spacing,
        ultrasound_regions=regions,
        window_center=event.window_center,
        window_width=event.window_width,
        rescale_slope=event.rescale_slope,
        rescale_intercept=event.rescale_intercept,
        tile=event.tile,
        levels=event.levels,
    )


def counts_view(source: Source) -> CountsView:
    """Count a source's frames."""
    counts = source.marks.counts()
    return CountsView(
        captured=source.captured,
        behind=source.behind,
        assembled=counts.assembled,
        exact=counts.exact,
        filled=counts.filled,
        incomplete=counts.incomplete,
        rejected=counts.rejected,
        stored=counts.stored,
        missing=counts.missing,
        derived=counts.derived,
    )


def source_view(info: SourceInfo, source: Source, now_ns: int) -> SourceView:
    """Say what is known of a source."""
    geometry = source.geometries[max(source.geometries)] if source.geometries else None
    last = None
    if source.newest >= 0:
        age_ms = (now_ns - source.newest_at_ns) / 1e6
        last = LastFrameView(number=source.newest, captured_at_cloud_ns=str(source.newest_at_ns), age_ms=age_ms)
    return SourceView(
        source=info.source,
        kind=info.kind,
        expected_rate_hz=info.expected_rate_hz,
        lossy_image_compression=info.lossy_image_compression,
        unmasked=info.profile_id == GENERIC,
        geometry=geometry_view(geometry) if geometry else None,
        counts=counts_view(source),
        latency_ms=LatencyView(p50=_ms(source.latency_ns(0.5)), p95=_ms(source.latency_ns(0.95))),
        last_frame=last,
        alarm=source.alarm,
    )


def session_view(session: Session, now_ns: int) -> SessionView:
    """Say what is known of an announced session."""
    announced = session.announced
    assert announced is not None, "only announced sessions are shown"  # noqa: S101 - a promise of ours
    return SessionView(
        session=session.session,
        tenant=session.tenant,
        state=session.state,
        modality=announced.modality,
        access_mode=announced.access_mode,
        announced_at=datetime.fromtimestamp(announced.begun_at_ns / 1e9, UTC).isoformat(),
        sources=[source_view(info, session.source(info.source), now_ns) for info in announced.sources],
        report=_report(session.report),
        account=_account(session),
    )


def _account(session: Session) -> AccountView:
    account = session.account
    return AccountView(
        captured=account.captured,
        stored=account.stored,
        rejected=account.rejected,
        missing=account.missing,
        derived=account.derived,
        rejected_reasons=dict(account.rejected_reasons),
        missing_reasons=dict(account.missing_reasons),
        sentence=account.sentence,
        is_final=session.report is not None,
    )


def _report(report: SealReport | None) -> ReportView | None:
    return None if report is None else ReportView.model_validate(report, from_attributes=True)


def _ms(duration_ns: int | None) -> float | None:
    return None if duration_ns is None else round(duration_ns / 1e6, 2)
