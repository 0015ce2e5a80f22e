"""TOP's methods on a simulated shop: what each wants, checks, does and tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, TypeAlias

from kashu.simulators import taobao_wire as wire
from kashu.simulators.shop import Item, Order, OrderState, Shop
from kashu.simulators.taobao_wire import Failure, refuse

HISTORY: Final = timedelta(days=92)  # "three months"
ROWS_MAX: Final = 100  # a page of orders or refunds
ITEMS_MAX: Final = 200  # a page of items
LISTED_MAX: Final = 20  # items of one items.seller.list.get
SKUS_MAX: Final = 20
MEMO_MAX: Final = 1000  # bytes

Parameters: TypeAlias = Mapping[str, str]
Told: TypeAlias = dict[str, Any]


@dataclass(slots=True)
class Seller:
    """A shop, and what TOP keeps of it besides."""

    shop: Shop
    voucher_tokens: dict[str, str] = field(default_factory=dict)  # by order
    sent_codes: dict[str, str] = field(default_factory=dict)  # by order
    shipped_says: str = "B27"  # what a second shipment is told; B04 and B55 were seen as well

    def ask_for_codes(self, order: Order) -> str:
        """Make the token of a notice; the same for the same order."""
        return self.voucher_tokens.setdefault(order.order_id, "notice" + order.order_id[::-1])


def _invalid(name: str) -> Failure:
    return Failure(41, "Invalid arguments", "isv.invalid-parameter", name)


def _number(parameters: Parameters, name: str, default: int, largest: int) -> int:
    written = parameters.get(name, str(default))
    if not written.isdecimal() or not 1 <= int(written) <= largest:
        raise _invalid(name)
    return int(written)


def _fields(parameters: Parameters) -> set[str]:
    return set(parameters["fields"].split(","))


def _order(seller: Seller, order_id: str) -> Order:
    if order_id not in seller.shop.orders:
        raise refuse("isv.trade-not-exist", "交易不存在")
    return seller.shop.orders[order_id]


def _windowed(seller: Seller, parameters: Parameters, rows: str, row: str) -> Told:
    """Answer a list by time of change: the latest first, a page of it."""
    begin = wire.moment_of(parameters["start_modified"], _invalid("start_modified"))
    end = wire.moment_of(parameters["end_modified"], _invalid("end_modified"))
    if not wire.day_limit(begin, end) or begin < seller.shop.now() - HISTORY:
        raise _invalid("start_modified")
    size = _number(parameters, "page_size", 40, ROWS_MAX)
    number = _number(parameters, "page_no", 1, 10**6)
    fields = _fields(parameters)
    found: list[Told] = []
    if row == "trade":
        wanted = parameters.get("status", "")
        found += [
            wire.trade(seller.shop, order, fields, detail=False)
            for order in seller.shop.changed_orders(begin, end)
            if wanted in ("", wire.status_of(order))
        ]
    else:
        found += [wire.refund(one, fields) for one in seller.shop.changed_refunds(begin, end)]
    page = wire.page(found, number, size)
    told: Told = {rows: {row: page}} if page else {}  # an empty list may be missing altogether
    if parameters.get("use_has_next") == "true":
        return told | {"has_next": number * size < len(found)}
    return told | {"total_results": len(found)}


def _orders(seller: Seller, parameters: Parameters) -> Told:
    return _windowed(seller, parameters, "trades", "trade")


def _refunds(seller: Seller, parameters: Parameters) -> Told:
    return _windowed(seller, parameters, "refunds", "refund")


def _fullinfo(seller: Seller, parameters: Parameters) -> Told:
    order = _order(seller, parameters["tid"])
    return {"trade": wire.trade(seller.shop, order, _fields(parameters), detail=True)}


def _dummy_send(seller: Seller, parameters: Parameters) -> Told:
    failed = "isv.logistics-dummy-service-error:"
    order = seller.shop.orders.get(parameters["tid"])
    if order is None:
        raise refuse(failed + "B01", "物流订单不存在")
    if order.state in (OrderState.SHIPPED, OrderState.FINISHED):
        raise refuse(failed + seller.shipped_says, "已经生成发货单的订单不能发货")
    if not seller.shop.ship(order):
        raise refuse(failed + "B04", "订单状态不对")
    return {"shipping": {"is_success": True}}


def _memo(seller: Seller, parameters: Parameters) -> Told:
    order = _order(seller, parameters["tid"])
    memo = parameters.get("memo", "")
    if len(memo.encode()) > MEMO_MAX:
        raise _invalid("memo")
    order.memo = memo
    modified = wire.written(seller.shop.now())
    return {"trade": {"tid": int(order.order_id), "modified": modified}}


def _eticket(seller: Seller, parameters: Parameters) -> Told:
    order = _order(seller, parameters["order_id"])
    if seller.voucher_tokens.get(order.order_id) != parameters["token"]:
        raise refuse("isv.eticket-token-error:invalid-token")
    if order.order_id in seller.sent_codes:
        raise refuse("isv.eticket-send-error:code-alreay-send")
    if order.state is not OrderState.PAID:
        raise refuse("isv.eticket-order-status-error:invalid-order-status")
    codes = [pair.split(":") for pair in parameters["verify_codes"].split(",")]
    if not all(len(pair) == 2 and pair[1].isdecimal() for pair in codes):  # noqa: PLR2004
        raise _invalid("verify_codes")
    seller.sent_codes[order.order_id] = parameters["verify_codes"]
    for code, _ in codes:
        seller.shop.show(order, code)
    return {"ret_code": 1}


def _by_item(seller: Seller) -> dict[str, list[Item]]:
    items: dict[str, list[Item]] = {}
    for item in seller.shop.items.values():
        items.setdefault(item.item_id, []).append(item)
    return items


def _on_sale(seller: Seller, parameters: Parameters) -> Told:
    size = _number(parameters, "page_size", 40, ITEMS_MAX)
    number = _number(parameters, "page_no", 1, 20_000 // size)
    items = [each for each in _by_item(seller).values() if each[0].on_sale]
    fields = _fields(parameters)
    page = [
        {name: value for name, value in wire.item(each).items() if name in fields}
        for each in wire.page(items, number, size)
    ]
    return {"total_results": len(items)} | ({"items": {"item": page}} if page else {})


def _listed(seller: Seller, parameters: Parameters) -> Told:
    wanted = parameters["num_iids"].split(",")
    if len(wanted) > LISTED_MAX:
        raise _invalid("num_iids")
    items, fields = _by_item(seller), _fields(parameters)
    if "sku" in fields:
        fields |= {"skus"}
    found = [wire.item(items[each]) for each in wanted if each in items]
    rows = [{name: item[name] for name in item if name in fields} for item in found]
    return {"items": {"item": rows}} if rows else {}


def _variants(seller: Seller, item_id: str) -> list[Item]:
    found = _by_item(seller).get(item_id)
    if not found:
        raise refuse("isv.item-not-exist:invalid-numIid", "商品不存在")
    return found


def _item_quantity(seller: Seller, parameters: Parameters) -> Told:
    variants = _variants(seller, parameters["num_iid"])
    wanted = [each for each in variants if each.sku_id == parameters.get("sku_id", "")]
    if not wanted or not parameters["quantity"].isdecimal():
        raise _invalid("sku_id")
    before = wanted[0].quantity if parameters.get("type") == "2" else 0
    wanted[0].quantity = before + int(parameters["quantity"])
    return {"item": wire.item(variants)}


def _sku_quantities(seller: Seller, parameters: Parameters) -> Told:
    variants = {each.sku_id: each for each in _variants(seller, parameters["num_iid"])}
    pairs = [pair.partition(":") for pair in parameters["skuid_quantities"].split(";")]
    if len(pairs) > SKUS_MAX:
        raise _invalid("skuid_quantities")
    if any(sku_id not in variants or not many.isdecimal() for sku_id, _, many in pairs):
        raise _invalid("skuid_quantities")
    for sku_id, _, many in pairs:
        before = variants[sku_id].quantity if parameters.get("type") == "2" else 0
        variants[sku_id].quantity = before + int(many)
    return {"item": wire.item(list(variants.values()))}


def _sku_price(seller: Seller, parameters: Parameters) -> Told:
    for each in _variants(seller, parameters["num_iid"]):
        if each.sku_id and wire.properties(each) == parameters["properties"]:
            if parameters.get("price"):
                each.price_fen = wire.fen_of(parameters["price"])
            modified = wire.written(seller.shop.now())
            return {"sku": {"sku_id": int(each.sku_id), "modified": modified}}
    raise _invalid("properties")


METHODS: Final[Mapping[str, tuple[tuple[str, ...], Callable[[Seller, Parameters], Told]]]] = {
    "taobao.trades.sold.increment.get": (("fields", "start_modified", "end_modified"), _orders),
    "taobao.trade.fullinfo.get": (("fields", "tid"), _fullinfo),
    "taobao.logistics.dummy.send": (("tid",), _dummy_send),
    "taobao.trade.memo.update": (("tid",), _memo),
    "taobao.vmarket.eticket.send": (("order_id", "verify_codes", "token"), _eticket),
    "taobao.refunds.receive.get": (("fields", "start_modified", "end_modified"), _refunds),
    "taobao.items.onsale.get": (("fields",), _on_sale),
    "taobao.items.seller.list.get": (("fields", "num_iids"), _listed),
    "taobao.item.quantity.update": (("num_iid", "quantity"), _item_quantity),
    "taobao.skus.quantity.update": (("num_iid", "skuid_quantities"), _sku_quantities),
    "taobao.item.sku.price.update": (("num_iid", "properties"), _sku_price),
}
