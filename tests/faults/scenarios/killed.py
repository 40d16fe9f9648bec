"""F5 and F6: parts that are killed at any moment and at the worst ones, and a worker that is ended in order."""

import random
import time

from tests.faults.checks.figures import Figures, figures_of
from tests.faults.services.exam import Exam
from tests.faults.services.line import Line
from tests.faults.services.part import Part
from tests.faults.services.stage import Form, Stage
from tests.faults.services.watch import repeats, silence_s

HOOKS = ("after_read", "after_store", "before_commit")
KILLS = 50
DIES_S = 300.0
FRAMES = 8  # that must come after a kill before the next


def killed(stage: Stage) -> Figures:
    """F5: worker, archive and capture kill themselves after reading, after storing, and before committing.

    In the full form any of them is also killed at any moment, many times.
    """
    line, rng = stage.line, stage.rng("F5")
    exam = line.begin(rng)
    silence, repeated = 0.0, 0
    hooks = [rng.choice(HOOKS)] if stage.form is Form.QUICK else HOOKS
    for hook in hooks:
        before = repeats(line.watch.of(exam.session))
        silence = max(silence, _dies(line, exam, (line.worker,), hook, rng))
        repeated = max(repeated, repeats(line.watch.of(exam.session)) - before)
        _dies(line, exam, (line.archive, exam.capture), hook, rng)
    kills = KILLS if stage.is_full else 0
    for number in range(kills):
        part = (line.worker, line.archive, exam.capture)[number % 3]
        silence = max(silence, _killed(line, exam, part, rng.randrange(1, 2 * FRAMES)))
    outcome = line.finish(exam)
    return figures_of(
        outcome.verdict, kills=3 * len(hooks) + kills, silence_s=silence, repeats_s=repeated / exam.load.rate_hz,
        repeats=repeats(line.watch.of(exam.session)), settled_s=outcome.settled_s,
    )  # fmt: skip


def _killed(line: Line, exam: Exam, part: Part, frames: int) -> float:
    """Kill a part some frames from now; gives how long no new frame came where it was the worker, else 0."""
    line.flow(exam, frames)
    began_s = time.monotonic()
    part.kill()
    line.flow(exam, FRAMES)
    return silence_s(line.watch.of(exam.session), began_s - 1.0) if part is line.worker else 0.0


def _dies(line: Line, exam: Exam, parts: tuple[Part, ...], hook: str, rng: random.Random) -> float:
    """Have parts die at a hook and come back; gives how long no new frame came."""
    began_s = time.monotonic()
    starts = [part.starts for part in parts]
    for part in parts:
        part.kill_at(hook, rng.randrange(1, 4))
    line.wait(
        lambda: all(part.starts > before for part, before in zip(parts, starts, strict=True)),
        DIES_S, f"{' and '.join(part.name for part in parts)} die {hook}",
    )  # fmt: skip
    line.flow(exam, FRAMES)
    return silence_s(line.watch.of(exam.session), began_s - 1.0)


def ended_in_order(stage: Stage) -> Figures:
    """F6: the worker is ended by SIGTERM under load and started again, several times."""
    line, rng = stage.line, stage.rng("F6")
    exam = line.begin(rng)
    drained, silence = 0.0, 0.0
    for _ in range(10 if stage.is_full else 1):
        began_s = time.monotonic()
        assert line.worker.stop() == 0, "a worker that is told to end ends well"
        drained = max(drained, time.monotonic() - began_s)
        line.worker.start()
        line.flow(exam, FRAMES)
        silence = max(silence, silence_s(line.watch.of(exam.session), began_s - 1.0))
    outcome = line.finish(exam)
    repeated = repeats(line.watch.of(exam.session))
    return figures_of(outcome.verdict, drained_s=drained, silence_s=silence, repeats=repeated)
