"""Reloadly, gift cards. Options of a login, see docs/reference/suppliers/reloadly.md:

`webhook_secret` (secret): of its dashboard's webhook; without it no notice is taken.
`sender`: whom its cards are from; "Kashu" unless said. The account is the client id.
A ref is a product and one of its face values, such as "10:15.00".
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, NoReturn
from urllib.parse import quote

import msgspec

from kashu.adapters.suppliers.exact import Unreadable, code_of, decoded, e4_of, number_of
from kashu.adapters.suppliers.reloadly_calls import (
    NAME,
    PLACE_DEADLINE_S,
    NotFoundThere,
    Tokens,
    order,
    read,
    unclear,
)
from kashu.adapters.suppliers.reloadly_notices import read_notice
from kashu.adapters.suppliers.reloadly_products import FoundProduct, named, parted, product_of
from kashu.core.errors import OutsideError
from kashu.suppliers.errors import (
    InputRefused,
    NoSuchPurchase,
    OrderRefused,
    ProductGone,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    Balance,
    BoughtCard,
    Can,
    Charge,
    Guard,
    Input,
    Link,
    Login,
    Notice,
    NoticeBy,
    NoticeReply,
    NoticeRequest,
    Order,
    OrderState,
    Page,
    Product,
    Repeats,
    Rules,
    Standing,
)

_SIZE: Final = 200
_TIME: Final = "%Y-%m-%d %H:%M:%S"
_LAG: Final = timedelta(minutes=1)  # of a success's last cards; "seconds" are stated

_STATES: Final = {
    "PENDING": OrderState.PROCESSING,
    "PROCESSING": OrderState.PROCESSING,
    "SUCCESSFUL": OrderState.SUCCEEDED,
    "FAILED": OrderState.FAILED,
    "REFUNDED": OrderState.REFUNDED,
}


class _Found(msgspec.Struct, rename="camel"):
    content: list[msgspec.Raw]
    number: int
    total_pages: int
    total_elements: int


class _Bought(msgspec.Struct, rename="camel"):
    product_id: int
    quantity: int
    unit_price: Decimal


class _Transaction(msgspec.Struct, rename="camel"):
    transaction_id: int
    status: str
    amount: Decimal
    currency_code: str
    product: _Bought
    custom_identifier: str | None = None
    transaction_created_time: str | None = None


class _Card(msgspec.Struct, rename="camel"):
    card_number: str | None = None
    pin_code: str | None = None
    redemption_url: str | None = None


class _Money(msgspec.Struct, rename="camel"):
    balance: Decimal
    currency_code: str


class _Place(NamedTuple):
    """Where in a list: the page that is asked for, and the one that it should be, from 0."""

    asked: int
    expected: int


class ReloadlyUpstream:
    """Accounts at Reloadly."""

    name: str = NAME
    can: frozenset[Can] = frozenset(
        {
            Can.LIST_PRODUCTS,
            Can.READ_PRODUCT,
            Can.BALANCE,
            Can.PLACE,
            Can.ASK,
            Can.STATEMENT,
            Can.NOTICE,
        }
    )
    rules: Rules = Rules(
        goods=frozenset({Goods.CARD}),
        repeats=Repeats.UNKNOWN,
        guard=Guard.NONE,
        notice_by=NoticeBy.CONSOLE,
        ask_after=timedelta(seconds=2),
        place_deadline_s=PLACE_DEADLINE_S,
        currency="USD",  # most accounts'; what is told of a product or a balance is the account's
    )
    secret_options: frozenset[str] = frozenset({"webhook_secret"})

    def __init__(self) -> None:
        self._tokens = Tokens()

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """All cards of fixed face values; those of any value have no price to compare."""
        query = {"size": _SIZE, "includeRange": "false", "includeFixed": "true"}
        rows, following = await self._rows(link, "/products", query, page)
        good: list[Product] = []
        wrong = 0
        for row in rows:
            try:
                found = decoded(row, FoundProduct)
                good += [product_of(found, face_e4) for face_e4 in found.faces_e4()]
            except Unreadable:
                wrong += 1
        return Page(good, following, wrong)

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product, with its share of the fee that an order pays."""
        try:
            product_id, face_e4 = parted(ref)
            found = await read(self._tokens, link, f"/products/{product_id}", FoundProduct)
        except (NotFoundThere, Unreadable) as error:
            raise ProductGone(supplier=NAME, said="product") from error
        try:
            if found.product_id != product_id:
                raise unclear("productId: another product")
            if face_e4 not in found.faces_e4():
                raise ProductGone(supplier=NAME, said="denomination")
            return product_of(found, face_e4, quantity)
        except Unreadable as error:
            raise unclear("price") from error

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """Nothing has to be filled in."""
        raise AssertionError(Can.READ_INPUTS)

    async def place(self, link: Link, order_: Order) -> Standing:
        """Order by face value, in its currency. Nothing there guards the price.

        Why an order was refused isn't said in words that are listed: the product is looked at.
        """
        try:
            product_id, face_e4 = parted(order_.ref)
        except Unreadable as error:
            raise ProductGone(supplier=NAME, said="ref") from error
        if order_.goods is not Goods.CARD or order_.quantity < 1:
            raise InputRefused(supplier=NAME, said="cards only")
        body = {
            "productId": product_id,
            "quantity": order_.quantity,
            "unitPrice": number_of(face_e4),
            "customIdentifier": order_.number,
            "senderName": link.login.options.get("sender") or "Kashu",
        }
        try:
            made = await order(self._tokens, link, body, _Transaction)
        except OrderRefused as refusal:
            raise await self._why(link, order_, refusal) from refusal
        if made.custom_identifier != order_.number:
            raise unclear("customIdentifier: another order")
        return await self._standing(link, order_, made)

    async def ask(self, link: Link, order_: Order, their_number: str = "") -> Standing:
        """How an order stands: by its own number, or searched for by ours.

        Two orders of one number are unclear: people look at which was meant.
        """
        if their_number:
            path = f"/reports/transactions/{quote(their_number, '')}"
            try:
                found = await read(self._tokens, link, path, _Transaction)
            except NotFoundThere as error:
                raise NoSuchPurchase(supplier=NAME, number=order_.number) from error
        else:
            found = await self._search(link, order_.number)
        same = str(found.transaction_id) == their_number if their_number else True
        if found.custom_identifier != order_.number or not same:
            raise unclear("transaction: another one")
        return await self._standing(link, order_, found)

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> NoReturn:
        """Orders aren't ended there."""
        raise AssertionError(Can.CANCEL)

    async def balance(self, link: Link) -> Balance:
        """Our money there, in the account's currency."""
        try:
            found = await read(self._tokens, link, "/accounts/balance", _Money)
        except NotFoundThere as error:
            raise unclear("HTTP 404") from error
        return Balance(_amount(found.balance), currency=code_of(found.currency_code))

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        """Transactions made in a time. What was refunded is a second row; failures take nothing."""
        query = {
            "size": _SIZE,
            "startDate": begin.astimezone(UTC).strftime(_TIME),
            "endDate": end.astimezone(UTC).strftime(_TIME),
        }
        rows, following = await self._rows(link, "/reports/transactions", query, page)
        charges: list[Charge] = []
        wrong = 0
        for row in rows:
            try:
                charges += _charges(decoded(row, _Transaction), begin, end)
            except Unreadable:
                wrong += 1
        return Page(charges, following, wrong)

    async def check_account(self, link: Link, ref: str, account: str) -> NoReturn:
        """There is nothing to top up."""
        raise AssertionError(Can.CHECK_ACCOUNT)

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """Check the HMAC over the raw body and its time, and read whose it is."""
        return read_notice(login, request, at)

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Nothing is to be said but that it came."""
        return NoticeReply(b"", status=401 if notice is None else 200)

    async def _rows(
        self, link: Link, path: str, query: dict[str, object], page: str | None
    ) -> tuple[list[msgspec.Raw], str | None]:
        """Read one page. Whether pages are counted from 0 or 1 is learnt from the answer's own."""
        at = _Place(0, 0) if page is None else _Place(*map(int, page.split(".")))
        asked = {**query, "page": at.asked} if page is not None else query
        try:
            found = await read(self._tokens, link, path, _Found, asked)
        except NotFoundThere as error:
            raise unclear("HTTP 404") from error
        if page is not None and found.number == at.expected - 1:  # counted from 1: known already
            return [], f"{at.asked + 1}.{at.expected}"
        if found.number != at.expected:
            raise unclear("number: another page")
        more = bool(found.content) and found.number + 1 < found.total_pages
        return found.content, f"{at.asked + 1}.{at.expected + 1}" if more else None

    async def _search(self, link: Link, number: str) -> _Transaction:
        query = {"customIdentifier": number, "size": _SIZE}
        try:
            found = await read(self._tokens, link, "/reports/transactions", _Found, query)
            rows = [decoded(row, _Transaction) for row in found.content]
        except (NotFoundThere, Unreadable) as error:
            raise unclear("shape") from error
        if not rows and found.total_elements == 0:
            raise NoSuchPurchase(supplier=NAME, number=number)
        ours = [each for each in rows if each.custom_identifier == number]
        if len(ours) != 1:
            raise unclear(f"{len(ours)} orders of one number")
        return ours[0]

    async def _why(self, link: Link, order_: Order, refusal: OrderRefused) -> OutsideError:
        """Say why an order was refused. That nothing was bought is certain already."""
        try:
            now = await self.product(link, order_.ref, order_.quantity)
        except ProductGone as gone:
            return gone
        except OutsideError:
            return refusal
        return refusal if now.on_sale else ProductGone(supplier=NAME, said="status")

    async def _standing(self, link: Link, order_: Order, found: _Transaction) -> Standing:
        charged = _amount(found.amount)
        state = _STATES.get(found.status)
        cards = None
        if state is OrderState.SUCCEEDED:
            cards = await self._cards(link, found)
        back = state in {OrderState.REFUNDED, OrderState.FAILED}
        return Standing(
            state or OrderState.PROCESSING,
            number=order_.number,
            their_number=str(found.transaction_id),
            said=code_of(found.status),
            known=state is not None,
            quantity=found.product.quantity,
            charged_e4=charged,
            refunded_e4=charged if back else 0,
            cards=cards,
            ref=named(found.product.product_id, _amount(found.product.unit_price)),
        )

    async def _cards(self, link: Link, found: _Transaction) -> tuple[BoughtCard, ...] | None:
        """Fetch an order's cards; None while they may still come.

        Why they aren't told says nothing of the order: that was made, and it is asked about again.
        """
        path = f"/orders/transactions/{found.transaction_id}/cards"
        try:
            told = await read(self._tokens, link, path, list[_Card])
        except (NotFoundThere, OutsideError):
            return None
        made_at = _made_at(found)
        fresh = made_at is not None and link.now() - made_at < _LAG
        if not told or (fresh and len(told) < found.product.quantity):
            return None
        cards = (
            BoughtCard(card.card_number or "", card.pin_code or "", card.redemption_url or "")
            for card in told
        )
        return tuple(card for card in cards if card.number or card.password or card.url) or None


def _made_at(found: _Transaction) -> datetime | None:
    try:
        made_at = datetime.strptime(f"{found.transaction_created_time}+0000", f"{_TIME}%z")
    except ValueError:
        return None
    return made_at.astimezone(UTC)


def _charges(found: _Transaction, begin: datetime, end: datetime) -> list[Charge]:
    made_at = _made_at(found)
    if made_at is None:
        raise Unreadable("transactionCreatedTime")
    if not begin <= made_at < end or found.status == "FAILED":
        return []
    charged = e4_of(found.amount)
    return [
        Charge(
            number=found.custom_identifier or "",
            their_number=str(found.transaction_id),
            amount_e4=amount,
            quantity=found.product.quantity,
            ordered_at=made_at,
            completed_at=None,
            said=code_of(found.status),
            currency=code_of(found.currency_code),
        )
        for amount in ([charged, -charged] if found.status == "REFUNDED" else [charged])
    ]


def _amount(written: Decimal) -> int:
    try:
        return e4_of(written)
    except Unreadable as error:
        raise unclear("amount") from error
