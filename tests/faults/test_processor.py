"""The worker while Kafka is away, frozen or shared with another worker; a Kafka of its own."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from huizhen.cli.topics_io import ensure_topics
from tests.exam import Exam, exam_frames
from tests.services.broker import Broker
from tests.services.processor_bench import Bench
from tests.services.running import running
from tests.services.waiting import wait_for

DEADLINE_S = 100.0  # an outage of Kafka, and a worker that left and came again, on a loaded machine


@pytest.fixture(scope="module")
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with running(Broker(tmp_path_factory.mktemp("own-kafka"))) as broker:
        yield broker


@pytest.fixture
def bench(own_broker: Broker, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Bench]:
    tenant = "t" + str(abs(hash(request.node.name)) % 10**8)
    ensure_topics(own_broker.settings, [tenant])
    made = Bench(own_broker.settings, tenant, tmp_path)
    yield made
    made.close()


def numbers(bench: Bench, exam: Exam) -> set[int]:
    return {int(meta.head.frame.number) for meta, _ in bench.frames(exam)}


def wait_for_numbers(bench: Bench, exam: Exam, wanted: set[int]) -> None:
    def there() -> bool:
        bench.keep_running()
        return wanted <= numbers(bench, exam)

    wait_for(there, DEADLINE_S, f"frames {min(wanted)} to {max(wanted)}; the log is {bench.folder}/worker.log")


def wait_for_log(bench: Bench, line: str) -> None:
    wait_for(lambda: line in bench.log, DEADLINE_S, f"{line!r} in {bench.folder}/worker.log")


@pytest.mark.timeout(240)
def test_a_worker_waits_for_kafka_at_start_says_so_and_ends_when_told(own_broker: Broker, bench: Bench) -> None:
    exam = Exam(tenant=bench.tenant)
    frames = exam_frames(exam, 3)
    bench.announce(exam, frames[0])
    bench.stop(signal.SIGKILL)
    own_broker.kill()
    bench.start()
    wait_for_log(bench, "Kafka does not answer")
    assert bench.stop() == 0
    bench.start()
    own_broker.start()
    for frame in frames:
        bench.send(exam, *frame.packets(1))
    wait_for_numbers(bench, exam, {0, 1, 2})


@pytest.mark.timeout(240)
def test_after_an_outage_of_kafka_nothing_is_lost(own_broker: Broker, bench: Bench) -> None:
    exam = Exam(tenant=bench.tenant)
    frames = exam_frames(exam, 60)
    bench.announce(exam, frames[0])
    for frame in frames[:30]:
        bench.send(exam, *frame.packets(5))
    wait_for_numbers(bench, exam, set(range(10)))
    own_broker.kill()
    for frame in frames[30:]:
        bench.send(exam, *frame.packets(5))
    own_broker.start()
    wait_for_numbers(bench, exam, set(range(60)))
    assert all(value == frames[int(meta.head.frame.number)].stream for meta, value in bench.frames(exam))


@pytest.mark.timeout(240)
def test_workers_that_come_and_go_share_the_partitions_and_lose_nothing(own_broker: Broker, bench: Bench) -> None:
    exams = [Exam(tenant=bench.tenant, session=f"exam-{number}") for number in range(6)]
    frames = {exam.session: exam_frames(exam, 60) for exam in exams}
    for exam in exams:
        bench.announce(exam, frames[exam.session][0])

    def send(begin: int, end: int) -> None:
        for number in range(begin, end):
            for exam in exams:
                bench.send(exam, *frames[exam.session][number].packets(1))

    def all_of(end: int) -> Callable[[], bool]:
        return lambda: all(set(range(end)) <= numbers(bench, exam) for exam in exams)

    send(0, 20)
    wait_for_log(bench, '"assigned"')
    bench.others.append(bench.spawn("processor-1"))
    wait_for(lambda: bench.log.count('"assigned"') >= 3, DEADLINE_S, "both workers have their share")
    send(20, 40)
    wait_for(all_of(40), DEADLINE_S, f"frames of two workers; the log is {bench.folder}/worker.log")
    bench.others[0].kill()
    send(40, 60)
    wait_for(all_of(60), DEADLINE_S, f"frames of the worker that is left; the log is {bench.folder}/worker.log")
    assert bench.worker is not None
    assert bench.worker.poll() is None, "the partitions of a dead worker are no reason to leave"
    for exam in exams:
        for meta, value in bench.frames(exam):
            assert value == frames[exam.session][int(meta.head.frame.number)].stream
    assert bench.rejected() == []


def test_killed_at_any_time_a_worker_loses_nothing(bench: Bench) -> None:
    exam = Exam(tenant=bench.tenant)
    frames = exam_frames(exam, 240, key_every=10)
    bench.announce(exam, frames[0])
    for begin in range(0, 240, 60):
        for frame in frames[begin : begin + 60]:
            bench.send(exam, *frame.packets(5 if int(frame.head.frame.number) % 3 else 1))
        wait_for(lambda seen=begin + 20: seen in numbers(bench, exam), DEADLINE_S, "frames of this round")  # type: ignore[misc] # bound now
        if begin < 180:
            bench.stop(signal.SIGKILL)
            bench.start()
    wait_for(lambda: numbers(bench, exam) == set(range(240)), DEADLINE_S, "all frames")
    assert bench.stop() == 0
    for meta, value in bench.frames(exam):
        assert meta.exact, "a restart must not say less than was said before"
        assert value == frames[int(meta.head.frame.number)].stream
    assert bench.rejected() == []
