"""F3, F8, F11, F12 and F14: a station whose journal is full, torn or doubled, or whose clock is wrong."""

import random
import time

from tests.faults.checks.figures import Figures, figures_of
from tests.faults.services.disk import Disk
from tests.faults.services.exam import Exam, Load
from tests.faults.services.line import Line
from tests.faults.services.stage import Stage
from tests.faults.services.watch import silence_s

FRAMES = 10
NOTICED_S = 300.0
BACK_S = 300.0
SPOOL_BYTES = 1 << 20  # the least a station may be given
LARGE = Load(rows=240, columns=320)  # fills it in some seconds
DROPPED = 'huizhen_capture_frames_total{outcome="dropped"}'
ALARM = 'huizhen_capture_alarm{alarm="%s"}'
STALE = 'huizhen_processors_refused_records_total{reason="stale_epoch"}'
STEP_S = 600.0


def spool_full(stage: Stage) -> Figures:
    """F3: no broker can be reached until the journal is full: capture goes on, the newest frames are counted."""
    line = stage.line
    env = {"HUIZHEN_STATION__JOURNAL_MAX_BYTES": str(20 << 20 if stage.is_full else SPOOL_BYTES)}
    exam = line.begin(stage.rng("F3"), LARGE, env)
    stage.cluster.cut()
    seen: dict[str, float] = {}
    line.wait(lambda: _alarmed(exam, "spool_full", seen), NOTICED_S, "the alarm shows, and frames are counted")
    before = _numbered(exam)
    line.wait(lambda: _numbered(exam) > before + FRAMES, NOTICED_S, "capture goes on")
    stage.cluster.heal()
    line.wait(lambda: not exam.capture.figure(ALARM % "spool_full"), BACK_S, "there is room again")
    line.flow(exam, FRAMES)
    outcome = line.finish(exam)
    assert outcome.verdict.missing > 0, "frames that found no room are missing, with their reason"
    return figures_of(outcome.verdict, alarm_s=abs(seen["alarm"] - seen["dropped"]))


def _alarmed(exam: Exam, alarm: str, seen: dict[str, float]) -> bool:
    """Note when the first frame was dropped and when the alarm showed; say whether both have happened."""
    if exam.capture.figure(DROPPED):
        seen.setdefault("dropped", time.monotonic())
    if exam.capture.figure(ALARM % alarm):
        seen.setdefault("alarm", time.monotonic())
    return len(seen) == 2


def _numbered(exam: Exam) -> float:
    return sum(
        exam.capture.figure(f'huizhen_capture_frames_total{{outcome="{each}"}}') for each in ("journalled", "dropped")
    )


def doubled(stage: Stage) -> Figures:
    """F8: a station stops in mid-session, another goes on with its journal, and the first one wakes up again."""
    line, rng = stage.line, stage.rng("F8")
    first = line.begin(rng)
    first.capture.pause()
    refused = line.worker.figure(STALE)
    second = line.take_over(first, rng)
    line.flow(second, FRAMES)
    first.capture.resume()
    line.wait(lambda: line.worker.figure(STALE) > refused, NOTICED_S, "frames of the old epoch are refused")
    line.flow(second, FRAMES)
    first.capture.end()
    line.parts.remove(first.capture)
    stale = line.worker.figure(STALE) - refused
    return figures_of(line.finish(second).verdict, stale_records=stale)


def disk_full(stage: Stage) -> Figures:
    """F11: the disk of a station and of the archive has no byte left, and has room again later.

    The archive needs none for ranges that fit its memory (`spool_io`); what does not fit is waited for (unit tests).
    """
    line, rng = stage.line, stage.rng("F11")
    with Disk(line.folder / "disk") as disk:
        line.archive.stop()
        line.archive.use_state(disk.folder / "archive")
        line.archive.start().wait_until_it_serves()
        exam = line.begin(rng, Load(rows=240, columns=320), state=disk.folder / "station")
        starts = line.archive.starts, exam.capture.starts
        back_s = _full_for_a_while(line, exam, disk) if disk.is_real else 0.0
        assert (line.archive.starts, exam.capture.starts) == starts, "nobody dies of it"
        outcome = line.finish(exam)
        line.archive.stop()
        line.archive.use_state(None)
        line.archive.start()
    return figures_of(outcome.verdict, real_enospc=float(disk.is_real), flowing_s=back_s)


def _full_for_a_while(line: Line, exam: Exam, disk: Disk) -> float:
    """Take all room and give it back; gives the seconds until frames flow again."""
    disk.fill()
    line.wait(lambda: exam.capture.figure(ALARM % "disk_full"), NOTICED_S, "the station says so")
    line.wait(lambda: exam.capture.figure(DROPPED) > FRAMES, NOTICED_S, "capture goes on")
    disk.empty()
    freed_s = time.monotonic()
    line.flow(exam, FRAMES)
    return time.monotonic() - freed_s


def torn(stage: Stage) -> Figures:
    """F12: power is cut at the station while frames wait in the journal: its tail is torn, or zeros, or both."""
    line, rng = stage.line, stage.rng("F12")
    exam = line.begin(rng)
    for _ in range(6 if stage.is_full else 2):
        stage.cluster.cut()
        waiting = exam.capture.figure("huizhen_capture_spool_frames")
        line.wait(
            lambda waiting=waiting: exam.capture.figure("huizhen_capture_spool_frames") > waiting + 2 * FRAMES,  # type: ignore[misc] # bound now
            NOTICED_S, "frames wait in the journal",
        )  # fmt: skip
        exam.capture.may_be_down = True
        exam.capture.kill()
        _tear(exam, rng)
        exam.capture.start()
        stage.cluster.heal()
        line.flow(exam, FRAMES)
    outcome = line.finish(exam)
    assert outcome.verdict.missing > 0, "what was torn is missing, with its reason"
    return figures_of(outcome.verdict, torn_frames=outcome.verdict.missing)


def _tear(exam: Exam, rng: random.Random) -> None:
    """Cut some bytes off the journal's end, or make them zeros: within its last two frames or so."""
    newest = exam.segments[-1]
    data = newest.read_bytes()
    lost = rng.randrange(600, 6_000)
    zeros = rng.choice((0, lost // 2, lost))
    newest.write_bytes(data[:-lost] + bytes(zeros))


def clock_steps(stage: Stage) -> Figures:
    """F14: the station's clock goes ten minutes ahead, twenty back, and is dead on time again, also over a restart."""
    line = stage.line
    exam = line.begin(stage.rng("F14"), env={"HUIZHEN_TEST_SKEW": "1"})
    for skew_s in (STEP_S, -STEP_S, 0.0, -STEP_S, STEP_S)[: 5 if stage.is_full else 2]:
        exam.skew(skew_s)
        line.flow(exam, FRAMES)
    exam.capture.kill()
    line.flow(exam, FRAMES)
    exam.skew(STEP_S)
    line.flow(exam, FRAMES)
    outcome = line.finish(exam)
    return figures_of(outcome.verdict, silence_s=silence_s(line.watch.of(exam.session)))
