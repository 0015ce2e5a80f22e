"""Turns: work that takes long is done a few at a time of each merchant's; the rest waits.

Each process counts for itself.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from kashu.core.errors import Busy


class Turns:
    """How many of a kind of work are under way, and who waits for one of them to end."""

    def __init__(self, at_once: int, waiting_max: int, refusal: Callable[..., Busy]) -> None:
        """`at_once` of one merchant's, `waiting_max` more of theirs; then `refusal`, with count."""
        self._at_once = at_once
        self._most = at_once + waiting_max
        self._refusal = refusal
        self._turns: dict[tuple[Any, int], asyncio.Semaphore] = {}  # of each loop and merchant
        self._there: Counter[tuple[Any, int]] = Counter()

    @asynccontextmanager
    async def turn(self, tenant_id: int) -> AsyncIterator[None]:
        """Work in the block, once it is our turn. Hold no transaction while entering.

        Raises: the refusal.
        """
        whose = (asyncio.get_running_loop(), tenant_id)
        if self._there[whose] >= self._most:
            raise self._refusal(count=self._there[whose])
        turn = self._turns.setdefault(whose, asyncio.Semaphore(self._at_once))
        self._there[whose] += 1
        try:
            async with turn:
                yield
        finally:
            self._there[whose] -= 1
            if not self._there[whose]:
                del self._there[whose], self._turns[whose]
