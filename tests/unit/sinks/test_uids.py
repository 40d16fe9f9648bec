from huizhen.schemas.ids import SessionId, TenantId
from huizhen.sinks import uids
from tests.unit.sinks.exam import STREAM


def test_a_uid_is_the_same_for_the_same_frames_only() -> None:
    one = uids.instance_uid(STREAM, "exact", [(0, "a"), (1, "b")])
    assert one == uids.instance_uid(STREAM, "exact", [(0, "a"), (1, "b")])
    others = [
        uids.instance_uid(STREAM, "supplement", [(0, "a"), (1, "b")]),
        uids.instance_uid(STREAM, "exact", [(0, "a"), (1, "c")]),
        uids.instance_uid(STREAM, "exact", [(0, "a"), (2, "b")]),
        uids.series_uid(STREAM, "acquired"),
        uids.series_uid(STREAM, "derived"),
        uids.study_uid(TenantId("clinic"), SessionId("exam-1")),
    ]
    assert len({one, *others}) == 7
    assert all(each.startswith("2.25.") and len(each) <= 44 for each in [one, *others])
