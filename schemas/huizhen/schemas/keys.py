"""Object keys: only typed ids and digests, always under the tenant; no text of a sender ever enters one."""

import re

from huizhen.schemas.errors import BadId
from huizhen.schemas.ids import ConsultId, FrameNumber, SessionId, StreamId, TenantId

HEX = re.compile(r"[0-9a-f]{64}")
FILE_SUFFIXES = frozenset({"dcm", "txt"})
KINDS = frozenset({"exact", "supplement", "derived", "mask"})


def instance_key(stream: StreamId, kind: str, first: FrameNumber, last: FrameNumber, sha256: str) -> str:
    """Give the key of a DICOM instance that holds frames `first` to `last` of a source."""
    if kind not in KINDS:
        raise BadId(kind="kind of instance", text=kind, rule=f"one of {', '.join(sorted(KINDS))}")
    head = f"{stream.tenant}/{stream.session}/{stream.source}"
    return f"{head}/{kind}/{int(first):010d}-{int(last):010d}-{_digest(sha256)}.dcm"


def manifest_key(tenant: TenantId, session: SessionId, sha256: str) -> str:
    """Give the key of a sealed session's manifest."""
    return f"{tenant}/{session}/manifest/{_digest(sha256)}.json"


def message_key(tenant: TenantId, consult: ConsultId, sha256: str) -> str:
    """Give the key of a chat message's body."""
    return f"{tenant}/consults/{consult}/{_digest(sha256)}"


def file_key(tenant: TenantId, scope: str, sha256: str, suffix: str) -> str:
    """Give the key of a patient's file from elsewhere; `scope`: the patient's digest, `suffix`: dcm or txt."""
    if suffix not in FILE_SUFFIXES:
        raise BadId(kind="suffix of a file", text=suffix, rule=f"one of {', '.join(sorted(FILE_SUFFIXES))}")
    return f"{files_prefix(tenant, scope)}{_digest(sha256)}.{suffix}"


def files_prefix(tenant: TenantId, scope: str) -> str:
    """Give the prefix under which a patient's files lie: whoever puts DICOM files there finds them in the rooms."""
    return f"{tenant}/files/{_digest(scope)}/"


def session_prefix(tenant: TenantId, session: SessionId) -> str:
    """Give the prefix under which all objects of a session lie."""
    return f"{tenant}/{session}/"


def _digest(sha256: str) -> str:
    if HEX.fullmatch(sha256) is None:
        raise BadId(kind="SHA-256", text=sha256, rule="64 hexadecimal digits in lower case")
    return sha256
