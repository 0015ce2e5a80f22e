"""How orders, their stories and their cards are drawn on a terminal."""

from collections.abc import Sequence

import msgspec
from rich.console import Group as Together
from rich.console import RenderableType

from kashu.entry.terminal import table
from kashu.orders.answers import CardAnswer, OrdersAnswer
from kashu.orders.shapes import OrderShown, Timeline


class Story(msgspec.Struct, frozen=True):
    """An order and what happened to it."""

    order: OrderShown
    timeline: Timeline


def placed(answer: OrdersAnswer) -> RenderableType:
    """Draw what came of orders, with the cards that left."""
    titles = (
        ("订单", "Order"),
        ("号", "Number"),
        ("状态", "State"),
        ("规格", "SKU"),
        ("发", "Given"),
        ("缺", "Short"),
    )
    rows = [
        (order.order_id, order.external_id, order.state, line.sku, line.delivered, line.waiting)
        for order in answer.orders
        for line in order.lines
    ]
    cards = [card for order in answer.orders for line in order.lines for card in line.cards]
    parts: list[RenderableType] = [table("", titles, rows)]
    if cards:
        parts.append(opened(cards))
    return Together(*parts)


def told(story: Story) -> RenderableType:
    """Draw an order and its story."""
    shown = story.order
    lines = [
        (
            line.number,
            line.sku,
            line.quantity,
            line.delivered,
            line.waiting,
            line.refused,
            line.refunded,
            line.price,
        )
        for line in shown.lines
    ]
    titles = (
        ("行", "Line"),
        ("规格", "SKU"),
        ("数量", "Qty"),
        ("已发", "Given"),
        ("缺货", "Short"),
        ("拒绝", "Refused"),
        ("退", "Back"),
        ("金额", "Price"),
    )
    happened: Sequence[tuple[object, ...]] = [
        (f"{event.at:%Y-%m-%d %H:%M:%S}", event.kind, event.actor)
        for event in story.timeline.events
    ]
    title = f"{shown.external_id} · {shown.state} · {shown.store or ''} · {shown.total}"
    return Together(
        table(title, titles, lines),
        table(
            ("经过", "Timeline"),
            (("时间 UTC", "At, UTC"), ("事件", "What"), ("操作者", "Who")),
            happened,
        ),
    )


def opened(cards: Sequence[CardAnswer]) -> RenderableType:
    """Draw cards in clear, for whoever may see them."""
    titles = (("卡号", "Number"), ("密码", "Password"), ("链接", "URL"))
    return table(
        ("卡密", "Cards"), titles, [(card.number, card.password, card.url) for card in cards]
    )
