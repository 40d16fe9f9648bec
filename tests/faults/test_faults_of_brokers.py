"""The faults that want three brokers, played on the whole line; each ends in the ledger check."""

from collections.abc import Callable

import pytest
from confluent_kafka.cimpl import NewTopic

from huizhen.cli.kafka_io import admin_client
from huizhen.processors.lag_io import LagReader
from huizhen.schemas.kafka_io import EventReader
from huizhen.schemas.settings import kafka_client_config
from huizhen.sinks.watch_io import ends_of
from tests.faults.conftest import FIGURES, SEED
from tests.faults.scenarios.table import FAULTS, Fault
from tests.faults.services.stage import Stage
from tests.services.waiting import wait_for

LIMIT_S = 3600  # of the full form
ANSWER_S = 180.0
TOPIC = "asked"


@pytest.mark.timeout(LIMIT_S)
@pytest.mark.parametrize("fault", [each for each in FAULTS if each.brokers == 3], ids=lambda fault: fault.id)
def test_nothing_is_lost(stage_of_three: Stage, fault: Fault, record_property: Callable[[str, object], None]) -> None:
    record_property(FIGURES, fault.said(fault.play(stage_of_three), SEED))


@pytest.mark.timeout(LIMIT_S)
def test_clients_that_only_ask_learn_who_leads_now(stage_of_three: Stage) -> None:
    brokers, config = stage_of_three.cluster, kafka_client_config(stage_of_three.brokers.settings)
    admin = admin_client(brokers.settings)
    admin.create_topics([NewTopic(TOPIC, 1, 3)])[TOPIC].result(ANSWER_S)
    wait_for(lambda: brokers.is_whole, ANSWER_S, "the topic has its replicas")
    reader = EventReader(config, [TOPIC], lambda event, place: None).start()
    lag, ends = LagReader(config, "asks", [TOPIC]), ends_of(brokers.settings)
    asks: dict[str, Callable[[], bool]] = {
        "reader": lambda: reader.catch_up(5.0),
        "lag": lambda: lag.committed_and_waiting(frozenset()) is not None,
        "ends": lambda: ends({(TOPIC, 0): 0}) is not None,
    }
    try:
        for name, ask in asks.items():
            wait_for(ask, ANSWER_S, f"{name} is answered")
        first = brokers.leader(TOPIC)
        brokers.nodes[first - 1].kill()
        wait_for(lambda: brokers.leader(TOPIC) not in (0, first), ANSWER_S, "another broker leads")
        brokers.heal()
        for name, ask in asks.items():
            wait_for(ask, ANSWER_S, f"{name} is answered, though another broker leads")
    finally:
        reader.close()
        lag.close()
        admin.delete_topics([TOPIC])[TOPIC].result(ANSWER_S)
