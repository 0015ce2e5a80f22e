"""How orders, their stories and their cards are drawn on a terminal."""

from collections.abc import Sequence

import msgspec
from rich.console import RenderableType

from kashu.entry.terminal import on_the_clock, stacked, table, whose, word
from kashu.entry.words import ORDER_EVENTS, ORDER_STATES
from kashu.orders.answers import CardAnswer, OrdersAnswer
from kashu.orders.shapes import OrderShown, Timeline


class Story(msgspec.Struct, frozen=True):
    """An order and what happened to it."""

    order: OrderShown
    timeline: Timeline


def placed(answer: OrdersAnswer) -> RenderableType:
    """Draw what came of orders, with the cards that left. Their ids are in the JSON."""
    titles = (
        ("订单号", "Number"),
        ("状态", "State"),
        ("规格", "SKU"),
        ("数量", "Qty"),
        ("已发", "Given"),
        ("缺货", "Short"),
    )
    rows = [
        (
            order.external_id,
            word(ORDER_STATES, order.state),
            line.sku,
            line.quantity,
            line.delivered,
            line.waiting,
        )
        for order in answer.orders
        for line in order.lines
    ]
    cards = [card for order in answer.orders for line in order.lines for card in line.cards]
    parts: list[RenderableType] = [table("", titles, rows)]
    if cards:
        parts.append(opened(cards))
    return stacked(parts)


def told(story: Story, timezone: str) -> RenderableType:
    """Draw an order and its story, by the merchant's clock."""
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
        (
            on_the_clock(event.at, timezone, whole=True),
            word(ORDER_EVENTS, event.kind),
            whose(event.actor),
        )
        for event in story.timeline.events
    ]
    about = (
        shown.external_id,
        word(ORDER_STATES, shown.state),
        shown.store or "",
        shown.customer or "",
        shown.total,
    )
    return stacked(
        [
            table(" · ".join(part for part in about if part), titles, lines),
            table(
                ("经过", "Timeline"),
                (("时间", "At"), ("事件", "What"), ("操作者", "Who")),
                happened,
            ),
        ]
    )


def opened(cards: Sequence[CardAnswer]) -> RenderableType:
    """Draw cards in clear, for whoever may see them."""
    titles = (("卡号", "Number"), ("密码", "Password"), ("链接", "URL"))
    return table(
        ("卡密", "Cards"), titles, [(card.number, card.password, card.url) for card in cards]
    )
