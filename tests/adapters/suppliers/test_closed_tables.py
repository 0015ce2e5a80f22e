"""Only what a table lists says that nothing was created; all else may have happened."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kashu.adapters.suppliers import (
    fulu_wire,
    kakayun_wire,
    kasushou_wire,
    kayixin_wire,
    xingquanyi_wire,
)
from kashu.core.errors import OutsideError, Refused, Unavailable, Unclear
from kashu.core.secrets import Secret
from kashu.suppliers.errors import NoSuchPurchase
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Login, Order

LOGIN = Login("account", Secret("secret"), "")
KNOWN = Login("account", Secret("secret"), "", {"refusal_codes": "1001, 2002"})
AT = datetime(2026, 3, 8, tzinfo=UTC)
ORDER = Order("K2603080001", "1", Goods.CARD, 1, 100_000, 100_000, AT)
# Words that mean something in one table or another, in every mixture.
WORDS = (
    *(
        "余额",
        "库存",
        "价格",
        "安全价",
        "下架",
        "商品不存在",
        "订单不存在",
        "签名",
        "密钥",
        "时间戳",
    ),
    *("余额不足", "库存不足", "高于安全价", "价格已变动", "已扣", "锁定"),
    *("重复", "已存在", "超时", "未知", "异常", "处理中", "失败", "成功", "请稍后", " ", "，"),
)
DOUBTFUL = (
    *("超时", "未知", "异常", "处理", "稍后", "查询", "已扣", "扣款", "锁定", "等待", "成功"),
    *("提交", "受理", "上游"),
)
messages = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=6).map("".join)
codes = st.integers(-10_000, 10_000)


@settings(max_examples=300, deadline=None)
@given(codes, messages)
def test_an_order_at_fulu_is_refused_by_listed_codes_only(code: int, message: str) -> None:
    error = fulu_wire.meaning(LOGIN, code, message, ORDER, places=True)
    assert isinstance(error, Refused | Unavailable) == (1000 <= code <= 1019)
    assert isinstance(error, Refused | Unavailable | Unclear)


@settings(max_examples=300, deadline=None)
@given(codes, messages)
def test_an_order_at_fulu_is_not_found_by_one_code_only(code: int, message: str) -> None:
    error = fulu_wire.meaning(LOGIN, code, message, ORDER, places=False)
    assert isinstance(error, NoSuchPurchase) == (code == 4011)


@settings(max_examples=300, deadline=None)
@given(messages)
def test_an_order_at_kasushou_is_refused_by_listed_words_only(message: str) -> None:
    failed = kasushou_wire.Failed(message, "400")
    error = kasushou_wire.refusal_of_order(failed, ORDER)
    refusing = (
        *("余额不足", "库存不足", "高于安全价", "价格已变动", "下架", "禁售", "商品不存在"),
        *("签名", "密钥", "白名单", "时间戳"),
    )
    doubtful = (*DOUBTFUL, "重复", "已存在")
    refuses = any(word in message for word in refusing)
    doubts = any(word in message for word in doubtful)
    assert isinstance(error, Refused | Unavailable) == (refuses and not doubts)


@pytest.mark.parametrize(
    "message", ["余额已扣除，下单失败", "库存已锁定", "价格变动，请稍后查询", "余额", "库存"]
)
def test_a_noun_alone_refuses_nothing_at_kasushou(message: str) -> None:
    failed = kasushou_wire.Failed(message, "400")
    assert isinstance(kasushou_wire.refusal_of_order(failed, ORDER), Unclear)


@settings(max_examples=300, deadline=None)
@given(codes, messages)
def test_an_order_at_kayixin_is_refused_by_stated_codes_only(code: int, message: str) -> None:
    failed = kayixin_wire.Failed(code, message, str(code))
    assert isinstance(kayixin_wire.refusal_of_order(failed, LOGIN, ORDER), Unclear)
    error = kayixin_wire.refusal_of_order(failed, KNOWN, ORDER)
    doubtful = (*DOUBTFUL, "重复", "已存在")
    doubts = any(word in message for word in doubtful)
    assert isinstance(error, Refused | Unavailable) == (code in {1001, 2002} and not doubts)


@settings(max_examples=300, deadline=None)
@given(codes, messages)
def test_no_order_is_missing_unless_an_order_is_what_does_not_exist(
    code: int, message: str
) -> None:
    at_kasushou = kasushou_wire.Failed(message, str(code))
    at_kayixin = kayixin_wire.Failed(code, message, str(code))
    for error in (
        kasushou_wire.refusal_of_asking(at_kasushou, ORDER),
        kayixin_wire.refusal_of_asking(at_kayixin, ORDER),
    ):
        if isinstance(error, NoSuchPurchase):
            assert "订单" in message
            assert "不存在" in message or "未找到" in message
            assert len(message) < 14  # nothing else is said


@pytest.mark.parametrize(
    "message",
    [
        "订单中的商品不存在",
        "订单所属用户不存在",
        "订单已受理，下游不存在",
        "订单不存在或正在处理",
        "该订单的卡密未找到，请联系客服",
        "不存在异常订单",
        "订单",
        "",
    ],
)
def test_words_around_a_missing_order_prove_nothing(message: str) -> None:
    told: tuple[OutsideError, ...] = (
        kasushou_wire.refusal_of_asking(kasushou_wire.Failed(message, "400"), ORDER),
        kayixin_wire.refusal_of_asking(kayixin_wire.Failed(1001, message, "1001"), ORDER),
        xingquanyi_wire.refusal_of_asking(xingquanyi_wire.Failed("error", message, "error"), ORDER),
    )
    assert not any(isinstance(error, NoSuchPurchase) for error in told)


@pytest.mark.parametrize(
    "message", ["扣款成功，上游下单失败", "已提交上游，库存不足", "余额已扣，请稍后", "等待上游"]
)
def test_a_doubt_of_kakayuns_other_error_is_one(message: str) -> None:
    failed = kakayun_wire.Failed(-1, message, "-1")
    assert isinstance(kakayun_wire.refusal_of_order(failed, ORDER), Unclear)
