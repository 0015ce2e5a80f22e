"""Agiso's adapter against its simulator: cards to the buyer, shipping, faults on the way."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from kashu.adapters.channels.agiso_calls import NotBridged
from kashu.channels.channel import CardText, Link, Parcel
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    CalledTooOften,
    GrantLost,
    NotShippable,
)
from kashu.core.errors import Unclear
from kashu.simulators.agiso import APP_SECRET, AgisoSimulator
from kashu.simulators.faults import Fault
from kashu.simulators.shop import OrderState, Shop
from tests.adapters.agiso_world import (
    CARD,
    CHANNEL,
    linked,
    new_bridge,
    new_shop,
    parcel,
    sold,
    with_options,
)


@pytest.fixture
def shop() -> Shop:
    return new_shop()


@pytest.fixture
def bridge(shop: Shop) -> AgisoSimulator:
    return new_bridge(shop)


@pytest.fixture
async def link(bridge: AgisoSimulator) -> AsyncIterator[Link]:
    async with linked(bridge, "pinduoduo") as link:
        yield link


async def test_a_card_with_a_password_is_sent_and_ships_the_order(link: Link, shop: Shop) -> None:
    order = sold(shop)
    await CHANNEL.send(link, parcel(order))
    assert order.shown == [f"{CARD.number} {CARD.password}"]
    assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)


@pytest.mark.parametrize("card", [CardText(number="CODE-1"), CardText(password="CODE-1")])
async def test_a_lone_code_is_sent_as_an_activation_code(
    link: Link, shop: Shop, bridge: AgisoSimulator, card: CardText
) -> None:
    order = sold(shop)
    await CHANNEL.send(link, parcel(order, card))
    assert (order.shown, order.shipments) == (["CODE-1"], 1)
    assert bridge.calls[-1][0] == "aldsPdd/DummySend/ActivationCodeSend"


@pytest.mark.parametrize("cards", [(CARD, CARD), (CardText(url="https://card.example/x"),)])
async def test_several_cards_or_a_link_need_a_person(
    link: Link, shop: Shop, bridge: AgisoSimulator, cards: tuple[CardText, ...]
) -> None:
    order = sold(shop, 2)
    with pytest.raises(NotShippable) as refused:
        await CHANNEL.send(link, parcel(order, *cards))
    assert (order.shown, order.shipments, bridge.calls) == ([], 0, [])
    assert "card.example" not in str(refused.value)


async def test_several_cards_leave_as_a_chat_message_where_the_shop_wants_it(
    link: Link, shop: Shop
) -> None:
    order = sold(shop, 2)
    cards = (CARD, CardText(url="https://card.example/x"))
    await CHANNEL.send(with_options(link, many_cards="chat"), parcel(order, *cards))
    (message,) = order.shown
    assert message == f"卡号：{CARD.number} 密码：{CARD.password}\n链接：https://card.example/x"
    assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)


async def test_a_card_is_not_sent_twice(link: Link, shop: Shop) -> None:
    order = sold(shop)
    await CHANNEL.send(link, parcel(order))
    with pytest.raises(AlreadyShipped):
        await CHANNEL.send(link, parcel(order))
    assert (len(order.shown), order.shipments) == (1, 1)


async def test_nothing_is_sent_over_a_refund(link: Link, shop: Shop) -> None:
    order = sold(shop)
    shop.ask_refund(order)
    with pytest.raises(NotShippable):
        await CHANNEL.send(link, parcel(order))
    with pytest.raises(NotShippable):
        await CHANNEL.confirm(link, order.order_id, [])
    assert (order.shown, order.shipments) == ([], 0)


async def test_an_order_is_marked_as_shipped_once(link: Link, shop: Shop) -> None:
    order = sold(shop)
    await CHANNEL.confirm(link, order.order_id, [order.order_id])
    assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)
    with pytest.raises(AlreadyShipped):
        await CHANNEL.confirm(link, order.order_id, [order.order_id])
    assert order.shipments == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.SILENT_BEFORE, Unclear),
        (Fault.SILENT_AFTER, Unclear),
        (Fault.ERROR_BEFORE, Unclear),
        (Fault.ERROR_AFTER, Unclear),
        (Fault.HTML, Unclear),
        (Fault.REDIRECT, Unclear),
        (Fault.HUGE, Unclear),
        (Fault.THROTTLED, CalledTooOften),
        (Fault.TOKEN_EXPIRED, GrantLost),
    ],
)
async def test_every_fault_has_its_meaning_and_tells_no_secret(
    link: Link, shop: Shop, bridge: AgisoSimulator, fault: Fault, error: type[Exception]
) -> None:
    order = sold(shop)
    bridge.faults.order(fault)
    with pytest.raises(error) as met:
        await CHANNEL.send(link, parcel(order))
    acted = fault in {Fault.SILENT_AFTER, Fault.ERROR_AFTER}
    assert order.shipments == (1 if acted else 0)
    assert link.grant is not None
    for secret in (APP_SECRET, link.grant.access_token.clear, CARD.number, CARD.password):
        assert secret not in repr(met.value) + str(met.value)


async def test_taobaos_cards_are_shown_and_the_order_shipped(shop: Shop) -> None:
    bridge = AgisoSimulator(shop, service="alds")
    order = sold(shop, 2)
    async with linked(bridge, "taobao") as link:
        await CHANNEL.send(link, parcel(order, CARD, CardText(number="CODE-2")))
        assert order.shown == [f"{CARD.number} {CARD.password}\nCODE-2"]
        assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)
        with pytest.raises(AlreadyShipped):
            await CHANNEL.confirm(link, order.order_id, [])
        two = replace(parcel(order), line_id="7")
        with pytest.raises(NotShippable):
            await CHANNEL.send(link, two)
        for asked in (CHANNEL.order(link, order.order_id), CHANNEL.listings(link)):
            with pytest.raises(NotBridged):
                await asked


@pytest.mark.parametrize("kind", ["pop", "game", "general"])
async def test_jds_orders_are_shipped_by_the_call_of_their_kind(shop: Shop, kind: str) -> None:
    bridge = AgisoSimulator(shop, service="aldsJd")
    order = sold(shop)
    async with linked(bridge, "jd", jd_orders=kind) as link:
        await CHANNEL.confirm(link, order.order_id, [])
        assert (order.state, order.shipments) == (OrderState.SHIPPED, 1)
        with pytest.raises(AlreadyShipped):
            await CHANNEL.confirm(link, order.order_id, [])
        with pytest.raises(AppRefused):
            await CHANNEL.confirm(with_options(link, jd_orders="other"), order.order_id, [])
        assert order.shipments == 1


async def test_jds_game_cards_are_sent_all_at_once(shop: Shop) -> None:
    bridge = AgisoSimulator(shop, service="aldsJd")
    order = sold(shop, 2)
    async with linked(bridge, "jd", jd_orders="game") as link:
        with pytest.raises(NotShippable):
            await CHANNEL.send(link, parcel(order, CardText(url="https://card.example/x")))
        await CHANNEL.send(link, parcel(order, CARD, CARD))
        assert order.shown == ["\n".join([f"{CARD.number} {CARD.password}"] * 2)]
        assert order.shipments == 1
        with pytest.raises(NotBridged):
            await CHANNEL.send(with_options(link, jd_orders="pop"), parcel(order))


async def test_what_is_not_bridged_says_what_to_do_instead(link: Link) -> None:
    for platform in ("youzan", "weidian"):
        other = with_options(link, platform=platform)
        for asked in (
            CHANNEL.order(other, "1"),
            CHANNEL.listings(other),
            CHANNEL.confirm(other, "1", []),
            CHANNEL.send(other, Parcel("1", "1", (CARD,))),
        ):
            with pytest.raises(NotBridged) as refused:
                await asked
            assert platform in refused.value.text("zh")
