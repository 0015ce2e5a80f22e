"""The demo's own counters: a stream of orders from a fixed seed, a little more than there is."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator
from typing import Final

from kashu.core.money import format_amount, parse_amount
from kashu.entry.demo.shop import COUNTERS, CUSTOMERS, DELIVERIES
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody
from kashu.orders.write import Submission

SEED: Final = 20261122
BULK: Final = 500  # one enterprise order of as many cards
QUANTITIES: Final = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
OVERSOLD: Final = 8  # orders beyond the stock of each SKU: they turn short
AGAIN: Final = 0.02  # part of the orders that a platform sends twice
CALLER: Final = "cli"


def submissions(cards: Counter[str], run: str) -> Iterator[Submission]:
    """Order everything in stock and a little more, mixed over stores, customers and SKUs.

    `run` makes the order numbers of one run its own.
    """
    chance = random.Random(SEED)  # noqa: S311  (buyers, not secrets)
    prices = {delivery.sku: parse_amount(delivery.price) for delivery in DELIVERIES}
    left = Counter(cards)
    beyond = Counter(dict.fromkeys(cards, OVERSOLD))
    number = 0
    largest = max(cards, key=lambda sku: (cards[sku], sku))
    if cards[largest] > 2 * BULK:
        left[largest] -= BULK
        body = _body(run, 0, largest, BULK, prices[largest], store="direct", customer="zhonghai")
        yield _submission(OrdersBody((body,), deliver="later"))
    while any(beyond.values()):
        number += 1
        wanted = [sku for sku in cards if beyond[sku]]
        sku = chance.choices(wanted, [max(left[sku], 0) + beyond[sku] for sku in wanted])[0]
        quantity = chance.choice(QUANTITIES)
        if left[sku] > 0:
            left[sku] -= quantity
        else:
            beyond[sku] -= 1
        store = chance.choice([*COUNTERS, "direct"])
        customer = chance.choice([*CUSTOMERS, None, None, None, None])
        body = _body(run, number, sku, quantity, prices[sku], store=store, customer=customer)
        each = _submission(OrdersBody((body,)))
        yield each
        if chance.random() < AGAIN:
            yield each


def _body(
    run: str,
    number: int,
    sku: str,
    quantity: int,
    price_e4: int,
    *,
    store: str,
    customer: str | None,
) -> OrderBody:
    line = LineBody(sku, quantity, format_amount(price_e4 * quantity))
    return OrderBody(f"{run}-{number:06d}", (line,), store=store, customer=customer)


def _submission(body: OrdersBody) -> Submission:
    digest = hashlib.sha256(repr(body).encode()).digest()
    return Submission(CALLER, body.orders[0].external_id, digest, body)
