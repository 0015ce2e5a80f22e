"""How JD's gateway writes and reads: signatures, times, amounts, errors. Apart from any adapter."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from hashlib import md5
from typing import Any, Final
from urllib.parse import parse_qsl

from kashu.simulators.shop import Order, OrderState, Refund, RefundState

CHINA: Final = timezone(timedelta(hours=8))
UNPAID: Final = "0001-01-01 00:00:00"

WORDS: Final[Mapping[str, str]] = {
    "2": "限制时间内调用失败次数",
    "4": "缺少版本参数",
    "5": "不支持的版本号",
    "7": "缺少时间戳参数",
    "8": "非法的时间戳参数",
    "11": "缺少签名参数",
    "12": "无效签名",
    "14": "缺少方法名参数",
    "15": "不存在的方法名",
    "18": "缺少access_token参数",
    "19": "无效access_token",
    "20": "缺少app_key参数",
    "21": "无效app_key",
}
STATES: Final[Mapping[OrderState, str]] = {
    OrderState.UNPAID: "NOT_PAY",
    OrderState.PAID: "WAIT_SELLER_STOCK_OUT",
    OrderState.HELD: "LOCKED",
    OrderState.SHIPPED: "WAIT_GOODS_RECEIVE_CONFIRM",
    OrderState.FINISHED: "FINISHED_L",
    OrderState.CLOSED: "TRADE_CANCELED",
}
KNOWN_STATES: Final = frozenset(
    {*STATES.values(), "WAIT_SELLER_DELIVERY", "PAUSE", "POP_ORDER_PAUSE", "WAIT_SEND_CODE"}
)
REFUND_STATES: Final[Mapping[RefundState, str]] = {
    RefundState.ASKED: "0",
    RefundState.DONE: "3",
    RefundState.REFUSED: "2",
}


class Failure(Exception):
    """The gateway refuses: `{"error_response": …}`."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class BusinessFailure(Failure):
    """The service behind it refuses: `code` and `errorMessage` at the top."""

    def __init__(self, code: str, message: str) -> None:
        self.message = message
        super().__init__(code)


def signature_of(params: Mapping[str, str], secret: str) -> str:
    """Names in the order of their bytes, each with its value, between two secrets."""
    names = sorted((name for name in params if name != "sign"), key=str.encode)
    text = secret + "".join(name + params[name] for name in names) + secret
    return md5(text.encode("utf-8"), usedforsecurity=False).hexdigest().upper()


def params_of(query: bytes, body: bytes) -> dict[str, str]:
    """What was sent, in the address or in the body: JD takes either."""
    pairs = parse_qsl(query.decode(), keep_blank_values=True)
    pairs += parse_qsl(body.decode(), keep_blank_values=True)
    return dict(pairs)


def moment_of(written: str) -> datetime:
    """Read "2026-03-08 09:30:00", or with ".000+0800" after it. Raises: ValueError."""
    told = datetime.strptime(written.removesuffix(".000+0800"), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    return told.replace(tzinfo=CHINA)


def stamp(at: datetime | None) -> str:
    """Write a time; an order that isn't paid has an impossible one."""
    return UNPAID if at is None else at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def yuan(fen: int) -> str:
    """Write an amount."""
    return f"{fen // 100}.{fen % 100:02d}"


def order_as_told(order: Order, state: str, kind: str, vender: str) -> dict[str, Any]:
    """Write an order, every number as a text."""
    listed = sum(line.item.price_fen * line.quantity for line in order.lines)
    return {
        "orderId": order.order_id,
        "venderId": vender,
        "orderType": kind,
        "orderState": state,
        "orderStateRemark": "等待出库" if state == "WAIT_SELLER_STOCK_OUT" else "",
        "orderRemark": order.note,
        "venderRemark": order.memo,
        "orderStartTime": stamp(order.created_at),
        "paymentConfirmTime": stamp(order.paid_at),
        "modified": stamp(order.changed_at),
        "orderTotalPrice": yuan(listed),
        "sellerDiscount": yuan(max(listed - order.paid_fen, 0)),
        "freightPrice": "0.00",
        "actualPay": yuan(order.paid_fen) if order.paid_at else "0.00",
        "pin": "",
        "open_id_buyer": order.buyer,
        "itemInfoList": [
            {
                "skuId": line.item.sku_id,
                "wareId": line.item.item_id,
                "outerSkuId": line.item.merchant_code,
                "skuName": f"{line.item.title} {line.item.properties}".strip(),
                "jdPrice": yuan(line.item.price_fen),
                "itemTotal": str(line.quantity),
            }
            for line in order.lines
        ],
    }


def refund_as_told(refund: Refund, status: str) -> dict[str, Any]:
    """Write a refund: its amount in fen, unlike an order's."""
    told = {
        "id": refund.refund_id,
        "orderId": refund.order.order_id,
        "status": status,
        "applyTime": stamp(refund.created_at),
        "applyRefundSum": str(refund.amount_fen),
        "buyerId": refund.order.buyer,
        "reason": refund.reason,
    }
    if status != "0":
        told["checkTime"] = stamp(refund.changed_at)
    return told


def failed(failure: Failure) -> dict[str, Any]:
    """Write a refusal."""
    if isinstance(failure, BusinessFailure):
        return {"code": failure.code, "errorMessage": failure.message, "errorSolution": ""}
    told = {"code": failure.code, "zh_desc": WORDS.get(failure.code, ""), "en_desc": ""}
    return {"error_response": told}


def business_of(params: Mapping[str, str]) -> dict[str, Any]:
    """Read the business parameters. Raises: Failure."""
    try:
        told = json.loads(params["360buy_param_json"])
    except (KeyError, ValueError) as error:
        raise BusinessFailure("10500001", "参数错误") from error
    if not isinstance(told, dict):
        raise BusinessFailure("10500001", "参数错误")
    return told


def require(asked: Mapping[str, Any], *names: str) -> None:
    """Refuse what lacks something. Raises: BusinessFailure."""
    for name in names:
        if asked.get(name) in {None, ""}:
            raise BusinessFailure("10500001", f"缺少参数 {name}")


def window_of(begin: str, end: str) -> tuple[datetime, datetime]:
    """Read a window. Raises: BusinessFailure."""
    try:
        return moment_of(begin), moment_of(end)
    except ValueError as error:
        raise BusinessFailure("10500001", "时间格式错误") from error
