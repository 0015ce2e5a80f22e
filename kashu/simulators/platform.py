"""What the simulated platforms have alike, whatever they speak: faults, and sellers who permit."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from kashu.simulators.faults import Faults, Faulty, Receive, Scope, Send
from kashu.simulators.shop import Shop


@dataclass(slots=True)
class Token:
    """A seller's permission that an application holds."""

    shop: Shop
    refresh: str
    expires_at: datetime
    refreshable_until: datetime
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Lives:
    """How long a permission's parts are good for."""

    code: timedelta
    token: timedelta
    refresh: timedelta


class Platform(ABC):
    """Some shops, for one application. A code is good once; a new token ends the shop's others."""

    def __init__(
        self, shops: Sequence[Shop], faults: Faults | None, name: str, lives: Lives
    ) -> None:
        """`name` is what its codes and tokens begin with."""
        self.shops = shops
        self.faults = faults or Faults()
        self.now = shops[0].now
        self._name, self._lives = name, lives
        self._tokens: dict[str, Token] = {}
        self._codes: dict[str, tuple[Shop, datetime]] = {}
        self._numbers = count(1)
        self._faulty = Faulty(self._serve, self.faults, self.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, with whatever fault is due."""
        await self._faulty(scope, receive, send)

    @abstractmethod
    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request as the platform does."""

    def permit(self, shop: Shop) -> str:
        """The seller permits the application. Gives a code."""
        code = f"{self._name}code{next(self._numbers)}"
        self._codes[code] = (shop, self.now() + self._lives.code)
        return code

    def grant(self, shop: Shop) -> tuple[str, str]:
        """Make an access token and its refresh token; earlier ones of the shop end."""
        self.withdraw(shop)
        number, now = next(self._numbers), self.now()
        access, refresh = f"{self._name}-access-{number}", f"{self._name}-refresh-{number}"
        self._tokens[access] = Token(
            shop, refresh, now + self._lives.token, now + self._lives.refresh
        )
        return access, refresh

    def withdraw(self, shop: Shop) -> None:
        """The seller takes the permission back."""
        for token in self._tokens.values():
            if token.shop is shop:
                token.withdrawn = True

    def _redeem(self, code: str) -> Shop | None:
        """Say whose code it is, once and in time."""
        shop, until = self._codes.pop(code, (None, self.now()))
        return shop if until > self.now() else None

    def _held(self, refresh: str) -> Token | None:
        """Find the token that a refresh token renews, in time or not."""
        return next(
            (
                token
                for token in self._tokens.values()
                if token.refresh == refresh and not token.withdrawn
            ),
            None,
        )
