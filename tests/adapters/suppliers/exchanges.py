"""What each supplier's simulator really answered, kept so that it can be told again, spoilt."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from kashu.core.clock import Clock
from kashu.core.errors import OutsideError
from kashu.core.http import DEADLINE_S, Answer, Http
from kashu.suppliers.conformance import Fate
from kashu.suppliers.conformance.line import Line
from kashu.suppliers.conformance.world import goods_of, offered_of, order_of
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    Can,
    Link,
    Login,
    NoticeRequest,
    Order,
    OrderState,
    Standing,
    Upstream,
)
from tests.adapters.suppliers.worlds import Proved, SimulatedWorld, all_proved, world_of

LOOKS: Final = 3
UNHURRIED: Final = timedelta(seconds=11)  # no limit of calls is met


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call of an adapter's, and what was answered to it."""

    verb: str
    order: Order | None
    their_number: str
    ref: str
    at: datetime
    answers: tuple[Answer, ...]

    def call(self, upstream: Upstream, link: Link) -> Coroutine[Any, Any, object]:
        """Make it again."""
        calls: Mapping[str, Callable[[], Coroutine[Any, Any, object]]] = {
            "place": lambda: upstream.place(link, self._order),
            "ask": lambda: upstream.ask(link, self._order, self.their_number),
            "cancel": lambda: upstream.cancel(link, self._order, self.their_number, ""),
            "balance": lambda: upstream.balance(link),
            "products": lambda: upstream.products(link),
            "product": lambda: upstream.product(link, self.ref),
            "inputs": lambda: upstream.inputs(link, self.ref),
            "statement": lambda: upstream.statement(link, self.at.replace(year=2020), self.at),
        }
        return calls[self.verb]()

    @property
    def _order(self) -> Order:
        assert self.order is not None
        return self.order


@dataclass(frozen=True, slots=True)
class Heard:
    """All that was heard from one supplier."""

    proved: Proved
    login: Login
    exchanges: tuple[Exchange, ...]
    notices: tuple[tuple[NoticeRequest, datetime], ...]
    hidden: frozenset[str]  # what no error may tell


def of(exchanges: Sequence[Exchange], *verbs: str) -> list[Exchange]:
    """Those of some verbs."""
    return [each for each in exchanges if each.verb in verbs]


class Replay(Http):
    """Nobody is called: what was answered is answered again, the last for ever."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._rest = list(answers)
        self.sent: list[tuple[bytes, Answer]] = []  # what was asked, and what was heard

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        """Answer."""
        del headers, deadline_s
        assert self._rest, "it called where nothing was called before"
        answer = self._rest.pop(0) if len(self._rest) > 1 else self._rest[0]
        assert len(self.sent) < 50, "it calls for ever"
        self.sent.append((f"{method} {url} ".encode() + (content or b""), answer))
        return answer


def drive(call: Coroutine[Any, Any, object]) -> object:
    """Run what waits for nothing."""
    try:
        call.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("it waits for something")


def replaying(heard: Heard, exchange: Exchange, http: Http) -> Link:
    """A link at the time of an exchange."""
    clock: Clock = lambda: exchange.at  # noqa: E731  (a constant clock)
    return Link(heard.login, http, clock)


@lru_cache
def heard_from(name: str) -> Heard:
    """Listen to a supplier, once."""
    [proved] = [each for each in all_proved() if each.upstream.name == name]
    return asyncio.run(_listen(proved))


@dataclass(slots=True)
class _Listening:
    proved: Proved
    world: SimulatedWorld
    found: list[Exchange] = field(default_factory=list)

    async def hear(
        self, verb: str, order: Order | None = None, their_number: str = "", ref: str = ""
    ) -> object:
        """Call, with an adapter that remembers nothing, and keep what was answered."""
        upstream: Upstream = type(self.proved.upstream)()
        line = Line(self.world.link.http)
        await self.world.pass_time(UNHURRIED)
        at = self.world.link.now()
        exchange = Exchange(verb, order, their_number, ref, at, ())
        try:
            return await exchange.call(upstream, replace(self.world.link, http=line))
        except OutsideError as error:
            return error
        finally:
            self.found.append(replace(exchange, answers=tuple(line.told)))


async def _listen(proved: Proved) -> Heard:
    hidden: set[str] = set()
    notices: list[tuple[NoticeRequest, datetime]] = []
    upstream = proved.upstream
    async with world_of(proved) as world:
        listening = _Listening(proved, world)
        goods = {goods_of(upstream), *({Goods.TOPUP} & upstream.rules.goods)}
        for kind in sorted(goods):
            for fate in (Fate.SUCCEED, Fate.FAIL, Fate.REFUND):
                if fate is Fate.SUCCEED or fate in world.fates:
                    order = await _one(listening, kind, fate)
                    hidden |= {*order.inputs.values(), order.notice_url}
                    if Can.NOTICE in upstream.can:
                        notices.append((await world.notice(order.number), world.link.now()))
        await _others(listening)
        login = world.link.login
        for made in await world.orders():
            for card in made.cards:
                hidden |= {card.number, card.password, card.url}
        hidden |= {login.secret.clear, *(login.options.get(n, "") for n in upstream.secret_options)}
        told = frozenset(text for text in hidden if len(text) > 5 and not text.isalpha())
        return Heard(proved, login, tuple(listening.found), tuple(notices), told)


async def _one(listening: _Listening, kind: Goods, fate: Fate) -> Order:
    world, upstream = listening.world, listening.proved.upstream
    offered = await world.offer("会员月卡", 140_000, goods=kind)
    if Can.READ_INPUTS in upstream.can:
        await listening.hear("inputs", ref=offered.ref)
    await listening.hear("product", ref=offered.ref)
    await world.plan(fate)
    order = order_of(world, offered, 1 if upstream.rules.most_at_once == 1 else 2)
    placed = await listening.hear("place", order)
    number = getattr(placed, "their_number", "")
    for _ in range(LOOKS):
        await world.pass_time(upstream.rules.ask_after)
        for theirs in dict.fromkeys((number, "")):
            told = await listening.hear("ask", order, theirs)
            number = number or getattr(told, "their_number", "")
        await world.settle()
    if Can.CANCEL in upstream.can:
        await listening.hear("cancel", order, number)
    return order


async def _others(listening: _Listening) -> None:
    world, upstream = listening.world, listening.proved.upstream
    offered = await offered_of(upstream, world)
    for verb, can in (
        ("balance", Can.BALANCE),
        ("products", Can.LIST_PRODUCTS),
        ("statement", Can.STATEMENT),
    ):
        if can in upstream.can:
            await listening.hear(verb)
    await listening.hear("ask", order_of(world, offered))
    for word in world.refusals:
        await world.refuse(word)
        await listening.hear("place", order_of(world, offered))
    await world.withdraw(offered)
    await listening.hear("product", ref=offered.ref)
    if listening.proved.upstream.rules.one_at_a_time:
        return
    await listening.hear("place", order_of(world, offered))


def states_of(heard: Heard) -> set[OrderState]:
    """The states that orders really came to: the recording is worth something."""
    states: set[OrderState] = set()
    for exchange in of(heard.exchanges, "ask"):
        upstream: Upstream = type(heard.proved.upstream)()
        link = replaying(heard, exchange, Replay(exchange.answers))
        try:
            told = drive(exchange.call(upstream, link))
        except OutsideError:
            continue
        states |= {told.state} if isinstance(told, Standing) else set()
    return states
