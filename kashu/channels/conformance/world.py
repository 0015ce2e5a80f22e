"""The other side of a channel under proof, and what a check is."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, TypeVar

from kashu.channels.channel import (
    Can,
    Channel,
    Link,
    Page,
    PushRequest,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
    Window,
)
from kashu.channels.errors import ShopOrderWrong
from kashu.core.sockets import Sockets

Member = TypeVar("Member")
Expected = TypeVar("Expected", bound=Exception)


class NotConforming(AssertionError):
    """An adapter doesn't do what the Channel protocol promises."""


class Trouble(StrEnum):
    """What one call meets instead of its answer."""

    SILENT_BEFORE = "silent_before"  # nothing that can be read, and nothing was done
    SILENT_AFTER = "silent_after"  # nothing that can be read, and it was done
    ERROR_BEFORE = "error_before"  # HTTP 500, and nothing was done
    ERROR_AFTER = "error_after"  # HTTP 500, and it was done
    HTML = "html"
    REDIRECT = "redirect"
    HUGE = "huge"  # more than anybody reads
    THROTTLED = "throttled"  # in the platform's own words
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  (likewise)


@dataclass(frozen=True, slots=True)
class Offered:
    """Something for sale there."""

    item_id: str
    sku_id: str
    title: str
    merchant_code: str
    price_e4: int


@dataclass(frozen=True, slots=True)
class Sold:
    """An order there, and what the platform must tell of it."""

    order_id: str
    lines: tuple[tuple[Offered, int], ...]
    paid_e4: int


class World(Protocol):
    """Makes things happen at the platform. Amounts in ten-thousandths, whole fen."""

    @property
    def link(self) -> Link:
        """To a shop that has permitted us, with the options that the channel's `can` needs."""
        ...

    @property
    def stranger(self) -> Link:
        """The same, with a token that nobody gave."""
        ...

    @property
    def sockets(self) -> Sockets:
        """The way out for streams, where the channel can STREAM."""
        ...

    @property
    def lines_max(self) -> int:
        """How many lines an order may have."""
        ...

    async def offer(self, title: str, price_e4: int) -> Offered:
        """Put something up for sale, with an id that is as long as the platform's real ones."""
        ...

    async def sell(
        self,
        wanted: Sequence[tuple[Offered, int]],
        *,
        note: str = "",
        paid: bool = True,
        by_card: bool = False,
    ) -> Sold:
        """Have a buyer order, and pay unless not; to be confirmed by us where the channel can.

        `by_card`: of the kind whose cards the platform itself shows, where it has such a kind.
        """
        ...

    async def put(self, sold: Sold, state: ShopState) -> None:
        """Bring an order into a state."""
        ...

    async def spoil(self, sold: Sold) -> None:
        """Make the platform tell something of an order that can't be."""
        ...

    async def pass_time(self, by: timedelta) -> None:
        """Set the platform's clock forward, and that of our links."""
        ...

    async def shown(self, sold: Sold) -> str:
        """What the platform keeps for the buyer, and the order's note."""
        ...

    async def shipments(self, sold: Sold) -> int:
        """How often an order was marked as shipped."""
        ...

    async def on_offer(self, offered: Offered) -> tuple[int, int]:
        """Quantity and price as they stand there, reviews having passed."""
        ...

    async def ask_refund(self, sold: Sold, line: int | None = None) -> str:
        """The buyer wants the money of a line back, or all; gives the platform's number of it."""
        ...

    async def settle_refund(self, number: str, *, agree: bool) -> None:
        """The refund is paid, or refused, without us."""
        ...

    async def refund_state(self, number: str) -> ShopRefundState:
        """Where a refund stands there."""
        ...

    async def meet(self, *troubles: Trouble) -> None:
        """Have the next calls meet these, one each."""
        ...

    async def revoke(self) -> None:
        """The seller takes the permission back."""
        ...

    async def permit(self) -> str:
        """The seller permits us again; gives the code."""
        ...

    async def push(self, sold: Sold) -> PushRequest:
        """Write what the platform would send about an order now."""
        ...

    async def forge(self, sold: Sold) -> Sequence[PushRequest]:
        """Write what somebody else would send who knows all but the secrets."""
        ...

    async def tell_again(self) -> None:
        """Have what a stream told, and nobody acknowledged, told again at once."""
        ...


Run: TypeAlias = Callable[[Channel, World], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of the Channel protocol, and what a channel must be able to for it to hold."""

    name: str
    needs: frozenset[Can]
    run: Run


def check(*needs: Can) -> Callable[[Run], Check]:
    """Make a check of a function; its name is the promise."""
    return lambda run: Check(run.__name__, frozenset(needs), run)


def expect(holds: object, said: str) -> None:
    """Raise NotConforming unless something holds. Unlike `assert` it is never left out."""
    if not holds:
        raise NotConforming(said)


async def refused(
    call: Awaitable[object], *errors: type[Expected], said: str = "refused"
) -> Expected:
    """Expect a call to end in one of some errors, and give that."""
    try:
        await call
    except errors as error:
        return error
    except Exception as error:
        raise NotConforming(f"{said}: it ended in {type(error).__name__}") from error
    raise NotConforming(f"{said}: nothing was raised")


def lately(world: World) -> Window:
    """The last minutes, in every platform's window; the end is a moment ahead."""
    at = world.link.now()
    return Window(at - timedelta(minutes=10), at + timedelta(seconds=2))


async def all_orders(
    channel: Channel, world: World, window: Window | None = None
) -> tuple[list[ShopOrder], list[ShopOrderWrong]]:
    """Read all pages of a window: the orders, and what is wrong with others."""
    asked = window or lately(world)
    return await _all(lambda page: channel.orders(world.link, asked, page))


async def all_refunds(
    channel: Channel, world: World
) -> tuple[list[ShopRefund], list[ShopOrderWrong]]:
    """Read all pages of refunds."""
    asked = lately(world)
    return await _all(lambda page: channel.refunds(world.link, asked, page))


async def _all(
    read: Callable[[str | None], Awaitable[Page[Member]]],
) -> tuple[list[Member], list[ShopOrderWrong]]:
    page = await read(None)
    found, bad = [*page.members], [*page.wrong]
    for _ in range(1000):
        if page.next is None:
            return found, bad
        page = await read(page.next)
        found += page.members
        bad += page.wrong
    raise NotConforming("there is always another page")
