"""`huizhen capture`: send an exam from a source."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from huizhen.producers.burned_in import why_unsafe
from huizhen.producers.item import ItemSource
from huizhen.producers.options import Exam, Input, Options
from huizhen.producers.pick import SourceOptions
from huizhen.schemas.events import Consent
from huizhen.schemas.ids import SessionId, SourceId
from huizhen.schemas.profile import GENERIC, Profile
from huizhen.schemas.settings import Settings

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class _Opening:
    options: SourceOptions
    coded_beforehand: int
    is_unmasked: bool

    def open(self, location: str, profile: Profile) -> ItemSource:
        from huizhen.producers.pick import open_source

        source = open_source(location, self.options)
        if not self.is_unmasked and (why := why_unsafe(source.description, profile)):
            source.close()
            raise typer.BadParameter(why, param_hint="--profile")
        if not self.coded_beforehand:
            return source
        from huizhen.producers.clock_io import SystemClock
        from huizhen.producers.replay_coded import ReplayCoded, precode

        typer.echo(f"coding {self.coded_beforehand} frames beforehand", err=True)
        pairs = precode(source, profile, self.coded_beforehand)
        return ReplayCoded(pairs, source.description, SystemClock(), self.options.loop)


def capture(
    location: Annotated[
        str, typer.Argument(help="DICOM file or folder, video file, rtsp://…, v4l2:///dev/video0, screen:, phantom:")
    ] = "",
    *,
    profile: Annotated[str, typer.Option(help="Profile: a name of infra/profiles, or a TOML file")] = GENERIC,
    unmasked: Annotated[
        bool,
        typer.Option("--unmasked", help="Take pictures that may name the patient with profile generic, as they are"),
    ] = False,
    session: Annotated[str, typer.Option(help="Session id; auto: a new one; an old one is continued")] = AUTO,
    source: Annotated[str, typer.Option(help="Id of the source within the session")] = "probe",
    also: Annotated[
        list[str] | None, typer.Option(help="Further source: ID=LOCATION or ID=LOCATION@PROFILE; may be repeated")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Frames per second of a replay; default: its own")] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Start a file again at its end")] = False,
    frames: Annotated[int, typer.Option(min=0, help="Stop after so many frames; 0: at the end")] = 0,
    study_uid: Annotated[str, typer.Option(help="StudyInstanceUID; default: the file's, or a new one")] = "",
    accession: Annotated[str, typer.Option(help="AccessionNumber")] = "",
    order_uid: Annotated[str, typer.Option(help="UID of the order this exam answers")] = "",
    access_mode: Annotated[
        str, typer.Option(help="A: desktop sharing, viewers look on; B: interface, operated under a lease")
    ] = "B",
    recording: Annotated[bool, typer.Option(help="Whether the archive may keep the exam")] = True,
    consent_by: Annotated[str, typer.Option(help="Role of who recorded the patient's consent, e.g. nurse")] = "",
    retention: Annotated[str, typer.Option(help="Retention class of the archive")] = "standard",
    series: Annotated[str, typer.Option(help="SeriesInstanceUID wanted of a folder with several")] = "",
    allow_deflated: Annotated[bool, typer.Option("--allow-deflated", help="Read deflated DICOM files")] = False,
    reconnect: Annotated[bool, typer.Option("--reconnect", help="Open a lost camera again")] = False,
    coded_beforehand: Annotated[
        int, typer.Option(min=0, help="Code so many frames first and replay them coded (for measuring)")
    ] = 0,
    wait_stored: Annotated[float, typer.Option(min=0, help="Seconds to wait for the archive after the end")] = 90.0,
    flush_timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait for Kafka at the end")] = 600.0,
    recover: Annotated[
        bool, typer.Option("--recover", help="Send only what earlier sessions left in the journal, then end")
    ] = False,
) -> None:
    """Send an exam from a source: numbered, masked, coded losslessly, journalled and published.

    The network is never waited for: what cannot be sent live follows whole from the journal. Ctrl-C (or SIGTERM) seals
    the session; what Kafka lacks then is published by the next start, or with --recover.

    Pictures of screens, cameras, videos, ultrasound and DICOM without BurnedInAnnotation NO may name the patient: they
    want a profile, which says what is blanked here before anything leaves, or --unmasked.

    \b
    Examples:
      huizhen capture exam.dcm --profile us-640x480
      huizhen capture exam.dcm --profile us-640x480 --loop --rate 30 --frames 900
      huizhen capture screen: --profile screen --access-mode A --session or-2-monday
      huizhen capture phantom: --profile xa-phantom --also console=screen:@screen
      huizhen capture --recover
    """
    from huizhen.producers import main

    settings = Settings()
    if recover:
        raise typer.Exit(main.recover(settings, Options(SessionId("recover"), Profile(GENERIC, 1))))
    if not location:
        raise typer.BadParameter("say what to capture, for example exam.dcm", param_hint="LOCATION")
    if access_mode not in ("A", "B"):
        raise typer.BadParameter("A (desktop sharing) or B (interface)", param_hint="--access-mode")
    from huizhen.schemas.profile_io import find_profile

    found = find_profile(profile)
    opening = _Opening(SourceOptions(rate, loop, allow_deflated, series, reconnect), coded_beforehand, unmasked)
    now = datetime.now(UTC)
    consent = Consent(True, int(now.timestamp() * 1e9), consent_by, "consultation") if consent_by else Consent()
    options = Options(
        session=session_id(session, now, secrets.token_hex(2)),
        profile=found,
        source_id=SourceId(source),
        exam=Exam(study_uid, accession, order_uid, access_mode, recording, consent, retention),
        others=tuple(_other(text, opening) for text in also or ()),
        frames=frames,
        flush_timeout_s=flush_timeout,
        wait_stored_s=wait_stored,
    )
    typer.echo(f"session {options.session}", err=True)
    raise typer.Exit(main.run(settings, opening.open(location, found), options))


def session_id(text: str, now: datetime, nonce: str) -> SessionId:
    """Give the id asked for, or a new one that sorts by time."""
    return SessionId(f"exam-{now:%Y%m%d-%H%M%S}-{nonce}" if text == AUTO else text)


def split_other(text: str) -> tuple[str, str, str]:
    """Split `ID=LOCATION[@PROFILE]`; raises BadParameter."""
    name, equals, rest = text.partition("=")
    location, at, profile = rest.rpartition("@")
    if not at or "/" in profile:  # the @ belongs to the location, as in rtsp://user@camera/stream
        location, profile = rest, GENERIC
    if not name or not equals or not location:
        raise typer.BadParameter(f"{text!r} is not ID=LOCATION or ID=LOCATION@PROFILE", param_hint="--also")
    return name, location, profile


def _other(text: str, opening: _Opening) -> Input:
    from huizhen.schemas.profile_io import find_profile

    name, location, profile = split_other(text)
    found = find_profile(profile)
    return Input(SourceId(name), opening.open(location, found), found)
