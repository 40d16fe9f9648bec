"""Check a session's manifests and every object they name: the chain, then presence, size and digest."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from huizhen.schemas.errors import HuizhenError
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.keys import session_prefix
from huizhen.sinks.export import INSTANCE
from huizhen.sinks.manifest import FORMAT, sha256_of
from huizhen.sinks.store import NoObject, Store, Version

MANIFEST = re.compile(r"manifest/(?P<sha256>[0-9a-f]{64})\.json")
Manifest = dict[str, Any]
"""A manifest as read; every value is looked at as what it may be"""


class NoManifest(HuizhenError):
    """The session has none: it was never sealed, or is not of this institution."""


@dataclass(slots=True)
class Checked:
    """What was checked, and what is not as it must be, one sentence each."""

    manifests: int = 0
    objects: int = 0
    bytes: int = 0
    unnamed: int = 0
    """Instances that no manifest names: masks, and what came after the newest seal"""
    faults: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Say whether nothing was found."""
        return not self.faults


def check_session(
    store: Store, tenant: TenantId, session: SessionId, newest: str | None = None, is_locked: bool = False
) -> Checked:
    """Read all of a session back; raises NoManifest, Unavailable.

    `newest`: SHA-256 of the manifest that the newest report names, where the chain must end; empty: there is no report;
    None: nobody asked. `is_locked`: each manifest must stand under retention.
    """
    prefix = session_prefix(tenant, session)
    sizes = {each.key: each.size for each in store.list(prefix)}
    found = Checked()
    manifests = _manifests(store, prefix, (str(tenant), str(session)), is_locked, found)
    if not found.manifests:
        raise NoManifest(f"session {session} has no manifest: it is not sealed yet, or not of institution {tenant}")
    _chain(manifests, newest, found)
    named = _named(manifests, found)
    for key in sorted({*named, *(key for key in sizes if INSTANCE.fullmatch(key.removeprefix(prefix)))}):
        _object(store, key, sizes.get(key), named.get(key), found)
    return found


def _manifests(store: Store, prefix: str, ids: tuple[str, str], is_locked: bool, found: Checked) -> dict[str, Manifest]:
    """Read the manifests by their digest; one that is not its digest's is told and left out."""
    versions: dict[str, list[Version]] = {}
    for each in store.versions(f"{prefix}manifest/"):
        name = MANIFEST.fullmatch(each.key.removeprefix(prefix))
        if name is not None:
            versions.setdefault(name["sha256"], []).append(each)
    read: dict[str, Manifest] = {}
    for sha256, listed in versions.items():
        found.manifests += 1
        whole = _whole(store, sha256, listed, found)
        if whole is None:
            continue
        value, version = whole
        content = json.loads(value)
        if content.get("format") != FORMAT or (content.get("tenant"), content.get("session")) != ids:
            found.faults.append(f"manifest {sha256[:16]}… is of another format, institution or session")
            continue
        if is_locked and store.lock_of(version.key, version.version) is None:
            found.faults.append(f"manifest {sha256[:16]}… stands under no retention lock")
        read[sha256] = content
    return read


def _whole(store: Store, sha256: str, versions: list[Version], found: Checked) -> tuple[bytes, Version] | None:
    """Give the manifest and the version that holds it: the newest, or an older one that a lock kept, which is told."""
    for each in sorted(versions, key=lambda one: not one.is_newest):
        if each.is_deletion:
            continue
        value = store.get(each.key, each.version)
        if sha256_of(value) == sha256:
            if not each.is_newest:
                kept = f"version {each.version} still holds it"
                found.faults.append(f"manifest {sha256[:16]}… was deleted or written over; {kept}")
            return value, each
    what = "was deleted" if all(each.is_deletion for each in versions) else "is not the bytes its key names"
    found.faults.append(f"manifest {sha256[:16]}… {what}: it was changed")
    return None


def _chain(manifests: dict[str, Manifest], newest: str | None, found: Checked) -> None:
    previous = {digest: str(each.get("previous") or "") for digest, each in manifests.items()}
    for digest, before in previous.items():
        if before and before not in manifests:
            found.faults.append(f"the chain is broken: manifest {digest[:16]}… follows {before[:16]}…, which is gone")
    for before, count in Counter(previous.values()).items():
        if count > 1:
            what = f"follow manifest {before[:16]}…" if before else "begin a chain"
            found.faults.append(f"the chain is broken: {count} manifests {what}, only one can")
    if newest == "":
        found.faults.append("no report on the ledger names the end of the chain")
    elif newest is not None and newest not in manifests:
        found.faults.append(f"the chain is broken: its end, manifest {newest[:16]}… of the newest report, is gone")
    elif newest is not None and newest in previous.values():
        found.faults.append(f"manifest {newest[:16]}… is the newest report's, and another follows it")


def _named(manifests: dict[str, Manifest], found: Checked) -> dict[str, str]:
    named: dict[str, str] = {}
    for content in manifests.values():
        for source in content["sources"].values():
            for entry in source["entries"]:
                key, sha256 = entry.get("object_key", ""), entry.get("object_sha256", "")
                if key and named.setdefault(key, sha256) != sha256:
                    found.faults.append(f"object {key}: two manifests name two digests")
    return named


def _object(store: Store, key: str, size: int | None, sha256: str | None, found: Checked) -> None:
    for fault in _faults(store, key, size, sha256, found):
        found.faults.append(f"object {key} {fault}")


def _faults(store: Store, key: str, size: int | None, sha256: str | None, found: Checked) -> Iterator[str]:
    try:
        value = store.get(key) if size is not None else None
    except NoObject:
        value = None
    if value is None:
        yield "is gone"
        return
    found.objects += 1
    found.bytes += len(value)
    found.unnamed += sha256 is None
    if len(value) != size:
        yield f"has {len(value):,} bytes, the listing says {size:,}"
    actual = hashlib.sha256(value).hexdigest()
    if not key.endswith(f"{actual}.dcm") or actual != (sha256 or actual):
        yield f"is not what was stored: SHA-256 is {actual[:16]}…"
