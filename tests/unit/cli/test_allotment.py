"""Which port each part gets."""

from dataclasses import asdict

import pytest

from huizhen.cli.allotment import Allotment, Machine, allot
from huizhen.cli.ports import GRPC_OFFSET, HIGHEST, LOWEST
from huizhen.cli.problem import Problem
from huizhen.schemas.settings import ApiSettings, Settings, UpSettings


def machine(busy: set[int] | None = None) -> Machine:
    numbers = iter(range(LOWEST, HIGHEST))
    return Machine(
        lambda port: port not in (busy or set()), lambda low, high: next(numbers), lambda port: "process 7 (x)"
    )


def ports_of(allotment: Allotment) -> list[int]:
    return [port for port in asdict(allotment).values() if port]


def test_nothing_configured_gives_the_usual_ports() -> None:
    found = allot(Settings(), True, True, machine())
    assert (found.api, found.kafka, found.s3) == (8080, 9092, 8333)
    assert len(set(ports_of(found))) == 11


def test_busy_usual_ports_give_free_ones() -> None:
    found = allot(Settings(), True, True, machine({8080, 9092, 8333 + GRPC_OFFSET}))
    assert min(found.api, found.kafka, found.s3) >= LOWEST
    assert len(set(ports_of(found))) == 11


def test_configured_ports_are_taken_as_they_are() -> None:
    settings = Settings(api=ApiSettings(port=8111), up=UpSettings(kafka_port=9999, s3_port=7000))
    found = allot(settings, True, True, machine())
    assert (found.api, found.kafka, found.s3) == (8111, 9999, 7000)


@pytest.mark.parametrize(
    ("settings", "busy", "flag"),
    [
        (Settings(api=ApiSettings(port=8080)), 8080, "--port"),
        (Settings(up=UpSettings(kafka_port=9999)), 9999, "--kafka-port"),
        (Settings(up=UpSettings(s3_port=7000)), 17000, "--s3-port"),
    ],
)
def test_a_busy_configured_port_is_refused_by_name(settings: Settings, busy: int, flag: str) -> None:
    with pytest.raises(Problem) as problem:
        allot(settings, True, True, machine({busy}))
    assert str(problem.value).startswith(f"port {busy} is taken by process 7 (x): stop it")
    assert flag in str(problem.value)


def test_outside_servers_take_no_port() -> None:
    found = allot(Settings(), False, False, machine())
    assert (found.kafka, found.s3) == (0, 0)
