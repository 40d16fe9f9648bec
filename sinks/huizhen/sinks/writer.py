"""Carries out effects through ports: object storage, the log, and this machine's spool. Every step may run twice.

The order is what makes it safe: the object is written, then its ledger entries, then the bytes on this machine go. A
crash in between leaves an object that the next run finds written already, under the same key.
"""

import hashlib
import io
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

import structlog

from huizhen.schemas.errors import ChecksumMismatch, Unavailable
from huizhen.schemas.events import LedgerEntry
from huizhen.sinks import metrics
from huizhen.sinks.derived import mask_dataset, mask_key, write_mask
from huizhen.sinks.effects import Effect, Forget, Send, StoreInstance, WriteLedger, WriteSeal
from huizhen.sinks.frames import Ref
from huizhen.sinks.instance import dataset_of, write_instance
from huizhen.sinks.ledger import entries_of_instance
from huizhen.sinks.plan import DERIVED, Plan
from huizhen.sinks.store import DICOM, JSON, Lock, Store

log = structlog.get_logger()
READ_BYTES = 1 << 20
RETRY_S = 1.0


class Log(Protocol):
    """Where events are published."""

    def publish(self, events: Iterable[Any]) -> None:
        """Publish events and return once all are delivered; raises Unavailable."""


class Spool(Protocol):
    """Where frames wait on this machine."""

    def get(self, ref: Ref) -> bytes:
        """Read a frame's codestream."""
        ...

    def forget(self, ref: Ref) -> None:
        """Delete a frame's bytes; a second time does nothing."""

    def scratch(self) -> AbstractContextManager[BinaryIO]:
        """Give an empty file that is gone afterwards."""
        ...


class Writer:
    """Does what the archive decided; raises Unavailable where something must be waited for, then call it again.

    `lock`: gives the lock of a manifest that is written at a time (UTC nanoseconds since 1970), None for none.
    """

    def __init__(
        self, store: Store, log: Log, spool: Spool, utc_ns: Callable[[], int], lock: Callable[[int], Lock | None]
    ) -> None:
        self._store = store
        self._log = log
        self._spool = spool
        self._utc_ns = utc_ns
        self._lock = lock

    def perform(self, effect: Effect) -> list[LedgerEntry]:
        """Carry out an effect; give the ledger entries that now stand because of it."""
        match effect:
            case StoreInstance():
                return self._store_instance(effect.plan)
            case WriteLedger():
                self._log.publish(effect.entries)
                metrics.count(effect.entries)
                return list(effect.entries)
            case WriteSeal():
                self._write_seal(effect)
            case Send():
                self._log.publish([effect.command])
                metrics.command(effect.command)
            case Forget():
                self._spool.forget(effect.ref)
        return []

    def _store_instance(self, plan: Plan) -> list[LedgerEntry]:
        with metrics.STORE.time():
            dataset, refused = dataset_of(plan)
            if refused:
                log.warning("attributes_refused", session=plan.stream.session, source=plan.stream.source, tags=refused)
                metrics.REFUSED_ATTRIBUTES.inc(len(refused))
            frames = (self._spool.get(frame.ref) for frame in plan.frames)
            sizes = [frame.ref.size for frame in plan.frames]
            key, sha256 = self._put(lambda out: write_instance(out, dataset, sizes, frames), plan.key)
            if plan.kind == DERIVED:
                mask = mask_dataset(plan, dataset)
                self._put(lambda out: write_mask(out, mask), lambda digest: mask_key(plan, digest))
            entries = entries_of_instance(plan, key, sha256, self._utc_ns())
            self._log.publish(entries)
        for frame in plan.frames:
            self._spool.forget(frame.ref)
        metrics.INSTANCES.labels(plan.kind).inc()
        metrics.count(entries)
        return entries

    def _put(self, write: Callable[[BinaryIO], None], key_of: Callable[[str], str]) -> tuple[str, str]:
        with self._spool.scratch() as out:
            write(out)
            size = out.seek(0, io.SEEK_END)
            sha256 = _sha256(out)
            key = key_of(sha256)
            if self._upload(key, out, size, sha256, DICOM):
                metrics.STORED_BYTES.inc(size)
            return key, sha256

    def _upload(self, key: str, body: BinaryIO, size: int, sha256: str, kind: str, *, lock: Lock | None = None) -> bool:
        """Put an object; bytes that changed on their way are the link's fault, not the frames', and sent again."""
        try:
            return self._store.put(key, body, size, sha256, kind, lock=lock)
        except ChecksumMismatch as error:
            raise Unavailable(f"S3 (it received other bytes than were sent: {error.actual})", RETRY_S) from error

    def _write_seal(self, effect: WriteSeal) -> None:
        self._log.publish(effect.entries)
        metrics.count(effect.entries)
        report = effect.report
        body = io.BytesIO(effect.manifest)
        lock = self._lock(self._utc_ns())
        self._upload(report.manifest_key, body, len(effect.manifest), report.manifest_sha256, JSON, lock=lock)
        self._log.publish([effect.command] if effect.command else [])
        self._log.publish([report])
        metrics.sealed(report)
        log.info(
            "session_sealed", session=report.session, by=report.by, captured=report.captured, stored=report.stored,
            rejected=report.rejected, missing=report.missing, derived=report.derived, withheld=report.withheld,
        )  # fmt: skip


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(READ_BYTES):
        digest.update(piece)
    return digest.hexdigest()
