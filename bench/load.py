"""The load generator: a process of its own that sends signed orders and times the answers.

Everything that can be is done before the clock starts: bodies, hashes, signatures. Reads one JSON
line, a Plan, from standard input; writes one, a Tally, to standard output.
"""

import asyncio
import random
import secrets
import sys
import time
from collections import Counter, deque
from typing import Final, Literal, cast

import msgspec
import uvloop

from kashu.access.signatures import sign
from kashu.orders.answers import OrdersAnswer

PRICE: Final = "19.80"
PATH: Final = "/v1/orders"
GRACE_S: Final = 30.0  # for answers that are still out when the time is over
READY_S: Final = 30.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to send. `rate` 0: each connection asks again as soon as it has its answer."""

    port: int
    key: str
    secret: str
    run: str  # names the orders
    skus: list[str]
    stores: list[str]
    deliver: Literal["answer", "later"]
    connections: int
    for_s: float
    requests: int  # made beforehand; when they are used up it is over
    keep_alive: bool = True  # else each connection is for one request
    rate: float = 0.0  # orders a second, at random moments (Poisson), whatever is still out


class Tally(msgspec.Struct, frozen=True):
    """What came of it."""

    statuses: dict[int, int]
    took_s: float
    latencies_ms: list[float]  # in order; from when a request was due
    states: dict[str, int]  # of the orders in the answers
    cards: int
    different_cards: int
    late_ms: float  # how far the generator itself fell behind at worst


class Line(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer. HTTP/1.1, kept open."""

    def __init__(self) -> None:
        """Begin without an answer awaited."""
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where to write."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Gather an answer; it has a Content-Length."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        at = head.find(b"content-length: ") + 16
        assert at > 15, head
        length = int(head[at : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None])
        if len(self._received) < end + 4 + length:
            return
        body = bytes(self._received[end + 4 : end + 4 + length])
        self._received.clear()
        if self._answer and not self._answer.done():
            self._answer.set_result((int(head[9:12]), body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits gets status 0."""
        if self._answer and not self._answer.done():
            self._answer.set_result((0, str(exc).encode()))

    @property
    def closed(self) -> bool:
        """Whether the server hung up."""
        return self._transport is None or self._transport.is_closing()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send; return status and body."""
        assert self._transport
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


def requests_of(plan: Plan) -> list[bytes]:
    """Write all requests, signed for about when they are due: that is good for five minutes."""
    chance = random.Random(plan.run)  # noqa: S311  (buyers, not secrets)
    began_at = int(time.time())
    made = []
    for number in range(plan.requests):
        timestamp = began_at + int(number / plan.rate if plan.rate else 0)
        # Not with the program's own types: importing them would take longer than a small bench.
        line = {"sku": chance.choice(plan.skus), "quantity": 1, "price": PRICE}
        name = f"{plan.run}-{number:07d}"
        order = {"external_id": name, "lines": [line], "store": chance.choice(plan.stores)}
        body = msgspec.json.encode({"orders": [order], "deliver": plan.deliver})
        headers = {
            "Host": f"127.0.0.1:{plan.port}",
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "keep-alive" if plan.keep_alive else "close",
            "Idempotency-Key": name,
            **sign(
                "POST",
                PATH,
                body,
                key=plan.key,
                secret=plan.secret,
                timestamp=timestamp,
                nonce=secrets.token_hex(12),
            ),
        }
        lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        made.append("\r\n".join([*lines, "", ""]).encode() + body)
    return made


class Load:
    """A run of a plan."""

    def __init__(self, plan: Plan) -> None:
        """Write the requests."""
        self.plan = plan
        self.requests = deque(requests_of(plan))
        self.answers: list[tuple[int, bytes]] = []
        self.latencies_s: list[float] = []
        self.late_s = 0.0
        self.idle: deque[Line] = deque()

    async def connect(self) -> Line:
        """Open a connection, waiting for a server that has just been started."""
        loop = asyncio.get_running_loop()
        for _ in range(int(READY_S / 0.05)):
            try:
                _, line = await loop.create_connection(Line, "127.0.0.1", self.plan.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                return line
        raise TimeoutError(self.plan.port)

    async def ask(self, line: Line, due_at: float) -> None:
        """Send the next request and note its answer."""
        answer = await line.ask(self.requests.popleft())
        self.latencies_s.append(time.perf_counter() - due_at)
        self.answers.append(answer)

    async def closed(self, line: Line, ends_at: float) -> None:
        """Ask again and again."""
        while self.requests and (now := time.perf_counter()) < ends_at:
            await self.ask(line, now)

    async def lend(self, due_at: float) -> None:
        """Ask once on a line that is free, or on a new one; servers hang up on who is idle."""
        while self.idle and self.idle[-1].closed:
            self.idle.pop()
        line = self.idle.pop() if self.idle else await self.connect()
        await self.ask(line, due_at)
        self.idle.append(line)

    async def open(self, ends_at: float) -> None:
        """Ask at random moments, whether or not earlier answers have come."""
        chance = random.Random(self.plan.run)  # noqa: S311
        due_at = time.perf_counter()
        out = set()
        while self.requests:
            due_at += chance.expovariate(self.plan.rate)
            if due_at > ends_at:
                break
            await asyncio.sleep(max(0.0, due_at - time.perf_counter()))
            self.late_s = max(self.late_s, time.perf_counter() - due_at)
            out.add(asyncio.create_task(self.lend(due_at)))
        await asyncio.wait_for(asyncio.gather(*out), GRACE_S)

    async def run(self) -> Tally:
        """Connect, then let the clock run."""
        lines = [await self.connect() for _ in range(self.plan.connections)]
        began_at = time.perf_counter()
        ends_at = began_at + self.plan.for_s
        if self.plan.rate:
            self.idle.extend(lines)
            await self.open(ends_at)
        else:
            await asyncio.gather(*(self.closed(line, ends_at) for line in lines))
        return self._tally(time.perf_counter() - began_at)

    def _tally(self, took_s: float) -> Tally:
        good = [
            msgspec.json.decode(body, type=OrdersAnswer)
            for status, body in self.answers
            if status == 200
        ]
        cards = [
            card.number
            for answer in good
            for order in answer.orders
            for line in order.lines
            for card in line.cards
        ]
        return Tally(
            Counter(status for status, _ in self.answers),
            took_s,
            [1_000 * latency for latency in sorted(self.latencies_s)],
            Counter(order.state for answer in good for order in answer.orders),
            len(cards),
            len(set(cards)),
            1_000 * self.late_s,
        )


def main() -> None:
    """Be the generator."""
    load = Load(msgspec.json.decode(sys.stdin.readline(), type=Plan))
    tally = uvloop.run(load.run())
    sys.stdout.write(msgspec.json.encode(tally).decode() + "\n")


if __name__ == "__main__":
    main()
