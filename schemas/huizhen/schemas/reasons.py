"""Closed lists of reasons. They grow only here; every list is part of the wire."""

from enum import StrEnum


class RejectReason(StrEnum):
    """Why bytes were refused; the original bytes wait on `rejected` and can be replayed."""

    BAD_ENVELOPE = "bad_envelope"
    BAD_CHECKSUM = "bad_checksum"
    BAD_CODESTREAM = "bad_codestream"
    BAD_DICOM = "bad_dicom"
    BAD_IDENTITY = "bad_identity"
    CODING_CHANGED = "coding_changed"
    FRAME_SIZE_CHANGED = "frame_size_changed"
    UNKNOWN_SESSION = "unknown_session"
    UNKNOWN_GEOMETRY = "unknown_geometry"
    TOO_LARGE = "too_large"
    STALE_EPOCH = "stale_epoch"
    WRONG_TENANT = "wrong_tenant"
    LATE_BEYOND_WINDOW = "late_beyond_window"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"
    POLICY = "policy"


class MissingReason(StrEnum):
    """Why a captured frame is neither stored nor rejected."""

    SOURCE_DROPPED = "source_dropped"
    SPOOL_FULL = "spool_full"
    SPOOL_TORN = "spool_torn"
    EXPIRED_BEFORE_PUBLISH = "expired_before_publish"
    UNEXPLAINED = "unexplained"


class Flag(StrEnum):
    """What the picture checks saw; flags never reject."""

    BLACK = "black"
    FROZEN = "frozen"
    CLIPPED = "clipped"
    NOISE = "noise"
    BLUR = "blur"
    LETTERBOX_DRIFT = "letterbox_drift"
    RATE_LOW = "rate_low"
    RATE_HIGH = "rate_high"
    TIME_NOT_RISING = "time_not_rising"


class Verdict(StrEnum):
    """What became of a frame in the processors."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    REPAIRED = "repaired"
    REJECTED = "rejected"
    INCOMPLETE = "incomplete"


class Outcome(StrEnum):
    """What the ledger says of a range of frames."""

    STORED = "stored"
    REJECTED = "rejected"
    MISSING = "missing"
    DERIVED = "derived"


class Withheld(StrEnum):
    """Why a station is not told that a session is stored, and so keeps its journal."""

    JOURNAL_MISMATCH = "journal_mismatch"
    """What is stored has another rolling digest than the journal"""
    REFUSED = "refused"
    """The archive refused a frame, and no better one came"""
    UNEXPLAINED = "unexplained"
    """Frames are missing and nobody said why"""


class TileState(StrEnum):
    """Where the shown pixels of a tile come from."""

    TRUE = "true"
    UNCHANGED = "unchanged"
    TEMPORAL = "temporal"
    BASE = "base"
    SPATIAL = "spatial"

    @property
    def is_exact(self) -> bool:
        """Say whether the pixels are the captured ones."""
        return self in {TileState.TRUE, TileState.UNCHANGED}
