"""Columns of suppliers' statements: found by their names, in Chinese or English."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from kashu.purchases.errors_statements import StatementColumnsUnknown


class Part(StrEnum):
    """What a column tells."""

    NUMBER = "number"  # ours
    THEIR_NUMBER = "their_number"
    AMOUNT = "amount"
    REFUND = "refund"
    QUANTITY = "quantity"
    ORDERED_AT = "ordered_at"
    COMPLETED_AT = "completed_at"
    SAID = "said"
    KIND = "kind"  # a charge, or a refund
    TITLE = "title"


# Source: the columns of the bills and order lists of the systems in docs/reference/suppliers/, and
# plain words for them. Compared without case, blanks, signs and units.
_NAMES: Final[Mapping[Part, str]] = {
    Part.NUMBER: (
        "商户订单号 商户单号 商家订单号 商家单号 我方订单号 我方单号 外部订单号 外部单号"
        " 客户订单号 下游订单号 代理订单号 代理商订单号 合作商订单号 采购单号 渠道订单号"
        " 第三方订单号 用户订单号 ournumber customerorderno customerordernumber"
        " merchantorderno merchantorderid outtradeno outorderno outorderid"
        " externalorderid externalorderno usorderno clientorderid customidentifier"
        " orderexternalid userorderid merchantordernumber yourordernumber"
    ),
    Part.THEIR_NUMBER: (
        "订单号 订单编号 平台订单号 平台单号 系统订单号 系统单号 供应商订单号"
        " 供货商订单号 上游订单号 贵方订单号 流水号 交易单号 交易号 单号 theirnumber"
        " orderno orderid ordernumber orderserial supplierorderno supplierorderid"
        " transactionid tradeno id"
    ),
    Part.AMOUNT: (
        "金额 订单金额 扣款金额 扣费金额 扣款 总价 总金额 应付金额 实付金额 实付 结算金额"
        " 交易金额 消费金额 采购金额 成交金额 合计金额 amount total totalprice"
        " totalamount orderamount ordermoney paid paidamount cost charge charged"
    ),
    Part.REFUND: (
        "退款金额 已退金额 退款 退回金额 refund refunded refundamount refundedamount retmoney"
    ),
    Part.QUANTITY: ("数量 购买数量 订单数量 采购数量 件数 张数 quantity qty count buynum ordernum"),
    Part.ORDERED_AT: (
        "下单时间 订单时间 创建时间 提交时间 购买时间 订购时间 交易时间 时间 orderedat"
        " ordertime createdat createtime created date time datetime orderdate"
    ),
    Part.COMPLETED_AT: (
        "完成时间 到账时间 成功时间 充值时间 结束时间 完结时间 结算时间 发货时间"
        " completedat completetime finishtime finishedat endtime successtime settledat"
        " closedat"
    ),
    Part.SAID: ("状态 订单状态 充值状态 交易状态 处理结果 结果 status state orderstatus result"),
    Part.KIND: ("类型 交易类型 业务类型 收支类型 账务类型 type kind transactiontype"),
    Part.TITLE: (
        "商品 商品名称 产品名称 产品 货品名称 标题 product productname title goodsname name"
    ),
}
_PARTS: Final = {name: part for part, names in _NAMES.items() for name in names.split()}
NAME_CHARS: Final = 64  # no name of a column is longer
_UNITS: Final = re.compile(r"[（(\[【].*?[)）\]】]")
_SIGNS: Final = re.compile(r"[\W_]+")


def part_of(name: str) -> Part | None:
    """Say what a column of that name tells; None: nothing we look for."""
    if len(name) > NAME_CHARS:
        return None
    plain = _UNITS.sub("", unicodedata.normalize("NFKC", name)).casefold()
    return _PARTS.get(_SIGNS.sub("", plain))


def columns_of(cells: Sequence[str]) -> dict[Part, int]:
    """Find the columns in a row of names; of two with one meaning the first is taken."""
    found: dict[Part, int] = {}
    for column, name in enumerate(cells):
        part = part_of(name)
        if part is not None:
            found.setdefault(part, column)
    return found


def lacking(found: Mapping[Part, int]) -> list[tuple[str, str]]:
    """Say what a statement can't be without, in Chinese and in English; empty: nothing."""
    missing = []
    if Part.AMOUNT not in found:
        missing.append(("金额", "an amount"))
    if not found.keys() & {Part.NUMBER, Part.THEIR_NUMBER, Part.ORDERED_AT, Part.COMPLETED_AT}:
        missing.append(("订单号或时间", "an order number or a time"))
    return missing


def check_columns(found: Mapping[Part, int]) -> None:
    """Refuse a statement that says too little. Raises: StatementColumnsUnknown."""
    if missing := lacking(found):
        zh, en = zip(*missing, strict=True)
        raise StatementColumnsUnknown(missing_zh="、".join(zh), missing_en=", ".join(en))
