"""The other side of a supplier's protocol under proof, and what a check is."""

import secrets
import string
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from kashu.core.errors import KashuError, OutsideError
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    NUMBER_MAX,
    BoughtCard,
    Can,
    Link,
    NoticeRequest,
    Order,
    OrderState,
    Standing,
    Upstream,
)

Expected = TypeVar("Expected", bound=Exception)

LOOKS_MAX: Final = 5  # how often an order is asked for until it has ended
PAGES_MAX: Final = 1000


class NotConforming(AssertionError):
    """An adapter doesn't do what the Upstream protocol promises."""


class Trouble(StrEnum):
    """What one call meets instead of its answer."""

    SILENT_BEFORE = "silent_before"  # nothing that can be read, and nothing was done
    SILENT_AFTER = "silent_after"  # nothing that can be read, and it was done
    ERROR_BEFORE = "error_before"  # HTTP 500, and nothing was done
    ERROR_AFTER = "error_after"  # HTTP 500, and it was done
    HTML = "html"  # a page with status 200, and nothing was done
    REDIRECT = "redirect"  # to an address inside, and nothing was done
    EMPTY = "empty"  # status 200 and no body, and it was done
    CUT = "cut"  # half of the answer, and it was done
    HUGE = "huge"  # more than anybody reads, and it was done
    NULLS = "nulls"  # the answer with null for every value, and it was done
    WRONG_TYPES = "wrong_types"  # … with an object for every value, and it was done
    THROTTLED = "throttled"  # in the supplier's own words; nothing was done
    UNKNOWN_CODE = "unknown_code"  # a refusal in words that nobody documented; nothing was done
    UNKNOWN_STATE = "unknown_state"  # an order's state in a word that nobody documented


class Fate(StrEnum):
    """What becomes of an order there."""

    SUCCEED = "succeed"
    WAIT = "wait"  # it stays under way
    FAIL = "fail"  # it ends without success, and its money is back
    REFUND = "refund"  # it succeeds, and later all its money is back
    FEWER = "fewer"  # it succeeds with one card fewer than ordered
    TWICE = "twice"  # it succeeds, and its last card is its first once more


@dataclass(frozen=True, slots=True)
class Offered:
    """Something for sale there."""

    ref: str  # as the adapter must tell it in Product.ref, and takes it in Order.ref
    title: str
    goods: Goods
    unit_cost_e4: int
    inputs: Mapping[str, str] = field(default_factory=dict)  # what an order of it must carry


@dataclass(frozen=True, slots=True)
class Made:
    """An order that exists there, as it is there."""

    number: str  # ours, as it reached them
    their_number: str
    ref: str
    quantity: int
    state: OrderState  # FAILED: also one that was made and cancelled at once
    charged_e4: int  # what was taken for it, in all, before anything came back
    refunded_e4: int
    cards: tuple[BoughtCard, ...]  # that it gave, as the adapter must tell them


class World(Protocol):
    """Makes things happen at the supplier, and looks at what really happened there.

    Amounts in ten-thousandths, in multiples of `step_e4`. Our account there has a balance that
    pays for a hundred orders of the checks, unless `set_money` says otherwise.
    """

    @property
    def link(self) -> Link:
        """To our account there, with the options that the adapter's `can` needs."""
        ...

    @property
    def stranger(self) -> Link:
        """The same, with a secret that isn't ours."""
        ...

    @property
    def brings(self) -> frozenset[Trouble]:
        """The troubles that this supplier can get into."""
        ...

    @property
    def fates(self) -> frozenset[Fate]:
        """The fates that an order can have here."""
        ...

    @property
    def refusals(self) -> Mapping[str, type[OutsideError]]:
        """Each documented refusal of an order, in the supplier's word, and how place() ends."""
        ...

    @property
    def checks_clock(self) -> bool:
        """Whether it refuses calls that come from another time."""
        ...

    @property
    def step_e4(self) -> int:
        """The smallest step of its prices: 1 where they have four decimals, 100 for fen."""
        ...

    @property
    def bad_account(self) -> str:
        """An account that can't be topped up, where the adapter can CHECK_ACCOUNT."""
        ...

    @property
    def notice_url(self) -> str:
        """Our notice address, as orders carry it."""
        ...

    async def offer(
        self,
        title: str,
        unit_cost_e4: int,
        *,
        goods: Goods = Goods.CARD,
        stock: int = 20,
        cards: Sequence[tuple[str, str]] = (),
    ) -> Offered:
        """Put something up for sale, with so many in stock.

        `cards`: number and password of those that are there, given in this order; else `stock`
        of the supplier's own making. Where a card is one text, it holds both.
        """
        ...

    async def withdraw(self, offered: Offered) -> None:
        """Stop selling something."""
        ...

    async def set_money(self, amount_e4: int) -> None:
        """Set our balance there."""
        ...

    async def money(self) -> int:
        """Our balance there."""
        ...

    async def plan(self, fate: Fate) -> None:
        """Say what becomes of the next order. Without a plan, orders succeed."""
        ...

    async def settle(self) -> None:
        """Bring what is under way there to the end that was planned."""
        ...

    async def orders(self) -> Sequence[Made]:
        """Every order there, the first first."""
        ...

    async def meet(self, *troubles: Trouble, placing: bool = False) -> None:
        """Have the next calls meet these, one each; `placing`: the next calls that order."""
        ...

    async def refuse(self, word: str) -> None:
        """Have the next order refused, in a word of `refusals`."""
        ...

    async def pass_time(self, by: timedelta) -> None:
        """Set the supplier's clock forward, and that of our links."""
        ...

    async def notice(self, number: str) -> NoticeRequest:
        """Write what the supplier would send about an order now, where the adapter has NOTICE."""
        ...

    async def forge(self, number: str) -> Sequence[NoticeRequest]:
        """Write what must be refused: made by others, altered, of another account, too old.

        Nothing, where a supplier signs no notices: they are hints then, from whomever.
        """
        ...


Run: TypeAlias = Callable[[Upstream, World], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Check:
    """One promise of the Upstream protocol, and what an adapter must be able to for it to hold."""

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
    except NotConforming:
        raise
    except errors as error:
        return error
    except Exception as error:
        raise NotConforming(f"{said}: it ended in {type(error).__name__}") from error
    raise NotConforming(f"{said}: nothing was raised")


def goods_of(upstream: Upstream) -> Goods:
    """What an adapter is tried with: cards where it has them."""
    return next(each for each in (Goods.CARD, Goods.LINK, Goods.TOPUP) if each in _of(upstream))


def _of(upstream: Upstream) -> frozenset[Goods]:
    return upstream.rules.goods


def price(world: World, amount_e4: int) -> int:
    """The nearest price above that the supplier can have."""
    return -(-amount_e4 // world.step_e4) * world.step_e4


async def offered_of(upstream: Upstream, world: World, amount_e4: int = 141_250) -> Offered:
    """Put up what an adapter is tried with."""
    return await world.offer("会员月卡", price(world, amount_e4), goods=goods_of(upstream))


def new_number() -> str:
    """Make a number of ours as long as they get."""
    letters = string.ascii_uppercase + string.digits
    return "K" + "".join(secrets.choice(letters) for _ in range(NUMBER_MAX - 1))


def order_of(world: World, offered: Offered, quantity: int = 1) -> Order:
    """Write an order down."""
    total = offered.unit_cost_e4 * quantity
    return Order(
        new_number(),
        offered.ref,
        offered.goods,
        quantity,
        offered.unit_cost_e4,
        total,
        world.link.now(),
        offered.inputs,
        world.notice_url,
    )


def at_once(upstream: Upstream, quantity: int) -> int:
    """So many, or as many as an order may have."""
    return min(quantity, upstream.rules.most_at_once or quantity)


async def ended(upstream: Upstream, world: World, order: Order) -> Standing:
    """Place an order and ask until it has ended, cards and all, or stays under way."""
    standing = await upstream.place(world.link, order)
    return await asked(upstream, world, order, standing)


async def asked(upstream: Upstream, world: World, order: Order, standing: Standing) -> Standing:
    """Ask until an order has ended, cards and all, or stays under way."""
    for _ in range(LOOKS_MAX):
        waits = standing.state is OrderState.SUCCEEDED and standing.cards is None
        if standing.state is not OrderState.PROCESSING and not (
            waits and order.goods is not Goods.TOPUP
        ):
            return standing
        await world.settle()
        await world.pass_time(upstream.rules.ask_after)
        their_number = standing.their_number
        standing = await upstream.ask(world.link, order, their_number)
    return standing


async def made_of(world: World, order: Order) -> Made:
    """Find the one order there that is of this number."""
    found = [made for made in await world.orders() if made.number == order.number]
    expect(len(found) == 1, f"{len(found)} orders of our number are there")
    return found[0]


async def expect_nothing_bought(world: World, money_e4: int, said: str) -> None:
    """Nothing is under way or done there, and our balance is what it was."""
    live = {OrderState.PROCESSING, OrderState.SUCCEEDED}
    there = [made for made in await world.orders() if made.state in live]
    expect(not there, f"{said}: an order was made")
    expect(await world.money() == money_e4, f"{said}: money was taken")


def told_by(error: KashuError) -> str:
    """All that an error says, and all that it came of; also what those hold without saying it."""
    told = [f"{error!r} {error.text('zh')} {error.text('en')} {error.facts}"]
    seen: set[int] = set()
    rest: list[BaseException | None] = [error.__cause__, error.__context__]
    while rest:
        each = rest.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        told.append(f"{each!r} {each} {each.args!r} {getattr(each, 'facts', '')}")
        rest += [each.__cause__, each.__context__]
    return " ".join(told)
