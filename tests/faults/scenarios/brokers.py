"""F1, F2, F4 and F21: brokers that die one by one, all at once, freeze, or are cut off."""

import time

from tests.faults.checks.figures import Figures, figures_of
from tests.faults.services.exam import Exam, Load
from tests.faults.services.line import Line
from tests.faults.services.probe import Probe
from tests.faults.services.proxy import CALM, Weather
from tests.faults.services.stage import Stage
from tests.faults.services.watch import repeats, silence_s

FRAMES = 10
ROUNDS = 10
DOWN_S = 20.0
BACK_S = 300.0
CALMLY = Load(rate_hz=10.0)  # brokers need a while to be back, and each frame until then is checked at the end


def each_killed(stage: Stage) -> Figures:
    """F1: each of the three brokers is killed in turn and started again, with the next only when all are in sync.

    In the short form one of them: which, the seed says.
    """
    line, brokers, rng = stage.line, stage.cluster, stage.rng("F1")
    exam, probe = line.begin(rng, CALMLY), Probe(stage.brokers.settings)
    nodes = brokers.nodes if stage.is_full else [rng.choice(brokers.nodes)]
    flowing, silence = 0.0, 0.0
    for _ in range(ROUNDS if stage.is_full else 1):
        for node in nodes:
            began_s = time.monotonic()
            node.kill()
            flowing = max(flowing, line.flow(exam, FRAMES))
            silence = max(silence, silence_s(line.watch.of(exam.session), began_s - 1.0))
            _wait(line, began_s + DOWN_S if stage.is_full else 0.0)
            node.start()
            line.wait(lambda: brokers.is_whole, BACK_S, f"broker {node.number} is back in sync")
    return _finished(line, exam, probe, flowing, silence)


def all_down(stage: Stage) -> Figures:
    """F2: all brokers are killed and away for a while; the station spools, and catches up faster than real time."""
    line, brokers = stage.line, stage.cluster
    exam = line.begin(stage.rng("F2"), CALMLY)
    for node in brokers.nodes:
        node.kill()
    down_s = time.monotonic()
    line.wait(lambda: _spooled(exam) >= 3 * FRAMES, BACK_S, "frames wait in the journal")
    _wait(line, down_s + 120.0 if stage.is_full else 0.0)
    brokers.heal()
    back_s = time.monotonic()
    flowing = line.flow(exam, FRAMES)
    backlog = _spooled(exam)
    if stage.is_full:
        line.wait(lambda: _spooled(exam) < FRAMES, BACK_S, "the backlog is gone")
        drained_s = time.monotonic() - back_s
        outcome = line.finish(exam)
    else:  # the rest goes out when the source has ended
        outcome = line.finish(exam)
        drained_s = time.monotonic() - back_s
    return figures_of(
        outcome.verdict, down_s=back_s - down_s, flowing_s=flowing, backlog=backlog, drained_s=drained_s,
        times_real_time=(back_s - down_s) / max(drained_s, 1e-3),
    )  # fmt: skip


def _spooled(exam: Exam) -> float:
    return exam.capture.figure("huizhen_capture_spool_frames")


def only_one_down(stage: Stage) -> Figures:
    """F2o: the only broker is killed and comes back after a while; frames flow again soon after its return."""
    line, broker = stage.line, stage.only
    exam = line.begin(stage.rng("F2o"), CALMLY)
    flowing = 0.0
    for down_s in (10.0, 40.0) if stage.is_full else (0.0,):
        broker.kill()
        killed_s = time.monotonic()
        line.wait(lambda: _spooled(exam) >= 3 * FRAMES, BACK_S, "frames wait in the journal")
        _wait(line, killed_s + down_s)
        broker.start()
        flowing = max(flowing, line.flow(exam, FRAMES))
    outcome = line.finish(exam)
    return figures_of(
        outcome.verdict, flowing_s=flowing, silence_s=silence_s(line.watch.of(exam.session)),
        repeats=repeats(line.watch.of(exam.session)),
    )  # fmt: skip


def one_frozen(stage: Stage) -> Figures:
    """F4: one broker stands still (SIGSTOP), connections and all, and goes on later."""
    line, brokers = stage.line, stage.cluster
    exam, probe, rng = line.begin(stage.rng("F4")), Probe(stage.brokers.settings), stage.rng("F4 node")
    node = rng.choice(brokers.nodes)
    began_s = time.monotonic()
    node.pause()
    try:
        flowing = line.flow(exam, FRAMES)
        _wait(line, began_s + 30.0 if stage.is_full else 0.0)
    finally:
        node.resume()
    line.wait(lambda: brokers.is_whole, BACK_S, "the frozen broker is in sync again")
    silence = silence_s(line.watch.of(exam.session), began_s - 1.0)
    line.flow(exam, FRAMES)
    return _finished(line, exam, probe, flowing, silence)


def one_cut_off(stage: Stage) -> Figures:
    """F21: a broker sees the controllers, but neither clients nor the other brokers see it; then the store is gone."""
    line, brokers = stage.line, stage.cluster
    exam, probe = line.begin(stage.rng("F21")), Probe(stage.brokers.settings)
    node = stage.rng("F21 node").choice(brokers.nodes)
    began_s = time.monotonic()
    node.proxy.weather = Weather(is_frozen=True)
    try:
        _wait(line, began_s + (30.0 if stage.is_full else 5.0))  # what it leads may stand still: nobody takes it over
    finally:
        node.proxy.weather = CALM
    line.wait(lambda: brokers.is_whole, BACK_S, "all replicas are in sync again")
    line.flow(exam, FRAMES)
    stage.store_proxy.weather = Weather(is_cut=True)
    line.flow(exam, 3 * FRAMES)
    stage.store_proxy.weather = CALM
    stall, silence = probe.close(), silence_s(line.watch.of(exam.session), began_s - 1.0)
    outcome = line.finish(exam)
    return figures_of(outcome.verdict, publish_stall_s=stall, silence_s=silence)


def _finished(line: Line, exam: Exam, probe: Probe, flowing_s: float, silence_s: float) -> Figures:
    stall = probe.close()
    outcome = line.finish(exam)
    return figures_of(
        outcome.verdict, publish_stall_s=stall, flowing_s=flowing_s, silence_s=silence_s,
        repeats=repeats(line.watch.of(exam.session)),
    )  # fmt: skip


def _wait(line: Line, until_s: float) -> None:
    """Let a fault last, in its full form."""
    line.wait(lambda: time.monotonic() >= until_s, until_s + BACK_S, "the fault has lasted")
