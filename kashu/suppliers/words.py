"""What codes about offers mean to people, and what to do about them: Chinese first."""

from collections.abc import Mapping
from typing import Final

from kashu.suppliers.compare import Reason, Why, WhyNot
from kashu.suppliers.map_offers import MapOutcome
from kashu.suppliers.offer_file import RowOutcome
from kashu.suppliers.offer_rows import RowWrong
from kashu.suppliers.offers import HeldBecause

WHY_NOT: Final[Mapping[WhyNot, tuple[str, str]]] = {
    WhyNot.HELD: ("价格异常，已扣住，等人核对", "Its price is held: look at it, then decide"),
    WhyNot.GONE: ("供应商已下架", "The supplier doesn't list it any more"),
    WhyNot.OFF_SALE: ("供应商暂停销售", "The supplier doesn't sell it now"),
    WhyNot.SOLD_OUT: ("缺货", "Sold out"),
    WhyNot.NO_PRICE: ("没有报价", "No price was told"),
    WhyNot.NO_RATE: ("没有该币种的汇率，请先填写", "Its currency has no rate: enter one"),
    WhyNot.STALE: ("报价已过期，等待更新", "Its price is too old: it must be read again"),
    WhyNot.TOO_FEW: ("库存不够这次的数量", "Too few in stock for what is wanted"),
    WhyNot.BELOW_LEAST: ("低于起购数量", "It sells no fewer than its least quantity"),
    WhyNot.FROZEN: ("供应商已冻结", "The supplier is frozen"),
    WhyNot.NOT_CONNECTED: ("供应商没有接入", "The supplier isn't connected"),
    WhyNot.STOPPED: ("供应商的接入已停用", "The supplier's connection is stopped"),
    WhyNot.LOCKED_OUT: (
        "供应商不接受我们的账号，请改好后启用",
        "Our login is refused there: put it right",
    ),
    WhyNot.BROKEN: ("供应商近期故障，暂停采购", "It failed too often of late: it rests"),
}

WHY: Final[Mapping[Why, tuple[str, str]]] = {
    Why.CHEAPEST: ("到手成本最低：{total}", "The lowest landed cost: {total}"),
    Why.LEVEL: (
        "与 {name} 到手成本相同，按成功率和更新时间排序",
        "Costs the same as {name}; success and freshness decide",
    ),
    Why.DEARER: (
        "比 {name} 贵 {more}，主要是{part}差 {by}",
        "{more} dearer than {name}, mostly its {part}: {by}",
    ),
    Why.CHEAPER: (
        "比 {name} 便宜 {less}，但现在不能采购",
        "{less} cheaper than {name}, but can't be bought now",
    ),
    Why.UNTRIED: (
        "近 30 天只采购过 {attempts} 次，失败率按通常水平估算",
        "Only {attempts} orders in 30 days: failures are reckoned as usual ones",
    ),
    Why.MORE_THAN_WANTED: (
        "一次要买 {units} 个，多于所需",
        "It takes {units} units at once, more than wanted",
    ),
}

PARTS_ZH: Final[Mapping[str, str]] = {
    "price": "价格",
    "fee": "手续费",
    "rebate": "返利",
    "risk": "失败风险",
    "capital": "资金成本",
}

HELD: Final[Mapping[HeldBecause, tuple[str, str]]] = {
    HeldBecause.ZERO: ("价格为 0", "The price is 0"),
    HeldBecause.NEGATIVE: ("价格为负数", "The price is below 0"),
    HeldBecause.OFF_SCALE: (
        "价格相差百倍，可能写错了单位",
        "A hundred times as much or as little: perhaps the wrong unit",
    ),
    HeldBecause.RISE: ("涨幅超过上限", "It rose by more than the limit"),
    HeldBecause.DROP: ("跌幅超过上限", "It fell by more than the limit"),
    HeldBecause.CURRENCY: ("币种变了", "Its currency is another one than before"),
    HeldBecause.FACE_VALUE: ("面值与规格不符", "Its face value isn't the SKU's"),
    HeldBecause.BRAND: ("标题写的是别的品牌", "Its title names another brand"),
    HeldBecause.PERIOD: ("标题写的是别的期限", "Its title names another period"),
    HeldBecause.HAND: ("人工扣住", "Held by hand"),
    HeldBecause.REFUSED: (
        "人工判定不可信，等待新报价",
        "A person didn't believe it; another is awaited",
    ),
}

MAPPED: Final[Mapping[MapOutcome, tuple[str, str]]] = {
    MapOutcome.MAPPED: ("已关联", "Mapped"),
    MapOutcome.UNMAPPED: ("已取消关联", "Mapped no more"),
    MapOutcome.SAME: ("原来就是这样", "It stood for that already"),
    MapOutcome.UNKNOWN: ("没有这个报价，请刷新", "No such offer: read the list again"),
    MapOutcome.SKU_UNKNOWN: ("没有这个规格，请核对", "No such SKU: check its code"),
    MapOutcome.SKU_RETIRED: ("规格已停售", "The SKU isn't sold any more"),
    MapOutcome.GOODS_DIFFER: (
        "交付方式不同（卡密、直充、链接）",
        "Cards, top-ups and links differ",
    ),
    MapOutcome.UNITS_WRONG: ("数量不对：1 到 100000", "Wrong units: 1 to 100000"),
    MapOutcome.BRAND: (
        "标题写的是别的品牌：核对无误再带 despite 提交",
        "Its title names another brand: if it is right, send it with `despite`",
    ),
    MapOutcome.PERIOD: (
        "标题写的是别的期限：核对无误再带 despite 提交",
        "Its title names another period: if it is right, send it with `despite`",
    ),
    MapOutcome.PRICE: (
        "价格与面值相差百倍：核对数量，无误再带 despite 提交",
        "Its price is far from the face value: check the units, then send it with `despite`",
    ),
}


ROWS: Final[Mapping[str, tuple[str, str]]] = {
    RowOutcome.ADDED: ("新增报价", "A new offer"),
    RowOutcome.CHANGED: ("更新报价", "Its price changes"),
    RowOutcome.SAME: ("价格不变，更新时间", "The same price, told again"),
    RowOutcome.HELD: ("价格异常，先扣住，等人核对", "Its price is held: look at it, then decide"),
    RowWrong.UNREADABLE: (
        "有公式、错误值、日期，或过长、丢位的内容：请把整列设为文本后重新填写",
        "A formula, an error, a date, or digits that were lost: make the column text",
    ),
    RowWrong.NAMELESS: ("没有商品名称或编号：请补上", "It names no product: give a title or ref"),
    RowWrong.BAD_PRICE: (
        "价格不对：大于 0，最多四位小数",
        "The price is wrong: above 0, at most four decimals",
    ),
    RowWrong.BAD_STOCK: ("库存或起购数量不对：请写整数", "Stock or least is wrong: whole numbers"),
    RowWrong.BAD_GOODS: ("类型不对：卡密、直充或链接", "The kind is wrong: card, topup or link"),
    RowWrong.BAD_FACE: (
        "面值不对：请写金额，或留空",
        "The face value is wrong: an amount, or nothing",
    ),
    RowWrong.BAD_UNITS: ("数量不对：请写 1 到 100000", "Units are wrong: 1 to 100000"),
    RowWrong.TWICE: ("同一商品出现多次：请只留一行", "The product is there twice: keep one row"),
    RowWrong.UNKNOWN_SKU: ("没有这个规格编码：请核对", "There is no such SKU: check its code"),
}


def told_reason(reason: Reason) -> tuple[str, str]:
    """Say a reason in Chinese and in English."""
    zh, en = WHY[reason.why]
    part = reason.facts.get("part", "")
    return (
        zh.format_map({**reason.facts, "part": PARTS_ZH.get(part, part)}),
        en.format_map(reason.facts),
    )
