"""What filling costs a worker per frame: packets in, records out, with and without detail packets withheld.

Everything a worker does between Kafka and Kafka is in it: digests, assembly, decoding the last exact frame, filling,
coding what was filled, stitching, picture checks and records. Waiting is not: a notice tells what was not sent.
"""

import time
from typing import Any

import numpy as np
from benchmarks.filling.frames import loop
from benchmarks.filling.measure import psnr, square_error, ssim
from numpy.typing import NDArray

from huizhen.processors.step import Assembler
from huizhen.processors.studio import Studio
from huizhen.schemas import htj2k
from huizhen.schemas.reasons import Verdict
from tests.exam import Coded, Exam, arrived, known_sessions

PACKETS = 5
WITHHELD = 0.05
NOW_NS = 1_760_000_000_500_000_000


def path_row(count: int) -> dict[str, Any]:
    """Ultrasound of 640 x 480 RGB, 5 packets a frame, 5 % of the detail packets withheld; CPU ms per frame."""
    exam = Exam(tile=128)
    frames: list[Coded] = []
    pictures = loop("loop-1")[:count]
    for number, pixels in enumerate(pictures):
        before = frames[-1] if frames else None
        frames.append(exam.frame(number, pixels, number % 30 == 0, before))
    rng = np.random.default_rng(1)
    withheld = [{index for index in range(1, PACKETS) if rng.random() < WITHHELD} for _ in frames]
    calm, _, _ = _run(exam, frames, [set() for _ in frames])
    whole, damaged, shown = _run(exam, frames, withheld)
    everything = np.ones(pictures[0].shape[:2], np.bool_)
    dbs = [psnr(square_error(found, pictures[number], everything, 1.0)) for number, found in shown.items()]
    similar = [ssim(found, pictures[number], everything, 1.0) for number, found in shown.items()]
    middle = float(np.median(calm))
    return {
        "name": "path",
        "method": "a worker from packets to records, in one process, without Kafka",
        "target": "damaged frames <= +15 ms, whole frames <= +1 ms over no loss",
        "mask": f"{WITHHELD:.0%} of the detail packets withheld, 640 x 480 RGB, {count} frames",
        "ms": float(np.median(damaged)),
        "p99_ms": float(np.percentile(damaged, 99)),
        "min_ms": min(damaged),
        "no_loss_ms": middle,
        "damaged_over_no_loss_ms": float(np.median(damaged)) - middle,
        "whole_over_no_loss_ms": float(np.median(whole)) - middle,
        "db": float(np.mean(dbs)),
        "ssim": float(np.mean(similar)),
        "db_of": "whole damaged frames",
        "rivals": {},
    }


def _run(
    exam: Exam, frames: list[Coded], withheld: list[set[int]]
) -> tuple[list[float], list[float], dict[int, NDArray[np.generic]]]:
    """Give the times of whole and of damaged frames, and the damaged ones' pictures by number."""
    sessions = known_sessions(exam, frames[0])
    assembler, studio = Assembler(sessions), Studio(sessions)
    whole: list[float] = []
    damaged: list[float] = []
    shown: dict[int, NDArray[np.generic]] = {}
    for frame, lost in zip(frames, withheld, strict=True):
        sent = [one for index, one in enumerate(frame.packets(PACKETS)) if index not in lost]
        if lost:
            sent.append(frame.not_sent(lost, PACKETS))
        records = [arrived(one) for one in sent]
        began = time.thread_time_ns()
        steps = [assembler.take(record, 0.0, caught_up=True) for record in records]
        finished = [studio.finish(closed, NOW_NS) for step in steps if step for closed in step.closed]
        taken = (time.thread_time_ns() - began) / 1e6
        for one in finished:
            if one.closed.verdict is Verdict.REPAIRED:
                damaged.append(taken)
                shown[int(one.closed.head.frame.number)] = htj2k.decode(one.made.stream)
            else:
                whole.append(taken)
    return whole, damaged, shown
