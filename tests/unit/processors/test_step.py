from huizhen.processors.sessions import Sessions
from huizhen.processors.step import Assembler
from huizhen.schemas.reasons import RejectReason, Verdict
from huizhen.schemas.topics import Topic
from tests.exam import Exam, arrived, exam_frames, known_sessions

EXAM = Exam()
FRAMES = exam_frames(EXAM, 6, key_every=3)
PACKETS = [one for frame in FRAMES for one in frame.packets(1)]


def read(partition: tuple[str, int]) -> bool:
    return True


def assembler() -> Assembler:
    return Assembler(known_sessions(EXAM, FRAMES[0]))


def test_a_record_gives_closed_frames_and_a_hold() -> None:
    step = assembler().take(arrived(PACKETS[0]), 0.0, caught_up=False)
    assert step is not None
    assert [one.verdict for one in step.closed] == [Verdict.PASS]
    assert step.hold is step.closed[0].hold
    assert step.refusal is None


def test_an_unknown_session_is_asked_for_before_it_is_refused() -> None:
    lost = Assembler(Sessions())
    assert lost.take(arrived(PACKETS[0]), 0.0, caught_up=False) is None
    step = lost.take(arrived(PACKETS[0]), 0.0, caught_up=True)
    assert step is not None
    assert step.refusal is not None
    assert step.refusal.error.reason is RejectReason.UNKNOWN_SESSION
    assert step.refusal.head == FRAMES[0].head
    assert step.hold.owed == 1


def test_bytes_without_headers_are_refused_at_once() -> None:
    step = assembler().take(arrived(PACKETS[0], headers=()), 0.0, caught_up=False)
    assert step is not None
    assert step.refusal is not None
    assert step.refusal.head is None


def test_only_silent_sources_are_closed() -> None:
    lane = assembler()
    lane.take(arrived(FRAMES[0].packets(5)[0]), 10.0, caught_up=False)
    assert lane.close_silent(9.9, read) == []
    assert [one.verdict for one in lane.close_silent(10.0, read)] == [Verdict.REPAIRED]
    assert lane.close_silent(10.0, read) == []


def test_a_source_whose_partition_is_not_read_to_its_end_is_not_silent() -> None:
    lane = assembler()
    lane.take(arrived(FRAMES[0].packets(5)[0]), 10.0, caught_up=False)
    assert lane.close_silent(99.0, lambda partition: False) == []
    assert lane.release_silent(99.0, 99.0, lambda partition: False) == []
    assert lane.sources == 1


def test_a_silent_source_is_let_go_and_a_sealed_one_sooner() -> None:
    sessions = known_sessions(EXAM, FRAMES[0])
    lane = Assembler(sessions)
    step = lane.take(arrived(PACKETS[0]), 10.0, caught_up=False)
    assert step is not None
    assert lane.release_silent(9.0, 10.0, read) == []
    assert step.hold.kept
    sessions.seal(EXAM.sealed(1))
    assert lane.release_silent(9.0, 10.0, read) == []
    assert not step.hold.kept
    assert lane.sources == 0


def test_letting_go_closes_what_is_open() -> None:
    lane = assembler()
    lane.take(arrived(FRAMES[0].packets(5)[0]), 10.0, caught_up=False)
    assert [one.verdict for one in lane.release_silent(10.0, 10.0, read)] == [Verdict.REPAIRED]


def test_forgetting_a_partition_drops_its_windows_only() -> None:
    lane = assembler()
    record = arrived(PACKETS[0])
    lane.take(record, 0.0, caught_up=False)
    lane.forget(record.topic, 3)
    assert lane.sources == 1
    lane.forget(record.topic, record.partition)
    assert lane.sources == 0


def test_backfill_opens_no_window_but_finds_the_live_one() -> None:
    lane = assembler()
    late = lane.take(arrived(FRAMES[4].whole(), topic=Topic.BACKFILL), 0.0, caught_up=False)
    assert late is not None
    assert [one.revision for one in late.closed] == [1]
    assert lane.sources == 0
    lane.take(arrived(FRAMES[0].packets(5)[0]), 0.0, caught_up=False)
    whole = lane.take(arrived(FRAMES[0].whole(), topic=Topic.BACKFILL), 0.0, caught_up=False)
    assert whole is not None
    assert [one.revision for one in whole.closed] == [0]
