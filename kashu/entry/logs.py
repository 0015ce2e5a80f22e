"""Logs: one JSON object a line, on standard error, without secrets."""

import logging
import sys
from typing import TextIO, cast

import structlog

from kashu.entry.settings import Settings


class _StandardError:
    """Standard error, whatever it is by then: a logger outlives a redirection of it."""

    def write(self, line: str) -> None:
        sys.stderr.write(line)

    def flush(self) -> None:
        sys.stderr.flush()


def set_up_logs(settings: Settings) -> None:
    """Log as the settings say, in this process, from now on."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
