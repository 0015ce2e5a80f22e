"""Incidents: a bug is logged with a number, its kind and its place, never with values."""

import traceback
from typing import Final

import structlog

from kashu.core.ids import new_id

FRAMES: Final = 12  # of the innermost cause

_log = structlog.get_logger()


def log_incident(error: BaseException, **where: object) -> str:
    """Log a bug and return its number. Messages are left out: they may quote a card."""
    incident = str(new_id())
    chain: list[str] = []
    at: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        chain.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        frames = traceback.extract_tb(cause.__traceback__)
        at = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames][-FRAMES:]
        cause = cause.__cause__ or cause.__context__
    _log.error("incident", incident=incident, error=chain, at=at, **where)
    return incident
