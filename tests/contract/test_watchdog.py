"""A part that the broker answers and that reads nothing leaves with its own exit code, and works when started again."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from huizhen.schemas.errors import Stuck
from huizhen.schemas.settings import KafkaSettings, Settings
from huizhen.schemas.threads_io import EXIT_STUCK
from huizhen.sinks.consumer_io import Taken
from huizhen.sinks.watch_io import Watch, ends_of
from tests.exam import Exam, exam_frames
from tests.services.hospital import Hospital, Running
from tests.services.processor_bench import Bench
from tests.services.waiting import wait_for

pytestmark = pytest.mark.timeout(180)


class Breakable(Bench):
    """A bench whose worker's fetcher can be made to crash."""

    program = "tests.services.broken_fetcher"


def test_a_worker_whose_fetcher_crashes_leaves_and_is_well_after_a_restart(
    kafka: KafkaSettings, tenant: str, tmp_path: Path
) -> None:
    bench, exam = Breakable(kafka, tenant, tmp_path), Exam(tenant=tenant)

    def numbers() -> set[int]:
        return {int(meta.head.frame.number) for meta, _ in bench.frames(exam)}

    try:
        frames = exam_frames(exam, 6, key_every=3)  # a key frame after the pause, as stations send
        bench.announce(exam, frames[0])
        bench.send(exam, *(packet for frame in frames[:3] for packet in frame.packets(1)))
        wait_for(lambda: numbers() >= {0, 1}, 60, f"frames flow; the log is {bench.folder}/worker.log")
        (tmp_path / "break").touch()
        bench.send(exam, *(packet for frame in frames[3:] for packet in frame.packets(1)))
        worker = bench.worker
        assert worker is not None
        wait_for(lambda: worker.poll() is not None, 60, f"the worker leaves; the log is {bench.folder}/worker.log")
        assert worker.poll() == EXIT_STUCK, bench.log
        (tmp_path / "break").unlink()
        bench.start()
        wait_for(lambda: numbers() >= set(range(6)), 60, "all frames came")
        assert bench.stop(signal.SIGTERM) == 0
    finally:
        bench.close()


def test_an_archive_whose_consumer_reads_nothing_while_records_wait_is_told_to_leave(
    hospital: Hospital, settings: Settings, start: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = start()
    hospital.open()
    hospital.frames(0, 1)
    wait_for(lambda: sum(archive.shell.standing.next.values()) >= 2, 60, "it reads")
    left: list[BaseException] = []
    watch = Watch(2.0, lambda: archive.shell.standing, ends_of(settings.kafka), left.append).start()
    try:
        never, hangs = threading.Event(), threading.Event()

        def read() -> list[Taken]:
            hangs.set()
            never.wait(0.1)
            return []

        monkeypatch.setattr(archive.shell._reader, "read", read)
        wait_for(hangs.is_set, 60, "it hangs: a read that was on its way is over")
        hospital.frames(2, 3)
        wait_for(lambda: left, 60, "it is told to leave")
        assert isinstance(left[0], Stuck)
        monkeypatch.undo()
        hospital.seal(4)
        wait_for(lambda: hospital.stored == 4, 60, "it goes on")
    finally:
        watch.close()
