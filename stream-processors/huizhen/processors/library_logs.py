"""Keep the lines of Faust and aiokafka out of the log: they name broker addresses, which belong to nobody's log."""

import logging

import structlog

log = structlog.get_logger()
LIBRARIES = ("faust", "mode", "aiokafka", "asyncio")
LINE_MAX = 120  # characters of a library's own text


class _Handler(logging.Handler):
    """Passes on who spoke, the text without its arguments, and the error's type."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        kind = type(error).__name__ if error is not None else ""
        log.warning("library", logger=record.name, line=str(record.msg)[:LINE_MAX], error=kind)


def quiet_libraries() -> None:
    """Route the libraries' warnings and errors through structlog without what was put into their text."""
    for name in LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers = [_Handler()]
        logger.propagate = False
        logger.setLevel(logging.WARNING)
