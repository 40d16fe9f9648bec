"""Keep the lines of Faust and aiokafka out of the log: they name broker addresses, which belong to nobody's log."""

import logging

import structlog

log = structlog.get_logger()
LIBRARIES = ("faust", "mode", "aiokafka", "asyncio")
LINE_MAX = 120  # characters of a library's own text
REPEAT_S = 30.0  # aiokafka says the same seventy times a second while a broker is away
LINES_MAX = 1000  # different lines remembered: a bound for what nobody bounded


class _Handler(logging.Handler):
    """Passes on who spoke, the text without its arguments, and the error's type; the same line not too often."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        line = str(record.msg)[:LINE_MAX]
        if record.created - self._said.get(line, 0.0) < REPEAT_S:
            return
        if len(self._said) >= LINES_MAX:
            self._said.clear()
        self._said[line] = record.created
        log.warning("library", logger=record.name, line=line, error=type(error).__name__ if error else "")


def quiet_libraries() -> None:
    """Route the libraries' warnings and errors through structlog without what was put into their text."""
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers = [_Handler()]
        logger.propagate = False
        logger.setLevel(logging.WARNING)
