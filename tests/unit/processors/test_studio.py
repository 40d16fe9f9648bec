import dataclasses

import numpy as np
import pytest

from huizhen.processors import emission, studio
from huizhen.processors.closed import Closed
from huizhen.processors.metrics import FILLED, FLAGS, FRAMES, UNKNOWN_PROFILE, observe
from huizhen.processors.step import Assembler
from huizhen.processors.studio import Finished, Studio
from huizhen.schemas import htj2k
from huizhen.schemas.events import FrameVerdict
from huizhen.schemas.profile import Profile, Thresholds
from huizhen.schemas.reasons import Flag
from huizhen.schemas.record import FrameMeta, read_frame_headers
from huizhen.schemas.routing import Record, read_event
from tests.exam import Coded, Exam, arrived, exam_frames, known_sessions, moving

NOW_NS = 1_760_000_000_500_000_000
EXAM = Exam()
FRAMES_SENT = exam_frames(EXAM, 6, key_every=1)


class Bench:
    def __init__(self, exam: Exam = EXAM, first: Coded = FRAMES_SENT[0], **options: object) -> None:
        sessions = known_sessions(exam, first)
        self.assembler = Assembler(sessions)
        self.studio = Studio(sessions, **options)  # type: ignore[arg-type] # options of the studio

    def closed(self, frame: Coded, lost: set[int] | None = None) -> list[Closed]:
        sent = [one for index, one in enumerate(frame.packets(5)) if index not in (lost or set())]
        if lost:
            sent.append(frame.not_sent(lost, 5))
        steps = [self.assembler.take(arrived(one), 0.0, caught_up=True) for one in sent]
        return [closed for step in steps if step for closed in step.closed]

    def finish(self, frame: Coded, lost: set[int] | None = None) -> Finished:
        (closed,) = self.closed(frame, lost)
        return self.studio.finish(closed, NOW_NS)


def in_version(*profiles: Profile) -> dict[tuple[str, int], Profile]:
    return {(each.id, each.version): each for each in profiles}


def frame_of(finished: Finished) -> tuple[FrameMeta, bytes]:
    record = next(one for one in finished.records if one.topic == "huizhen.frames")
    assert record.value is not None
    return read_frame_headers(record.headers), record.value


def verdict_of(records: tuple[Record, ...]) -> FrameVerdict:
    record = next(one for one in records if one.topic == "huizhen.verdicts")
    event = read_event([*record.headers], record.value)
    assert isinstance(event, FrameVerdict)
    return event


def test_an_exact_frame_is_the_captured_codestream_with_its_verdict() -> None:
    finished = Bench().finish(FRAMES_SENT[0])
    meta, value = frame_of(finished)
    assert value == FRAMES_SENT[0].stream
    assert (meta.head, meta.revision, meta.exact, meta.closed_at_ns) == (FRAMES_SENT[0].head, 0, True, NOW_NS)
    assert meta.tiles == ()
    verdict = verdict_of(finished.records)
    assert (verdict.verdict, verdict.exact, verdict.tiles, verdict.tiles_filled) == ("pass", True, 15, 0)
    assert (verdict.bytes, verdict.number, verdict.profile_id) == (len(value), 0, "default")
    assert 0.2 < verdict.mean_level < 0.8
    assert verdict.sharpness > 0


def test_unchanged_tiles_are_named_with_their_age() -> None:
    exam_frames_changed = exam_frames(EXAM, 2, key_every=9)
    bench = Bench()
    bench.finish(exam_frames_changed[0])
    finished = bench.finish(exam_frames_changed[1])
    meta, _ = frame_of(finished)
    assert {(str(tile.state), tile.age) for tile in meta.tiles} == {("true", 0), ("unchanged", 1)}
    assert verdict_of(finished.records).tiles_unchanged == len(exam_frames_changed[1].unchanged)


def test_a_damaged_frame_is_filled_from_the_last_exact_one_and_marked() -> None:
    bench = Bench()
    bench.finish(FRAMES_SENT[0])
    finished = bench.finish(FRAMES_SENT[1], {2})
    meta, value = frame_of(finished)
    assert not meta.exact
    assert {str(tile.state) for tile in meta.tiles} == {"true", "temporal"}
    verdict = verdict_of(finished.records)
    assert (verdict.verdict, verdict.exact, verdict.packets_missing) == ("repaired", False, [2])
    assert verdict.tiles_filled == sum(not tile.state.is_exact for tile in meta.tiles)
    assert verdict.expected_error > 0
    assert htj2k.decode(value).shape == (96, 160)


def test_plain_filling_uses_no_other_frame() -> None:
    bench = Bench(fill="zero")
    bench.finish(FRAMES_SENT[0])
    meta, _ = frame_of(bench.finish(FRAMES_SENT[1], {2}))
    assert "temporal" not in {str(tile.state) for tile in meta.tiles}


def test_a_hurried_studio_leaves_lost_detail_out() -> None:
    bench = Bench()
    bench.finish(FRAMES_SENT[0])
    (closed,) = bench.closed(FRAMES_SENT[1], {2})
    meta, _ = frame_of(bench.studio.finish(closed, NOW_NS, is_hurried=True))
    assert {str(tile.state) for tile in meta.tiles} == {"true", "base"}


def test_a_frame_without_base_is_counted_and_not_shown() -> None:
    finished = Bench().finish(FRAMES_SENT[0], {0, 1, 2, 3, 4})
    assert [record.topic for record in finished.records] == ["huizhen.verdicts"]
    verdict = verdict_of(finished.records)
    assert (verdict.verdict, verdict.packets_missing, verdict.tiles) == ("incomplete", [0, 1, 2, 3, 4], 0)


def test_a_frame_with_a_wrong_digest_is_rejected_with_all_its_records() -> None:
    lie = dataclasses.replace(FRAMES_SENT[0], head=dataclasses.replace(FRAMES_SENT[0].head, frame_digest="0" * 64))
    finished = Bench().finish(lie)
    assert [record.topic for record in finished.records] == ["huizhen.verdicts"] + ["huizhen.clinic.rejected"] * 5
    verdict = verdict_of(finished.records)
    assert (verdict.verdict, verdict.reasons) == ("rejected", ["bad_checksum"])


def test_a_codestream_larger_than_a_record_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emission, "STREAM_MAX", 1000)
    for lost in (None, {2}):
        finished = Bench().finish(FRAMES_SENT[0], lost)
        assert [record.topic for record in finished.records] == ["huizhen.verdicts"]
        assert verdict_of(finished.records).reasons == ["too_large"]


def test_a_damaged_frame_of_another_encoder_is_counted_and_not_shown() -> None:
    frame = FRAMES_SENT[0]
    coding = frame.header.coding[:-1] + bytes([frame.header.coding[-1] ^ 8])
    other = dataclasses.replace(frame, header=dataclasses.replace(frame.header, coding=coding))
    finished = Bench(first=other).finish(other, {2})
    assert verdict_of(finished.records).verdict == "incomplete"


def test_the_limits_come_from_the_profile_in_that_version() -> None:
    black = np.zeros((96, 160), np.uint8)
    strict = Profile(
        "default", 1, thresholds=Thresholds(black_mean_max=0.0, black_deviation_max=0.0, blur_texture_min=0)
    )
    other = Profile("default", 2, thresholds=strict.thresholds)
    frame = EXAM.frame(0, black + (moving(0) > 250))
    assert verdict_of(Bench(first=frame).finish(frame).records).flags == ["black"]
    assert verdict_of(Bench(first=frame, profiles=in_version(other)).finish(frame).records).flags == ["black"]
    assert verdict_of(Bench(first=frame, profiles=in_version(other, strict)).finish(frame).records).flags == []


def test_a_frame_whose_profile_is_not_here_is_counted_and_says_so() -> None:
    before = UNKNOWN_PROFILE._value.get()
    lacking = Bench(profiles=in_version(Profile("default", 2))).finish(FRAMES_SENT[0])
    there = Bench(profiles=in_version(Profile("default", 1))).finish(FRAMES_SENT[0])
    assert (lacking.unknown, there.unknown) == (("default", 1), None)
    observe(lacking, 0.001, NOW_NS)
    observe(there, 0.001, NOW_NS)
    assert UNKNOWN_PROFILE._value.get() == before + 1


def test_a_picture_that_changes_size_in_mid_stream_goes_on_and_is_not_filled_from_the_old_one() -> None:
    wide = dataclasses.replace(EXAM, geometry=1)
    first, changed = FRAMES_SENT[0], wide.frame(1, moving(1, 128, 192))
    hurt, back = wide.frame(2, moving(2, 128, 192)), EXAM.frame(3, moving(3))
    bench = Bench()
    bench.assembler.sessions.declare(wide.declared(changed))
    found = [bench.finish(first), bench.finish(changed), bench.finish(hurt, {2}), bench.finish(back, {2})]
    assert [htj2k.decode(frame_of(one)[1]).shape for one in found] == [(96, 160), (128, 192), (128, 192), (96, 160)]
    assert [frame_of(one)[0].head.geometry for one in found] == [0, 1, 1, 0]
    assert [verdict_of(one.records).verdict for one in found] == ["pass", "pass", "repaired", "repaired"]
    assert frame_of(found[1])[1] == changed.stream
    methods = [{str(tile.state) for tile in frame_of(one)[0].tiles} - {"true"} for one in found]
    assert methods[2] == {"temporal"}
    assert "temporal" not in methods[3], "the last exact frame had another size"


def test_memory_of_pictures_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "STREAMS_MAX", 2)
    bench = Bench()
    for number in range(4):
        exam = Exam(session=f"exam-{number}")
        frame = exam.frame(0, moving(0))
        bench.assembler.sessions.announce(exam.announced())
        bench.assembler.sessions.declare(exam.declared(frame))
        bench.finish(frame)
    assert len(bench.studio._memories) == 2


def test_metrics_count_frames_tiles_and_flags() -> None:
    bench = Bench()
    bench.finish(FRAMES_SENT[0])
    finished = bench.finish(FRAMES_SENT[1], {2})
    before = FRAMES.labels("repaired")._value.get(), FILLED.labels("temporal")._value.get()
    observe(finished, 0.001, NOW_NS)
    assert FRAMES.labels("repaired")._value.get() == before[0] + 1
    assert FILLED.labels("temporal")._value.get() > before[1]
    flagged = dataclasses.replace(finished, seen=dataclasses.replace(finished.seen, flags=(Flag.BLUR,)))
    at = FLAGS.labels("blur")._value.get()
    observe(flagged, 0.001, NOW_NS)
    assert FLAGS.labels("blur")._value.get() == at + 1
