"""Why orders: what the codes that are said of an order at a supplier mean. Chinese first."""

from collections.abc import Mapping
from typing import Final

SAID_OF_ORDERS: Final[Mapping[str, tuple[str, str]]] = {
    # Nobody knows what became of it.
    "no_answer": ("等待答复时我们的进程中断了", "Our process ended while it waited"),
    "no_clear_answer": ("对方的答复看不出结果", "Their answer doesn't tell the outcome"),
    "supplier_unclear": ("超时，或看不懂的答复", "A time-out, or an answer nobody knows"),
    "supplier_number_taken": (
        "对方已有这个单号：一般就是我们这一单",
        "They have an order with this number: ours, as a rule",
    ),
    "no_such_purchase": (
        "对方暂时查不到，过了时限再次查不到才算数",
        "They know none so far; believed the second time, after their window",
    ),
    "not_askable": (
        "对方系统不能按我们的单号查询：请问对方的人",
        "Their system tells nothing by our number: ask its people",
    ),
    "deadline": ("查了三天仍不清楚", "Three days of asking didn't clear it up"),
    "incident": ("程序出错，结果不明", "A bug of ours: the outcome isn't known"),
    "refunded_in_part": (
        "退了一部分钱，没说是哪部分",
        "Part of the money came back, and nobody said for what",
    ),
    "account_differs": (
        "对方说充到了另一个账号",
        "They say that they topped up another account",
    ),
    "supplier_answer_lost": (
        "已买到但取不回卡密：向对方索取",
        "It was bought, and its cards can't be fetched: ask for them",
    ),
    # Nothing was bought.
    "said_by_people": ("人工判定没有买到", "People said that it wasn't bought"),
    "price_rose": ("下单前涨价，没有下单", "Its price rose right before: nothing was ordered"),
    "price_not_read": ("读不到现价，没有下单", "Its price couldn't be read: nothing was ordered"),
    "not_reached": ("没有连上对方", "They weren't reached"),  # ordering or asking: the state tells
    "login_refused": ("对方不接受我们的账号", "They don't accept our login"),
    "supplier_clock_refused": ("对方认为时间不对", "They say that our clock is wrong"),
    "supplier_busy": ("对方限流，稍后再试", "They limit calls: it is tried again"),
    "supplier_down": ("对方暂时不可用", "They are out of order"),
    "supplier_balance_short": ("在对方的余额不足", "Our money there doesn't suffice"),
    "supplier_sold_out": ("对方缺货", "They are sold out"),
    "supplier_product_gone": ("对方下架了这个商品", "They don't sell it any more"),
    "supplier_price_above": ("对方现价超过上限", "Their price is above the limit now"),
    "supplier_order_refused": ("对方拒绝下单", "They refused the order"),
    "supplier_not_connected": ("供应商没有接入", "The supplier isn't connected"),
    # It went on.
    "rest_wanted": ("还差一些，继续采购", "Some are missing still: they are ordered next"),
    "not_wanted_any_more": ("已不再需要", "Nobody wants it any more"),
    "not_as_ordered": (
        "三次到货都不合格，等人决定",
        "Three deliveries weren't as ordered: a person decides",
    ),
    "by_hand": ("人工补录", "Handed in by people"),
    "received_by_file": ("按文件收货", "Received by file"),
}
