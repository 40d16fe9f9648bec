import logging
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from huizhen.processors.library_logs import LIBRARIES, quiet_libraries


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    kept = [
        (logging.getLogger(name), logging.getLogger(name).handlers, logging.getLogger(name).level) for name in LIBRARIES
    ]
    yield
    for logger, handlers, level in kept:
        logger.handlers, logger.level, logger.propagate = handlers, level, True


def test_no_address_of_a_broker_enters_the_log() -> None:
    quiet_libraries()
    with capture_logs() as lines:
        logging.getLogger("aiokafka.conn").warning("Unable connect to %s", "kafka.hospital.example:9092")
    assert [(line["logger"], line["line"]) for line in lines] == [("aiokafka.conn", "Unable connect to %s")]
    assert "hospital" not in str(lines)


def test_an_error_is_named_by_its_type_only() -> None:
    quiet_libraries()
    with capture_logs() as lines:
        try:
            raise OSError("10.0.0.7 refused")
        except OSError:
            logging.getLogger("faust").exception("crashed")
    assert lines[0]["error"] == "OSError"
    assert "10.0.0.7" not in str(lines)


def test_the_same_line_is_not_said_again_at_once_and_small_talk_never() -> None:
    quiet_libraries()
    with capture_logs() as lines:
        for number in range(50):
            logging.getLogger("aiokafka").warning("Failed fetch from %s", number)
            logging.getLogger("mode").info("hello")
    assert len(lines) == 1
