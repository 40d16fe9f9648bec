"""The worker on a real Kafka: packets in, frames, verdicts and refusals out."""

import dataclasses
import hashlib
import signal
from collections.abc import Callable

from huizhen.schemas.record import FrameMeta
from huizhen.schemas.topics import Topic
from tests.exam import Coded, Exam, Sent, exam_frames, moving
from tests.services.processor_bench import Bench
from tests.services.waiting import wait_for

DEADLINE_S = 90.0  # a loaded machine starts a worker in half a minute


def wait_for_frames(bench: Bench, exam: Exam, enough: Callable[[list[tuple[FrameMeta, bytes]]], bool]) -> None:
    wait_for(lambda: enough(bench.frames(exam)), DEADLINE_S, f"frames; the worker's log is {bench.folder}/worker.log")


def numbers(found: list[tuple[FrameMeta, bytes]]) -> list[int]:
    return [int(meta.head.frame.number) for meta, _ in found]


def test_packets_become_the_captured_codestreams(bench: Bench, exam: Exam) -> None:
    frames = exam_frames(exam, 12)
    bench.announce(exam, frames[0])
    for frame in frames:
        bench.send(exam, *frame.packets(5 if int(frame.head.frame.number) % 2 else 1))
    wait_for_frames(bench, exam, lambda found: len(found) >= 12)
    found = bench.frames(exam)
    assert numbers(found) == list(range(12))
    assert all(meta.exact and meta.revision == 0 for meta, _ in found)
    assert [hashlib.sha256(value).hexdigest() for _, value in found] == [frame.head.frame_digest for frame in frames]
    wait_for(lambda: len(bench.verdicts(exam)) == 12, DEADLINE_S, "verdicts")
    assert {verdict.verdict for verdict in bench.verdicts(exam)} == {"pass"}
    assert bench.stop() == 0


def test_withheld_detail_is_filled_live_and_exact_by_backfill(bench: Bench, exam: Exam) -> None:
    frames = exam_frames(exam, 8, key_every=1)
    bench.announce(exam, frames[0])
    for frame in frames:
        sent = frame.packets(5)
        if int(frame.head.frame.number) == 4:
            bench.send(exam, sent[0], sent[1], sent[3], frame.not_sent([2, 4], 5))
        else:
            bench.send(exam, *sent)
    wait_for_frames(bench, exam, lambda found: len(found) >= 8)
    filled = next(meta for meta, _ in bench.frames(exam) if not meta.exact)
    assert (int(filled.head.frame.number), filled.revision) == (4, 0)
    assert {str(tile.state) for tile in filled.tiles} == {"true", "temporal"}
    bench.send(exam, frames[4].whole(), topic=Topic.BACKFILL)
    wait_for_frames(bench, exam, lambda found: len(found) == 9)
    meta, value = bench.frames(exam)[-1]
    assert (int(meta.head.frame.number), meta.exact, meta.revision) == (4, True, 1)
    assert value == frames[4].stream
    wait_for(lambda: len(bench.verdicts(exam)) == 9, DEADLINE_S, "verdicts")
    repaired = [one for one in bench.verdicts(exam) if one.verdict == "repaired"]
    assert [(one.number, one.packets_missing) for one in repaired] == [(4, [2, 4])]
    assert bench.verdicts(exam)[-1].backfilled


def test_a_silent_link_closes_the_last_frame(bench: Bench, exam: Exam) -> None:
    frames = exam_frames(exam, 2, key_every=1)
    bench.announce(exam, frames[0])
    bench.send(exam, *frames[0].packets(5), *frames[1].packets(5)[:3])
    wait_for_frames(bench, exam, lambda found: len(found) == 2)
    assert [meta.exact for meta, _ in bench.frames(exam)] == [True, False]


def refused_records(exam: Exam, good: Coded) -> dict[str, tuple[Sent, str]]:
    """One record per reason to refuse one, with the reason."""
    packet = good.packets(1)[0]
    flipped = packet.value[:-9] + b"\0" + packet.value[-8:]
    qcd = dataclasses.replace(good.header, coding=good.header.coding[:-1] + bytes([good.header.coding[-1] ^ 8]))
    other_size = dataclasses.replace(exam).frame(900, moving(900, 64, 160))
    stranger = dataclasses.replace(exam, session="nobody").frame(0, moving(0))
    foreign = dataclasses.replace(exam, tenant="elsewhere").frame(0, moving(0))
    undeclared = dataclasses.replace(exam, geometry=7).frame(901, moving(901))
    late = dataclasses.replace(exam, epoch=0).frame(902, moving(902))
    return {
        "flipped byte": (dataclasses.replace(packet, value=flipped), "bad_checksum"),
        "other coding": (dataclasses.replace(good, header=qcd).packets(1)[0], "coding_changed"),
        "other size": (other_size.packets(1)[0], "frame_size_changed"),
        "no geometry": (undeclared.packets(1)[0], "unknown_geometry"),
        "nobody's": (stranger.packets(1)[0], "unknown_session"),
        "foreign": (foreign.packets(1)[0], "wrong_tenant"),
        "stale": (late.packets(1)[0], "stale_epoch"),
        "garbage": (Sent([("what", b"ever")], b"\x00\x01 no packet", packet.meta), "bad_envelope"),
        "no headers": (Sent([], b"", packet.meta), "bad_envelope"),
        "cut": (good.sent(0, 1, packet.meta.section, packet.value[:200]), "bad_codestream"),
    }  # fmt: skip


def test_each_bad_record_is_refused_by_name_and_the_rest_keeps_running(bench: Bench, exam: Exam) -> None:
    frames = exam_frames(exam, 24, key_every=4)
    bench.announce(exam, frames[0])
    good = exam.frame(30, moving(30))
    bad = refused_records(exam, good)
    for number, frame in enumerate(frames):
        bench.send(exam, *frame.packets(1))
        for sent, _ in list(bad.values())[number : number + 1]:
            key = sent.meta.head.frame.stream.session if sent.headers else "odd key"
            bench.send(dataclasses.replace(exam, session=key), sent)
    lie = dataclasses.replace(good, head=dataclasses.replace(good.head, frame_digest="0" * 64))
    bad["wrong digest"] = lie.packets(1)[0], "bad_checksum"
    bench.send(exam, bad["wrong digest"][0])
    wait_for(lambda: len(bench.rejected()) >= len(bad), DEADLINE_S, f"refusals; log: {bench.folder}/worker.log")
    wait_for_frames(bench, exam, lambda found: len(found) >= 24)
    assert numbers(bench.frames(exam)) == list(range(24))
    assert all(meta.exact for meta, _ in bench.frames(exam))
    assert len(bench.rejected()) == len(bad)
    for name, (sent, reason) in bad.items():
        found = [one for one, value in bench.rejected() if (value, one["ce_reason"]) == (sent.value, reason.encode())]
        assert len(found) == 1, name
        assert found[0]["ce_origtopic"] == f"huizhen.{exam.tenant}.packets".encode()
        assert found[0]["ce_origoffset"].isdigit()
        assert found[0]["huizhen-error"]
        originals = {name.removeprefix("orig_"): value for name, value in found[0].items() if name.startswith("orig_")}
        assert originals == dict(sent.headers)
    refused = {(30, "bad_checksum"), (30, "coding_changed"), (900, "frame_size_changed")}

    def said() -> set[tuple[int, str]]:
        return {(one.number, one.reasons[0]) for one in bench.verdicts(exam) if one.verdict == "rejected"}

    wait_for(lambda: len(said()) >= len(refused), DEADLINE_S, "verdicts of the refused frames")
    assert said() == refused


def test_doubled_late_and_reordered_packets_change_nothing(bench: Bench, exam: Exam) -> None:
    frames = exam_frames(exam, 6, key_every=3)
    bench.announce(exam, frames[0])
    sent = [one for frame in frames for one in frame.packets(5)]
    bench.send(exam, *[one for pair in zip(sent, sent, strict=True) for one in pair], *reversed(sent))
    wait_for_frames(bench, exam, lambda found: len(found) >= 6)
    bench.send(exam, *exam.frame(6, moving(6)).packets(1))
    wait_for_frames(bench, exam, lambda found: 6 in numbers(found))
    assert numbers(bench.frames(exam)) == list(range(7))
    assert bench.rejected() == []


def test_live_frames_go_before_a_backlog_of_backfill(bench: Bench, exam: Exam) -> None:
    bench.stop(signal.SIGKILL)
    frames = exam_frames(exam, 240, key_every=1)
    bench.announce(exam, frames[0])
    bench.send(exam, *[frame.whole() for frame in frames[:200]], topic=Topic.BACKFILL)
    bench.send(exam, *[one for frame in frames[200:] for one in frame.packets(1)])
    assert bench.publisher.flush(10.0) == 0
    bench.start()
    wait_for_frames(bench, exam, lambda found: len(found) >= 240)
    order = numbers(bench.frames(exam))
    assert sorted(order) == list(range(240))
    assert order.index(239) < 140, "forty live frames came after most of two hundred late ones"
