"""The manifest of a sealed session: every frame's number, digest and place, in one canonical JSON object.

It holds nothing that changes from run to run (times are the station's), so that a second run writes the same bytes. A
session that was reported before gets an amendment, which names the manifest it follows: together they are a chain.
"""

import hashlib
import json
from collections.abc import Callable, Mapping

from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.settings import S3Settings
from huizhen.sinks.ledger import Counts, StreamLedger
from huizhen.sinks.seal import Extent, journal_digest
from huizhen.sinks.store import Lock

FORMAT = "huizhen-manifest-1"
DAY_NS = 86_400 * 10**9


def lock_for(settings: S3Settings) -> Callable[[int], Lock | None]:
    """Give what locks a manifest that is written at a time (UTC nanoseconds since 1970), as the settings want it."""

    def lock(at_ns: int) -> Lock | None:
        if not settings.locks_manifests:
            return None
        return Lock(settings.retention.upper(), at_ns + settings.retention_days * DAY_NS)

    return lock


def manifest(
    session: Mapping[str, str], by: str, sources: Mapping[str, tuple[Extent, StreamLedger]], previous: str
) -> bytes:
    """Write a manifest; `session`: its ids; `previous`: SHA-256 of the manifest it follows, or empty."""
    content = {
        "format": FORMAT,
        **session,
        "by": by,
        "previous": previous,
        "sources": {name: _source(extent, ledger) for name, (extent, ledger) in sources.items()},
    }
    return json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _source(extent: Extent, ledger: StreamLedger) -> dict[str, object]:
    counts: Counts = ledger.counts(extent.frames)
    return {
        "captured": counts.captured,
        "stored": counts.stored,
        "rejected": counts.rejected,
        "missing": counts.missing,
        "derived": counts.derived,
        "journal_digest": extent.journal_digest,
        "journal_matches": journal_matches(extent, ledger),
        "entries": [_entry(each) for _, each in sorted(ledger.entries.items(), key=lambda item: item[0][::-1])],
    }


def journal_matches(extent: Extent, ledger: StreamLedger) -> bool | None:
    """Say whether the stored frames are the journal's, by its rolling digest; None where that cannot be known."""
    if not extent.journal_digest:
        return None
    rolling = journal_digest(ledger.digests, extent.frames, extent.dropped)
    return None if rolling is None else rolling == extent.journal_digest


def _entry(entry: LedgerEntry) -> dict[str, object]:
    said = {
        "first": entry.first,
        "last": entry.last,
        "outcome": entry.outcome,
        "reason": entry.reason,
        "sop_instance_uid": entry.sop_instance_uid,
        "series_instance_uid": entry.series_instance_uid,
        "object_key": entry.object_key,
        "object_sha256": entry.object_sha256,
        "index": entry.index if entry.object_key else None,
        "frame_digests": entry.frame_digests,
    }
    return {name: value for name, value in said.items() if value not in ("", None, [])}


def sha256_of(value: bytes) -> str:
    """Give the SHA-256 of a manifest's bytes (hex)."""
    return hashlib.sha256(value).hexdigest()
