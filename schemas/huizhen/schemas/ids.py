"""Typed ids: alliance, institution (tenant), campus, room, station, source, session, frame; grants.

An id is a `str` or `int` of its own type, checked once when made, so that an id that exists is safe to use in a topic
name, an object key and a metric label. No id may carry a name, an address or patient data.
"""

import re
from dataclasses import dataclass
from typing import Self

from huizhen.schemas.errors import BadId

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")
UID = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")
UID_MAX_CHARS = 64  # DICOM PS3.5 section 9.1
NUMBER_MAX = (1 << 63) - 1  # Avro long


class _Slug(str):
    """1 to 48 of a-z, 0-9 and inner hyphens: fits Kafka topic names, S3 keys and URNs."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not isinstance(text, str) or SLUG.fullmatch(text) is None:
            raise BadId(kind=cls.__name__, text=str(text), rule="1 to 48 of a-z, 0-9 and inner '-'")
        return super().__new__(cls, text)


class AllianceId(_Slug):
    """A group of institutions that consult each other."""


class TenantId(_Slug):
    """An institution: the unit of isolation."""


class CampusId(_Slug):
    """A site of an institution."""


class RoomId(_Slug):
    """An examination room."""


class StationId(_Slug):
    """A capture station."""


class SourceId(_Slug):
    """A probe, a console screen or a room camera; one session may have several."""


class SessionId(_Slug):
    """One exam as streamed."""


class ConsultId(_Slug):
    """One request for consultation."""


class SubjectId(_Slug):
    """A person or a service, pseudonymous; the issuer knows who it is."""


class Uid(str):
    """A DICOM unique identifier (PS3.5 section 9.1)."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:  # noqa: D102
        if not isinstance(text, str) or len(text) > UID_MAX_CHARS or UID.fullmatch(text) is None:
            raise BadId(kind="DICOM UID", text=str(text), rule="digits and dots, at most 64 characters, PS3.5 9.1")
        return super().__new__(cls, text)


class _Count(int):
    """A whole number from 0 that fits Avro's long."""

    __slots__ = ()

    def __new__(cls, value: int) -> Self:
        if isinstance(value, bool) or not 0 <= value <= NUMBER_MAX:
            raise BadId(kind=cls.__name__, text=str(value), rule=f"a whole number from 0 to {NUMBER_MAX}")
        return super().__new__(cls, value)


class FrameNumber(_Count):
    """Position of a frame in its source, from 0, never restarted within a session."""


class Epoch(_Count):
    """Fences a second producer of one session: the higher epoch wins."""


class GeometryId(_Count):
    """Which geometry event of the session describes a frame."""


@dataclass(frozen=True, slots=True)
class StreamId:
    """One source of one session of one institution: the unit of ordering and numbering."""

    tenant: TenantId
    session: SessionId
    source: SourceId

    def __str__(self) -> str:
        return f"{self.tenant}/{self.session}/{self.source}"


@dataclass(frozen=True, slots=True)
class FrameId:
    """A frame: everything later refers to it."""

    stream: StreamId
    number: FrameNumber

    def __str__(self) -> str:
        return f"{self.stream}/{self.number}"


@dataclass(frozen=True, slots=True)
class Grant:
    """Lets a subject of one institution into a session of another, for a time."""

    consult: ConsultId
    subject: SubjectId
    institution: TenantId
    tenant: TenantId
    session: SessionId
    rights: frozenset[str]
    expires_at_s: int

    def allows(self, right: str, now_s: float) -> bool:
        """Say whether the grant gives `right` at `now_s` (seconds since 1970, UTC)."""
        return right in self.rights and now_s < self.expires_at_s
