import pytest

from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.keys import manifest_key
from huizhen.sinks.chain import Checked, NoManifest, check_session
from huizhen.sinks.manifest import sha256_of
from tests.unit.sinks.desk import Desk

IDS = TenantId("clinic"), SessionId("exam-1")


@pytest.fixture
def desk() -> Desk:
    """A session with two manifests: sealed with a frame missing, which came later."""
    made = Desk().open()
    made.frames(0, 1, 2, 3, 4)
    made.seal(6)
    made.tick(30, 4)
    made.frame(5)
    made.tick(30, 4)
    return made


def manifests(desk: Desk) -> list[str]:
    """Give the keys, the first manifest first."""
    return sorted((key for key in desk.store.objects if "/manifest/" in key), key=lambda k: previous(desk, k) != b"")


def previous(desk: Desk, key: str) -> bytes:
    return desk.store.objects[key].partition(b'"previous":"')[2].partition(b'"')[0]


def check(desk: Desk, newest: str | None = None) -> Checked:
    return check_session(desk.store, *IDS, newest, is_locked=True)


def test_a_whole_session_is_sound(desk: Desk) -> None:
    assert len(manifests(desk)) == 2
    found = check(desk, desk.report.manifest_sha256 if desk.report else None)
    assert (found.faults, found.manifests, found.objects, found.unnamed) == ([], 2, 3, 0)


def test_a_corrupted_and_a_missing_object_are_found(desk: Desk) -> None:
    first, second, _ = sorted(key for key in desk.store.objects if key.endswith(".dcm"))
    desk.store.objects[first] += b"!"
    del desk.store.objects[second]
    faults = check(desk).faults
    assert [fault.split(":")[0] for fault in faults] == [
        f"object {first} is not what was stored",
        f"object {second} is gone",
    ]


def test_a_manifest_that_is_gone_breaks_the_chain(desk: Desk) -> None:
    first, second = manifests(desk)
    kept = desk.store.objects.pop(first)
    assert [fault[:19] for fault in check(desk).faults] == ["the chain is broken"]
    desk.store.objects[first] = kept
    del desk.store.objects[second]
    assert check(desk).faults == []
    assert desk.report is not None
    assert "of the newest report, is gone" in check(desk, desk.report.manifest_sha256).faults[0]


def test_a_changed_manifest_and_a_forged_branch_are_found(desk: Desk) -> None:
    first, second = manifests(desk)
    forged = desk.store.objects[second].replace(b'"by":"producer"', b'"by":"nobody!!"')
    assert forged != desk.store.objects[second]
    desk.store.objects[manifest_key(*IDS, sha256_of(forged))] = forged
    assert [fault.partition("… ")[2] or fault for fault in check(desk).faults if "2 manifests follow" not in fault] == [
        "stands under no retention lock"
    ]
    assert any("2 manifests follow manifest" in fault for fault in check(desk).faults)
    desk.store.objects[first] += b" "
    assert any("was changed" in fault for fault in check(desk).faults)


def test_the_chain_ends_at_the_newest_reports_manifest_and_nowhere_else(desk: Desk) -> None:
    first, second = (key.rpartition("/")[2].removesuffix(".json") for key in manifests(desk))
    assert check(desk, second).faults == []
    assert check(desk, "").faults == ["no report on the ledger names the end of the chain"]
    assert check(desk, first).faults == [f"manifest {first[:16]}… is the newest report's, and another follows it"]


def test_every_manifest_stands_under_a_lock_of_the_settings_length(desk: Desk) -> None:
    year_ns = 365 * 86_400 * 10**9
    modes = {desk.store.locks[key].mode for key in manifests(desk)}
    left = [desk.store.locks[key].until_ns - desk.now.utc_ns for key in manifests(desk)]
    assert modes == {"GOVERNANCE"}
    assert all(0 <= year_ns - each < 3600 * 10**9 for each in left)
    assert not any(key in desk.store.locks for key in desk.store.objects if key.endswith(".dcm"))
    key = manifests(desk)[0]
    del desk.store.locks[key]
    assert [fault.partition("… ")[2] for fault in check(desk).faults] == ["stands under no retention lock"]


def test_a_session_without_a_manifest_is_said(desk: Desk) -> None:
    with pytest.raises(NoManifest, match="not sealed yet"):
        check_session(desk.store, TenantId("other"), IDS[1])
