"""How often a supplier may be called: so many of an operation within so many seconds."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

Times: TypeAlias = Mapping[str, tuple[int, float]]  # by operation: how many, within seconds


class Limits:
    """Counts calls; those that are refused aren't counted."""

    def __init__(self, times: Times, now: Callable[[], datetime]) -> None:
        self._times = times
        self._now = now
        self._calls: dict[str, deque[datetime]] = {}

    def allows(self, operation: str) -> bool:
        """Whether one more may be answered; if so, it is counted."""
        if operation not in self._times:
            return True
        most, within_s = self._times[operation]
        calls, now = self._calls.setdefault(operation, deque()), self._now()
        while calls and calls[0] <= now - timedelta(seconds=within_s):
            calls.popleft()
        if len(calls) >= most:
            return False
        calls.append(now)
        return True
