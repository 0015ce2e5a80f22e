"""What each supplier's documents say, in a few lines each, read apart from the adapters.

A refusal may only be told where an answer holds one of these; likewise that an order isn't there,
that it failed, and that it succeeded.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kashu.core.http import Answer

Says: TypeAlias = Callable[[int, Any], bool]

DOUBTLESS = ("余额不足", "库存不足", "高于安全价", "价格已变动", "下架", "禁售", "商品不存在")
DOUBTLESS_LOGIN = ("签名", "密钥", "白名单", "时间戳")
NOT_THERE = ("订单不存在", "外部订单号不存在", "未找到订单", "订单未找到")
NOT_FOR_SALE = {3001, 3002, 3003, 3004, 3005, 3008}
XINGQUANYI = {
    *("余额不足", "账户余额不足", "库存不足", "商品库存不足", "商品已断货", "商品不存在"),
    *("商品已下架", "商品维护中", "商品禁售中", "商品限制采购", "商品售价高于安全进价"),
    *("账号格式错误", "充值账号格式错误", "购买数量不合法"),
}
DUJIAO = {
    *((401, each) for each in ("missing_auth_headers", "invalid_signature", "unauthorized")),
    *((401, each) for each in ("invalid_timestamp", "timestamp_expired")),
    *((403, each) for each in ("invalid_api_key", "user_disabled")),
    *((400, each) for each in ("bad_request", "invalid_callback_url")),
    *((each, "sku_unavailable") for each in (400, 404)),
    *((each, "product_unavailable") for each in (400, 404)),
    *((404, each) for each in ("product_not_found", "order_not_found")),
    *((402, "insufficient_balance"), (409, "insufficient_stock"), (409, "cancel_not_allowed")),
    *((200, each) for each in ("payment_failed", "insufficient_balance", "insufficient_stock")),
    *((200, each) for each in ("sku_unavailable", "product_unavailable")),
}
ACG = ("库存不足", "余额不足", "商品不存在", "当前商品已停售", "商户ID不存在", "密钥错误")


def number(told: Any, name: str) -> int | None:  # noqa: ANN401  (JSON)
    """A whole number, also in quotes or written with a point."""
    value = told.get(name) if isinstance(told, dict) else None
    if isinstance(value, bool):
        return None
    try:
        return int(value) if value is not None and float(value) == int(float(value)) else None
    except (TypeError, ValueError, OverflowError):
        return None


def text(told: Any, name: str) -> str:  # noqa: ANN401  (JSON)
    """A text."""
    value = told.get(name) if isinstance(told, dict) else None
    return value if isinstance(value, str) else ""


def ok(codes: Collection[int], *, name: str = "code") -> Says:
    """HTTP 200 with one of these codes."""
    return lambda status, told: status == 200 and number(told, name) in codes


@dataclass(frozen=True, slots=True)
class Documents:
    """What is documented of a protocol."""

    refuses: Says  # an order
    misses: Says  # an order that is asked for
    key: str  # under which a state stands
    failed: Collection[str]
    succeeded: Collection[str]
    refunded: Collection[str] = ()


def _kayixin(status: int, told: Any) -> bool:  # noqa: ANN401  (JSON)
    return status == 200 and number(told, "code") == 1001  # the world's option names it


def _kasushou(status: int, told: Any) -> bool:  # noqa: ANN401
    words = text(told, "msg")
    return (
        status == 200
        and number(told, "code") == 400
        and any(each in words for each in DOUBTLESS + DOUBTLESS_LOGIN)
    )


def _xingquanyi(status: int, told: Any) -> bool:  # noqa: ANN401
    code = text(told, "code")
    refused = {"invalid_parameters", "invalid_sign", "disabled_customer", "request_frequency"}
    words = text(told, "message").strip(" 。！!.，,")
    return status == 200 and (code in refused or (code == "error" and words in XINGQUANYI))


def _dujiao(status: int, told: Any) -> bool:  # noqa: ANN401
    if not isinstance(told, dict):
        return False
    if told.get("ok") is None:
        return status == 200 and told.get("status_code") == 429
    return told["ok"] is False and (status, told.get("error_code")) in DUJIAO


def _acg(status: int, told: Any) -> bool:  # noqa: ANN401
    words = text(told, "msg").strip()
    limits = words.startswith(("本商品单次最多购买", "本商品单次最少购买"))
    named = words in ACG or limits or words == "账号格式错误"
    return status == 200 and number(told, "code") == 0 and named


def _kinguin(status: int, told: Any) -> bool:  # noqa: ANN401
    kinds = {"Authorization", "ConstraintViolation", "Http", "Preorder"}
    kinds |= {"InsufficientBalance", "ProductUnavailable"}
    return 400 <= status < 500 and text(told, "kind") in kinds


def _reloadly(status: int, told: Any) -> bool:  # noqa: ANN401
    worded = isinstance(told, dict) and isinstance(told.get("message"), str)
    return status in {401, 429} or (status in {400, 402, 403, 404, 422} and worded)


def _words_miss(status: int, told: Any) -> bool:  # noqa: ANN401
    words = text(told, "msg") or text(told, "message")
    return status == 200 and words.strip(" 。！!.，,") in NOT_THERE


def _list_misses(status: int, told: Any) -> bool:  # noqa: ANN401
    return status == 200 and number(told, "code") == 200 and told.get("data") == []


SUP = {-10, -12, -13, -14, -15, -18, -21}
LANSEXIONGDI = {1000, 1001, 1002, 1003, 1004, 1006, 1007, 1008, 1009, 1010, 1011, 1099, 1101, 1102}
KAKAYUN = {-1, 401, 402, 403, 404, 1000, 1001, 1002, *range(1200, 1205), *range(1206, 1215)}
KAKAYUN |= {1400, 1401}
JULANGYUN = {1001, 1002, 1003, 1004, 1104, 1201, 1202, 1203, 1304}

DOCUMENTS: dict[str, Documents] = {
    "fulu": Documents(ok(range(1000, 1020)), ok({4011}), "order_state", {"failed"}, {"success"}),
    "kayixin": Documents(_kayixin, _words_miss, "status", {"4"}, {"3", "9"}, {"5"}),
    "kakayun": Documents(ok(KAKAYUN), ok({1301}), "status", {"2", "4"}, {"1", "5"}, {"1", "5"}),
    "kasushou": Documents(
        _kasushou,
        lambda status, told: _list_misses(status, told) or _words_miss(status, told),
        "status",
        {"4"},
        {"3"},
        {"5"},
    ),
    "xingquanyi": Documents(_xingquanyi, _words_miss, "state", {"500"}, {"200"}, {"200"}),
    "sup_v19": Documents(
        ok(SUP),
        lambda status, told: status == 200 and number(told, "orderStatus") == 4,
        "orderStatus",
        {"3"},
        {"2"},
    ),
    "lansexiongdi": Documents(ok(LANSEXIONGDI), ok({1012}), "status", {"03"}, {"01"}),
    "julangyun": Documents(ok(JULANGYUN), ok({1301}), "orderStatus", {"40", "50"}, {"30"}, {"30"}),
    "dujiao_next": Documents(
        _dujiao,
        _dujiao,
        "status",
        {"canceled"},
        {"delivered", "completed"},
        {"refunded", "partially_refunded"},
    ),
    "acg_faka": Documents(_acg, _words_miss, "", (), ()),
    "kinguin": Documents(
        _kinguin,
        lambda _, told: (
            text(told, "kind") == "OrderNotFound"
            or (
                isinstance(told, dict) and told.get("results") == [] and told.get("item_count") == 0
            )
        ),
        "status",
        {"canceled"},
        {"completed"},
        {"refunded"},
    ),
    "reloadly": Documents(
        _reloadly,
        lambda status, told: (
            status == 404
            or (
                isinstance(told, dict)
                and told.get("content") == [] == told.get("content")
                and told.get("totalElements") == 0
            )
        ),
        "status",
        {"FAILED"},
        {"SUCCESSFUL"},
        {"REFUNDED"},
    ),
}


def read(answer: Answer) -> Any:  # noqa: ANN401  (JSON)
    """An answer's JSON, as anybody reads it; None for what is none."""
    try:
        return json.loads(answer.body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def leaves(told: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401  (JSON)
    """Every value with its name, also those in JSON that stands in a text."""
    if isinstance(told, dict):
        for name, each in told.items():
            if isinstance(each, dict | list):
                yield from leaves(each)
            else:
                yield name, each
                yield from _inside(each)
    elif isinstance(told, list):
        for each in told:
            yield from leaves(each)


def _inside(told: object) -> Iterator[tuple[str, Any]]:
    if isinstance(told, str) and told[:1] in {"{", "["}:
        try:
            yield from leaves(json.loads(told))
        except (ValueError, RecursionError):
            return


def has_state(documents: Documents, heard: Sequence[Answer], states: Collection[str]) -> bool:
    """Whether one of these states stands in what was heard."""
    return any(
        name == documents.key and str(value) in states
        for answer in heard
        for name, value in leaves(read(answer))
    )
