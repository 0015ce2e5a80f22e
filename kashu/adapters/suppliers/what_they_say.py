"""What suppliers say in words, where they have no codes: what makes a doubt, what is no order."""

from typing import Final

# With one of these beside it no word refuses an order: some of it may have been done.
DOUBT: Final = (
    *("超时", "未知", "异常", "处理", "稍后", "查询", "已扣", "扣款", "锁定", "等待", "成功"),
    *("提交", "受理", "上游"),
)

# Whole texts, never a part of one: "订单中的商品不存在" is of an order that is there.
_NO_ORDER: Final = frozenset(
    thing + words
    for thing in ("订单", "该订单", "此订单", "订单号", "订单信息", "外部订单号", "采购单号")
    for words in ("不存在", "未找到", "没有找到")
) | frozenset({"未找到订单", "未找到该订单", "没有找到订单", "没有该订单", "查无此订单"})
_ENDS: Final = " 。！!.，,"


def says_no_order(message: str) -> bool:
    """Whether a text says that there is no such order, and nothing else."""
    return message.strip(_ENDS) in _NO_ORDER
