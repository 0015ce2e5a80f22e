"""What the simulated suppliers have alike, whatever they speak: a house behind faults."""

from abc import ABC, abstractmethod

from kashu.simulators.faults import Receive, Scope, Send
from kashu.simulators.suppliers.faults import Faults, Faulty
from kashu.simulators.suppliers.house import House


class SupplierSimulator(ABC):
    """One house, and one account at it."""

    def __init__(self, house: House, faults: Faults | None = None) -> None:
        self.house = house
        self.faults = faults or Faults()
        self.now = house.now
        self._faulty = Faulty(self._serve, self.faults, self.now, self._places)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, with whatever fault is due."""
        self.house.tick()
        await self._faulty(scope, receive, send)

    @abstractmethod
    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as the supplier does."""

    @abstractmethod
    def _places(self, scope: Scope, body: bytes) -> bool:
        """Whether a request is one that orders."""
