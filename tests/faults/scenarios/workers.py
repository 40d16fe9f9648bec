"""F7, F18, F19, F24 and F25: workers that come, go and wake up late, poison, no dead letters, leaks and limits."""

import time

import psutil

from tests.faults.checks.figures import Figures, figures_of
from tests.faults.services.exam import Exam
from tests.faults.services.line import Line
from tests.faults.services.part import Part
from tests.faults.services.poison import Poison
from tests.faults.services.stage import Stage
from tests.faults.services.watch import repeats, silence_s

FRAMES = 10
JOINED_S = 300.0
SESSION_S = 10.0  # of the group: a member that is silent for longer has lost its partitions
FROZEN_S = 13.0
STORM_S = 120.0
MEMORY_BYTES = 512 << 20
PASSED = 'huizhen_processors_frames_total{verdict="pass"}'
WAITING = "huizhen_processors_waiting"


def storm(stage: Stage) -> Figures:
    """F7: a second worker joins, leaves and is killed again and again; then the one that works freezes, and wakes."""
    line = stage.line
    exam = line.begin(stage.rng("F7"))
    second = line.add("processors-1", {"HUIZHEN_PROCESSOR__INSTANCE_ID": "processors-1"})
    began_s = time.monotonic()
    while True:
        second.start()
        line.wait(lambda: '"assigned"' in second.log.read_text(), JOINED_S, "the second worker has its share")
        line.flow(exam, FRAMES)
        if not stage.is_full or time.monotonic() > began_s + STORM_S:
            break
        second.may_be_down = True
        second.kill() if stage.rng(str(time.monotonic())).random() < 0.5 else second.stop()
        line.flow(exam, FRAMES)
        second.log.write_text("")
    owner = _owner(line, exam, (line.worker, second))
    owner.pause()
    frozen_s = time.monotonic()
    line.wait(lambda: time.monotonic() > frozen_s + FROZEN_S, JOINED_S, "its partitions go to the other one")
    line.flow(exam, FRAMES)
    owner.resume()
    line.flow(exam, FRAMES)
    second.stop()
    line.parts.remove(second)
    line.flow(exam, FRAMES)
    outcome = line.finish(exam)
    seen = line.watch.of(exam.session)
    return figures_of(outcome.verdict, silence_s=silence_s(seen, frozen_s), repeats=repeats(seen))


def _owner(line: Line, exam: Exam, workers: tuple[Part, Part]) -> Part:
    """Find the worker whose count of frames rises."""
    before = [worker.figure(PASSED) for worker in workers]
    line.flow(exam, FRAMES)
    grown = [worker.figure(PASSED) - count for worker, count in zip(workers, before, strict=True)]
    return workers[grown.index(max(grown))]


def poison(stage: Stage) -> Figures:
    """F18: among the packets are records that are none, or not what they say: each is refused once, whole, by name."""
    line = stage.line
    exam, hostile = line.begin(stage.rng("F18")), Poison(line, stage.rng("F18 bytes"))
    starts = line.worker.starts
    for _ in range(100 if stage.is_full else 6):
        hostile.send(exam.session)
        line.flow(exam, FRAMES // 2)
    line.wait(lambda: hostile.is_all_refused, JOINED_S, "all of it is on rejected")
    assert line.worker.starts == starts, "poison kills nobody"
    outcome = line.finish(exam)
    hostile.close()
    return figures_of(outcome.verdict, hostile=hostile.sent, refused=hostile.refused, silence_s=_silence(line, exam))


def _silence(line: Line, exam: Exam) -> float:
    return silence_s(line.watch.of(exam.session))


def no_dead_letters(stage: Stage) -> Figures:
    """F19: `rejected` takes no records: what must go there is held, said so, and goes there later."""
    line = stage.line
    exam, hostile = line.begin(stage.rng("F19")), Poison(line, stage.rng("F19 bytes"))
    stage.remove_rejected()
    hostile.send(exam.session)
    sent_s = time.monotonic()
    line.wait(lambda: line.worker.figure(WAITING), JOINED_S, "the worker says that it waits")
    alarm_s = time.monotonic() - sent_s
    stage.create_topics()
    line.wait(lambda: not line.worker.figure(WAITING), JOINED_S, "it goes on")
    line.wait(lambda: hostile.is_all_refused, JOINED_S, "what was held is on rejected")
    line.flow(exam, FRAMES)
    outcome = line.finish(exam)
    hostile.close()
    return figures_of(outcome.verdict, alarm_s=alarm_s, held=hostile.sent, silence_s=_silence(line, exam))


def leak(stage: Stage) -> Figures:
    """F24 and F25: under load nothing grows; every part stays inside 512 MB."""
    line = stage.line
    exam = line.begin(stage.rng("F24"))
    line.flow(exam, 3 * FRAMES)
    parts = {"worker": line.worker, "archive": line.archive, "capture": exam.capture}
    first = {name: _holdings(part) for name, part in parts.items()}
    began_s, long_s = time.monotonic(), 900.0 if stage.is_full else 0.0
    line.flow(exam, 10 * FRAMES)
    line.wait(lambda: time.monotonic() >= began_s + long_s, long_s + JOINED_S, "it has lasted")
    minutes = (time.monotonic() - began_s) / 60
    last = {name: _holdings(part) for name, part in parts.items()}
    for name, part in parts.items():
        assert last[name][1] <= first[name][1] + 8, f"{name} holds {last[name][1]} files after {first[name][1]}"
        assert last[name][2] <= first[name][2] + 8, f"{name} has {last[name][2]} threads after {first[name][2]}"
        assert part.most_bytes < MEMORY_BYTES, f"{name} had {part.most_bytes >> 20} MiB"
    growth = {
        f"{name}_mib_a_minute": (last[name][0] - first[name][0]) / (1 << 20) / minutes
        for name in parts
        if stage.is_full
    }
    most = {f"{name}_most_mib": float(part.most_bytes >> 20) for name, part in parts.items()}
    return figures_of(line.finish(exam).verdict, **most, **growth)


def _holdings(part: Part) -> tuple[int, int, int]:
    """Give memory, open files and threads."""
    process = psutil.Process(part.pid)
    return part.rss_bytes, process.num_fds(), process.num_threads()
