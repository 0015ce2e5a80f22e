"""An order as it is written on the wire, and every reason why one can't be taken."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from kashu.catalog.bundles import Goods
from kashu.catalog.kinds import IN_STOCK, Fulfilment, ShortagePolicy, SkuState
from kashu.catalog.reads import Sku
from kashu.core.errors import KashuError, Problem
from kashu.core.ids import new_ids
from kashu.core.money import parse_price
from kashu.core.secrets import Secret
from kashu.customers.prices import PriceList
from kashu.orders.account_rule import ACCOUNT_MAX
from kashu.orders.agents import price_problems
from kashu.orders.bundles import Mapped
from kashu.orders.buyer import BUYER_MAX, mask_buyer
from kashu.orders.buying import checked_account
from kashu.orders.errors import OrderWrong
from kashu.orders.order import NewLine, NewOrder, bought_for
from kashu.stock.kinds import BULK_MAX

ORDERS_MAX: Final = 500  # in one request
LINES_MAX: Final = 50  # in one order
UNITS_MAX: Final = BULK_MAX  # in one request

PAID_AFTER: Final = datetime(2000, 1, 1, tzinfo=UTC)
PAID_AHEAD: Final = timedelta(days=1)  # their clock may be wrong, and we sell nonetheless

_NUMBER: Final = re.compile(r"[\x21-\x7e]{1,64}", re.ASCII)

COUNTER: Final = "direct"  # the store every merchant has: our own counter

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class LineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many of a SKU. `price` is what the buyer paid for the whole line, such as "19.80".

    An agent's key pays what its price list says: it may leave the price out, and is refused where
    it says another one.
    A line of a bundle becomes a line for each of its parts, each with its share of the price.
    A line of a top-up (直充) names the `account`; what is topped up can't be taken back.
    """

    sku: Code
    quantity: Annotated[int, msgspec.Meta(ge=1, le=BULK_MAX)]
    price: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    reservation_id: UUID | None = None
    account: Annotated[str, msgspec.Meta(max_length=ACCOUNT_MAX)] | None = None


class OrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A paid order. (store, external_id) names it: the same name again is the same order.

    By a key that is bound to a customer, (customer, external_id) does. `buyer`: whoever bought it,
    such as a name and a phone: it is found by that. Phones and e-mail addresses are kept masked.
    """

    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    lines: Annotated[tuple[LineBody, ...], msgspec.Meta(min_length=1, max_length=LINES_MAX)]
    store: Code | None = None
    customer: Code | None = None
    paid_at: datetime | None = None
    buyer: Annotated[str, msgspec.Meta(max_length=BUYER_MAX)] | None = None


class OrdersBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One to 500 orders. `deliver`: cards in the answer, or kept until somebody asks for them.

    Of a person quantities and prices far from a SKU's last 30 days are questioned, unless `sure`.
    """

    orders: Annotated[tuple[OrderBody, ...], msgspec.Meta(min_length=1, max_length=ORDERS_MAX)]
    deliver: Literal["answer", "later"] = "answer"
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A store or a customer as an order needs it: its id, and whether partial delivery is fine."""

    id: UUID
    open: bool
    partial_allowed: bool | None


@dataclass(frozen=True, slots=True)
class Known:
    """What the codes in orders stand for; a code that isn't here doesn't exist."""

    skus: Mapping[str, Sku]
    stores: Mapping[str, Named]
    customers: Mapping[str, Named]
    bundles: Mapping[UUID, Goods] = field(default_factory=dict)  # those of the SKUs that are
    prices: Mapping[str, PriceList] = field(default_factory=dict)  # those of agents, by their code

    @property
    def every_sku(self) -> tuple[Sku, ...]:
        """The SKUs that lines are of: parts of bundles, too."""
        parts = (part.sku for each in self.bundles.values() for part in each.parts)
        return (*self.skus.values(), *parts)

    @property
    def codes(self) -> dict[UUID, str]:
        """Their codes, by id."""
        return {sku.id: sku.code for sku in self.every_sku}


@dataclass(frozen=True, slots=True)
class Own:
    """Whose orders a caller brings in, for those that don't say.

    `bound`: the caller may bring in no others: an API key of one store or one customer.
    `whole`: an order that stock can't fill at once is refused, and nothing of it is given.
    """

    store: str = COUNTER
    customer: str | None = None
    bound_store: bool = False
    bound_customer: bool = False
    whole: bool = False

    def prices(self, known: Known) -> PriceList | None:
        """The price list of an agent that brings in its own orders; None: prices are told."""
        return known.prices.get(self.customer or "") if self.bound_customer else None


OWN: Final = Own()


def read_orders(
    bodies: Sequence[OrderBody],
    known: Known,
    *,
    actor: str,
    at: datetime,
    own: Own,
    reader: str | None = None,
) -> list[NewOrder]:
    """Turn bodies into orders, or say everything that is wrong with them at once.

    Raises: OrderWrong; then nothing of the request is taken.
    """
    problems: list[Problem] = []
    orders = []
    for n, body in enumerate(bodies):
        found = list(_problems(body, f"/orders/{n}", known, own, at))
        problems += found
        if not found:
            orders.append(_order(body, known, actor, at, own, reader=reader))
    problems += too_many_units(bodies) or _too_many(
        sum(line.quantity for order in orders for line in order.lines)
    )
    if problems:
        raise OrderWrong(problems=problems, count=len(problems))
    return orders


def too_many_units(bodies: Sequence[OrderBody]) -> list[Problem]:
    """Say that a request asks for more than one may, where it does: before it waits its turn."""
    return _too_many(sum(line.quantity for body in bodies for line in body.lines))


def _too_many(units: int) -> list[Problem]:
    if units <= UNITS_MAX:
        return []
    return [
        Problem(
            "/orders",
            "too_many_units",
            f"一次请求最多 {UNITS_MAX} 张，这次有 {units} 张，请分几次提交。",
            f"At most {UNITS_MAX} units in one request, these are {units}: send several.",
        )
    ]


def _order(
    body: OrderBody, known: Known, actor: str, at: datetime, own: Own, *, reader: str | None
) -> NewOrder:
    shop = known.stores[body.store or own.store]
    buyer = known.customers.get(body.customer or own.customer or "")
    partial = shop.partial_allowed
    if buyer is not None and buyer.partial_allowed is not None:
        partial = buyer.partial_allowed
    wanted = [
        (line, known.skus[line.sku], share)
        for line in body.lines
        for share in _shares(line, known, own)
    ]
    ids = new_ids(len(wanted) + 1)
    lines = [
        NewLine(
            line_id,
            sku_id,
            units,
            price_e4,
            partial_allowed=(sku.partial_allowed if partial is None else partial) and not own.whole,
            shortage_policy=ShortagePolicy.REFUSE if own.whole else sku.shortage_policy,
            reservation_id=line.reservation_id,
            buys=None if own.whole else bought_for(sku),
            account=_account(line, sku),
        )
        for line_id, (line, sku, (sku_id, units, price_e4)) in zip(ids[1:], wanted, strict=True)
    ]
    return NewOrder(
        ids[0],
        # A customer with a key of its own numbers its orders itself; others do so at the store.
        f"customer:{buyer.id}" if buyer and own.bound_customer else f"store:{shop.id}",
        body.external_id,
        shop.id,
        buyer.id if buyer else None,
        body.paid_at or at,
        tuple(lines),
        actor,
        reader=reader,
        buyer=mask_buyer(body.buyer or ""),
    )


def _account(line: LineBody, sku: Sku) -> Secret | None:
    account = None if line.account is None else checked_account(sku.account_type, line.account)
    return None if account is None else Secret(account)


def _shares(line: LineBody, known: Known, own: Own) -> list[tuple[UUID, int, int]]:
    """Say what leaves stock for a line: of which SKU, how many, for how much."""
    sku = known.skus[line.sku]
    prices = own.prices(known)
    unit_e4 = None if prices is None else prices.unit_price_e4(sku.id, line.quantity)
    price_e4 = parse_price(line.price or "") if unit_e4 is None else unit_e4 * line.quantity
    bundle = known.bundles.get(sku.id)
    if bundle is None:
        return [(sku.id, line.quantity, price_e4)]
    shares = Mapped(bundle, line.quantity, price_e4).shares()
    return [(share.sku.id, share.units, share.price_e4) for share in shares]


def _problems(body: OrderBody, at: str, known: Known, own: Own, now: datetime) -> Iterator[Problem]:
    if not _NUMBER.fullmatch(body.external_id):
        yield Problem(
            f"{at}/external_id",
            "external_id_unreadable",
            "订单号请用 1–64 个可见 ASCII 字符，不含空格。",
            "Write an order number of 1–64 visible ASCII characters, without spaces.",
        )
    if body.paid_at is not None:
        yield from _time_problems(body.paid_at, f"{at}/paid_at", now)
    store = body.store or own.store
    shop = known.stores.get(store)
    is_bound = own.bound_store or own.bound_customer
    if shop is None or not shop.open or (is_bound and store != own.store):
        yield Problem(
            f"{at}/store",
            "unknown_store",
            f"没有您可以下单的营业店铺「{store}」。请先在店铺页添加，或改正代码。",
            f"No open store “{store}” of yours. Add it first, or correct the code.",
        )
    buyer = body.customer or own.customer
    if buyer is not None and (buyer not in known.customers or (is_bound and buyer != own.customer)):
        yield Problem(
            f"{at}/customer",
            "unknown_customer",
            f"没有客户「{buyer}」。请先添加客户，或改正代码。",
            f"No customer “{buyer}”. Add them first, or correct the code.",
        )
    for n, line in enumerate(body.lines):
        yield from _line_problems(line, f"{at}/lines/{n}", known, own)
        if is_bound and line.reservation_id is not None:  # it may be somebody else's promise
            yield Problem(
                f"{at}/lines/{n}/reservation_id",
                "unknown_reservation",
                "这个密钥不能使用预占。请去掉预占编号，从库存发货。",
                "This key can't use reservations. Leave it out; stock will do.",
            )


def _time_problems(paid_at: datetime, at: str, now: datetime) -> Iterator[Problem]:
    if paid_at.tzinfo is None:
        yield Problem(
            at,
            "time_without_zone",
            "时间要带时区，例如 2026-11-22T20:00:00+08:00。",
            "A time needs its zone, such as 2026-11-22T20:00:00+08:00.",
        )
    elif not PAID_AFTER <= paid_at <= now + PAID_AHEAD:
        yield Problem(
            at,
            "time_out_of_range",
            "付款时间须在 2000 年之后，且不晚于现在。请核对时钟与时区，或留空。",
            "An order is paid after the year 2000 and not later than now. Check clock and zone.",
        )


def _line_problems(line: LineBody, at: str, known: Known, own: Own) -> Iterator[Problem]:
    sku, prices = known.skus.get(line.sku), own.prices(known)
    if sku is None or sku.state != SkuState.ACTIVE:
        yield Problem(
            f"{at}/sku",
            "unknown_sku",
            f"没有在售的规格「{line.sku}」。请在商品页核对规格编码。",
            f"No SKU “{line.sku}” on sale. Check its code in the catalogue.",
        )
    elif sku.fulfilment is Fulfilment.BUNDLE:
        yield from _bundle_problems(line, at, known.bundles.get(sku.id))
    elif sku.fulfilment is Fulfilment.TOPUP:
        yield from _topup_problems(line, at, sku)
    elif Fulfilment(sku.fulfilment) not in IN_STOCK:
        yield Problem(
            f"{at}/sku",
            "not_from_stock",
            f"规格「{line.sku}」不是库存卡密（{sku.fulfilment}），暂时不能从库存发货。",
            f"SKU “{line.sku}” is {sku.fulfilment}, which isn't delivered from stock.",
        )
    if line.account is not None and (sku is None or sku.fulfilment is not Fulfilment.TOPUP):
        yield Problem(
            f"{at}/account",
            "account_not_wanted",
            f"规格「{line.sku}」不是直充，不需要充值账号。请去掉账号后再提交。",
            f"SKU “{line.sku}” is no top-up and takes no account. Leave it out.",
        )
    if prices is not None and sku is not None and sku.state == SkuState.ACTIVE:
        yield from price_problems(prices, sku.id, line.sku, line.quantity, told=line.price, at=at)
    if line.price is None:
        if prices is None:
            yield Problem(
                f"{at}/price",
                "price_missing",
                "请填写这一行买家付了多少钱（price），例如 19.80。",
                "Say what the buyer paid for the line (price), such as 19.80.",
            )
        return
    try:
        parse_price(line.price)
    except KashuError as wrong:
        yield Problem(f"{at}/price", wrong.code, wrong.text("zh"), wrong.text("en"))


def _topup_problems(line: LineBody, at: str, sku: Sku) -> Iterator[Problem]:
    if line.account is None:
        yield Problem(
            f"{at}/account",
            "account_missing",
            f"规格「{line.sku}」是直充，请填写要充值的账号（account）。",
            f"SKU “{line.sku}” is a top-up: name the account to be topped up.",
        )
    elif checked_account(sku.account_type, line.account) is None:
        yield Problem(
            f"{at}/account",
            "account_wrong",
            f"充值账号的格式不对（应为 {sku.account_type}）。直充不可撤回，请核对后再提交。",
            f"The account isn't one of the kind {sku.account_type}. A top-up can't be taken back: "
            "check it, then submit again.",
        )


def _bundle_problems(line: LineBody, at: str, bundle: Goods | None) -> Iterator[Problem]:
    if bundle is not None and bundle.is_sold and bundle.topups:
        yield Problem(
            f"{at}/sku",
            "bundle_with_topup",
            f"组合「{line.sku}」含直充，只能由店铺的商品售出。请把各部分分行下单，直充行填写账号。",
            f"The bundle “{line.sku}” has a top-up: only stores' listings sell it. Order its parts "
            "line by line, and name the account.",
        )
    elif bundle is None or not bundle.is_sold_from_stock:
        yield Problem(
            f"{at}/sku",
            "bundle_not_sold",
            f"组合「{line.sku}」还没有组成，或其中有停售的规格。请先在商品页设置组成。",
            f"The bundle “{line.sku}” has no parts, or one isn't on sale. Set its parts first.",
        )
