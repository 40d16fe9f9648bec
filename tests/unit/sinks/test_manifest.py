import hashlib
import json

from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.ranges import Ranges
from huizhen.sinks.ledger import StreamLedger
from huizhen.sinks.manifest import journal_matches, manifest, sha256_of
from huizhen.sinks.seal import Extent

IDS = {"tenant": "clinic", "session": "exam-1"}
DIGEST = bytes(range(32))
ROLLING = hashlib.sha256(bytes(32) + (0).to_bytes(8, "big") + DIGEST).hexdigest()


def ledger(at_ns: int = 5) -> StreamLedger:
    made = StreamLedger()
    made.fold(LedgerEntry(
        "clinic", "exam-1", "probe", 0, 0, "stored", at_ns, sop_instance_uid="2.25.1", object_key="k",
        object_sha256="s", frame_digests=[DIGEST.hex()],
    ))  # fmt: skip
    made.fold(LedgerEntry("clinic", "exam-1", "probe", 1, 2, "missing", at_ns, reason="spool_full"))
    return made


def test_a_manifest_says_what_became_of_every_frame_and_nothing_of_when() -> None:
    extent = Extent(3, Ranges([(1, 2)]), "spool_full", ROLLING)
    written = manifest(IDS, "producer", {"probe": (extent, ledger(5))}, "")
    assert written == manifest(IDS, "producer", {"probe": (extent, ledger(99))}, "")
    found = json.loads(written)
    assert (found["format"], found["tenant"], found["by"]) == ("huizhen-manifest-1", "clinic", "producer")
    probe = found["sources"]["probe"]
    assert (probe["captured"], probe["stored"], probe["missing"], probe["journal_matches"]) == (3, 1, 2, True)
    assert probe["entries"] == [
        {"first": 0, "last": 0, "outcome": "stored", "sop_instance_uid": "2.25.1", "object_key": "k",
         "object_sha256": "s", "index": 0, "frame_digests": [DIGEST.hex()]},
        {"first": 1, "last": 2, "outcome": "missing", "reason": "spool_full"},
    ]  # fmt: skip
    assert sha256_of(written) == hashlib.sha256(written).hexdigest()


def test_an_amendment_names_the_manifest_it_follows() -> None:
    assert json.loads(manifest(IDS, "producer", {}, "a" * 64))["previous"] == "a" * 64


def test_a_journal_that_cannot_be_checked_is_neither_right_nor_wrong() -> None:
    assert journal_matches(Extent(1), ledger()) is None
    assert journal_matches(Extent(3, journal_digest=ROLLING), ledger()) is None
    assert journal_matches(Extent(1, journal_digest="0" * 64), ledger()) is False
