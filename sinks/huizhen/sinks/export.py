"""Bring a session's instances out of the archive, in a transfer syntax that any reader knows."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.uid import UID

from huizhen.schemas.errors import ChecksumMismatch
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.keys import session_prefix
from huizhen.schemas.transcode import transcode
from huizhen.sinks.store import Store

INSTANCE = re.compile(r"[a-z0-9-]{1,48}/(?:exact|supplement|derived|mask)/[0-9]+-[0-9]+-(?P<sha256>[0-9a-f]{64})\.dcm")
"""Keys the archive writes, below a session's prefix; whatever else lies in the bucket names no file of ours"""


@dataclass(frozen=True, slots=True)
class Exported:
    """One file of an export."""

    path: str
    """Below the folder of the export: source/kind/name.dcm, of typed ids and digits only"""
    data: bytes


def export(store: Store, tenant: TenantId, session: SessionId, syntax: UID) -> Iterator[Exported]:
    """Give the instances of a session one by one; raises ChecksumMismatch where an object is not what its key names."""
    prefix = session_prefix(tenant, session)
    for stat in store.list(prefix):
        path = stat.key.removeprefix(prefix)
        found = INSTANCE.fullmatch(path)
        if found is None:
            continue
        value = store.get(stat.key)
        actual = hashlib.sha256(value).hexdigest()
        if actual != found["sha256"]:
            raise ChecksumMismatch(f"object {path}", found["sha256"], actual)
        yield Exported(path, transcode(value, syntax))
