"""The file supplier: no interface at all. What is ordered comes by mail or chat, as a file.

An order is under way at once, without a call, and stays so until somebody hands its cards in: see
kashu/purchases/receive_file.py. Its prices come from a price file. The account is whom to write to.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NoReturn

from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    Can,
    Guard,
    Input,
    Link,
    Login,
    NoticeReply,
    NoticeRequest,
    Order,
    OrderState,
    Repeats,
    Rules,
    Standing,
)

NAME: Final = "file"
WAITS: Final = "waits_for_a_file"


class ByHandUpstream:
    """Suppliers that people order from, and whose files people hand in."""

    name: str = NAME
    can: frozenset[Can] = frozenset({Can.PLACE, Can.ASK})
    rules: Rules = Rules(
        goods=frozenset({Goods.CARD, Goods.LINK}),
        repeats=Repeats.SAME,
        guard=Guard.TOTAL,  # nothing is charged but what a person agreed to
        ask_after=timedelta(hours=1),  # there is nobody to ask but us
    )
    secret_options: frozenset[str] = frozenset()

    async def products(self, link: Link, page: str | None = None) -> NoReturn:
        """A price file tells them."""
        raise AssertionError(Can.LIST_PRODUCTS)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> NoReturn:
        """A price file tells it."""
        raise AssertionError(Can.READ_PRODUCT)

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """Nobody tells."""
        raise AssertionError(Can.READ_INPUTS)

    async def place(self, link: Link, order: Order) -> Standing:
        """Say that it is under way. Somebody writes to the supplier, with our number."""
        del link
        return _waits(order)

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """Say that it still is: a file ends it, or a person's verdict."""
        del link, their_number
        return _waits(order)

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> NoReturn:
        """People agree on it."""
        raise AssertionError(Can.CANCEL)

    async def balance(self, link: Link) -> NoReturn:
        """Nobody tells."""
        raise AssertionError(Can.BALANCE)

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> NoReturn:
        """It comes as a file, too."""
        raise AssertionError(Can.STATEMENT)

    async def check_account(self, link: Link, ref: str, account: str) -> NoReturn:
        """Nobody tells."""
        raise AssertionError(Can.CHECK_ACCOUNT)

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> NoReturn:
        """It sends none."""
        raise AssertionError(Can.NOTICE)

    def reply(self, notice: object) -> NoticeReply:
        """Nothing was sent."""
        del notice
        return NoticeReply(b"", status=404)


def _waits(order: Order) -> Standing:
    return Standing(OrderState.PROCESSING, number=order.number, their_number="", said=WAITS)
