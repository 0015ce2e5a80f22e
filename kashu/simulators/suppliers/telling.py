"""Telling: how an order went is posted to the address that it carries, until it is taken."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from kashu.core.errors import OutsideError
from kashu.core.http import Answer, Http
from kashu.simulators.suppliers.house import House, Order

TRIES: Final = 5
PAUSE_S: Final = 1.0  # before a notice is tried again; doubles
DEADLINE_S: Final = 5.0

Written: TypeAlias = tuple[Mapping[str, str], bytes]  # headers and body
Write: TypeAlias = Callable[[Order], Written]
Taken: TypeAlias = Callable[[Answer], bool]


@dataclass(slots=True)
class Teller:
    """Tells of each change of a house's orders, while it is open."""

    house: House
    write: Write
    taken: Taken  # whether an answer says that a notice was taken
    http: Http
    pause_s: float = PAUSE_S
    sent: int = 0  # each try
    given_up: int = 0
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Watch the house."""
        self.house.watchers.append(self._changed)

    async def close(self) -> None:
        """Tell nothing more; what is under way is broken off."""
        self.house.watchers.remove(self._changed)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until each notice so far is taken or given up."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    def _changed(self, order: Order) -> None:
        if not order.notice_url:
            return
        task = asyncio.get_running_loop().create_task(self._tell(order))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _tell(self, order: Order) -> None:
        """Post it; each try is signed anew."""
        for number in range(TRIES):
            if number:
                await asyncio.sleep(self.pause_s * 2 ** (number - 1))
            headers, body = self.write(order)
            self.sent += 1
            try:
                answer = await self.http.call(
                    "POST",
                    order.notice_url,
                    content=body,
                    headers=headers,
                    deadline_s=DEADLINE_S,
                )
            except OutsideError:
                continue
            if self.taken(answer):
                return
        self.given_up += 1
