"""DICOM UIDs made from what they name (2.25 and a UUID, PS3.5 B.2): a second run makes the same ones."""

import hashlib
import uuid
from collections.abc import Iterable

from huizhen.schemas.ids import SessionId, StreamId, TenantId, Uid

NAMESPACE = uuid.UUID("6f0b8f3e-3d0a-5f5c-9a3b-0a6c3a1d7e21")
IMPLEMENTATION_CLASS_UID = Uid(f"2.25.{uuid.uuid5(NAMESPACE, 'implementation').int}")


def _uid(*parts: object) -> Uid:
    return Uid(f"2.25.{uuid.uuid5(NAMESPACE, '/'.join(str(part) for part in parts)).int}")


def study_uid(tenant: TenantId, session: SessionId) -> Uid:
    """Name the study of a session whose station gave no usable StudyInstanceUID."""
    return _uid("study", tenant, session)


def series_uid(stream: StreamId, kind: str) -> Uid:
    """Name a source's series: `acquired` for exact frames and supplements, `derived`, `mask`."""
    return _uid("series", stream, kind)


def instance_uid(stream: StreamId, kind: str, frames: Iterable[tuple[int, str]]) -> Uid:
    """Name an instance by its frames: number and digest of each, in order."""
    digest = hashlib.sha256("".join(f"{number}:{each};" for number, each in frames).encode()).hexdigest()
    return _uid("instance", stream, kind, digest)
