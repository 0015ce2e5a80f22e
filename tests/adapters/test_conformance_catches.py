"""The conformance checks catch adapters that break a promise: each of these breaks one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from kashu.adapters.channels.youzan import YouzanChannel
from kashu.adapters.channels.youzan_answers import Api, done
from kashu.channels.channel import (
    App,
    Can,
    Channel,
    Grant,
    Link,
    Page,
    Parcel,
    Push,
    PushRequest,
    ShopOrder,
    ShopRefund,
    ShopState,
    Signal,
    StockLevel,
    Window,
)
from kashu.channels.conformance import CHECKS, NotConforming, checks_for
from kashu.channels.errors import AlreadyShipped, ChannelUnclear
from kashu.core.errors import OutsideError
from tests.adapters.worlds import PROVED, Proved, world_of

ON_YOUZAN = next(proved for proved in PROVED if proved.channel.name == "youzan")


class ReadsOnePage(YouzanChannel):
    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        return replace(await super().orders(link, window, page), next=None)


class ReadsForwards(YouzanChannel):
    """Page after page from the first: what moves up is passed over."""

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        forwards = [await super().orders(link, window)]
        while (more := forwards[-1].next) is not None:
            forwards.append(await super().orders(link, window, more))
        if len(forwards) > 1:  # the first look is told again in its turn
            del forwards[0]
        members = [order for told in reversed(forwards) for order in told.members]
        begin = int(page or 0)
        following = str(begin + 50) if begin + 50 < len(members) else None
        return Page(members[begin : begin + 50], following)


class MistakesTheTime(YouzanChannel):
    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        eight = timedelta(hours=8)
        moved = Window(window.begin + eight, window.end + eight)
        return await super().orders(link, moved, page)


class RoundsToYuan(YouzanChannel):
    async def order(self, link: Link, order_id: str) -> ShopOrder:
        told = await super().order(link, order_id)
        return replace(told, paid_e4=told.paid_e4 // 10_000 * 10_000)


class DeliversWhatIsHeld(YouzanChannel):
    async def order(self, link: Link, order_id: str) -> ShopOrder:
        return replace(await super().order(link, order_id), state=ShopState.PAID)


class LosesTheNote(YouzanChannel):
    async def order(self, link: Link, order_id: str) -> ShopOrder:
        return replace(await super().order(link, order_id), note="")


class GuessesThatItWorked(YouzanChannel):
    async def confirm(self, link: Link, order_id: str, line_ids: Sequence[str]) -> None:
        try:
            await super().confirm(link, order_id, line_ids)
        except (OutsideError, AlreadyShipped):
            return


class TellsTheCard(YouzanChannel):
    async def send(self, link: Link, parcel: Parcel) -> None:
        try:
            await super().send(link, parcel)
        except OutsideError as error:
            raise ChannelUnclear(channel=self.name, said=parcel.cards[0].password) from error


class WritesOverTheNote(YouzanChannel):
    async def send(self, link: Link, parcel: Parcel) -> None:
        memo = " ".join(card.password for card in parcel.cards)
        api = Api("youzan.trade.memo.update", "3.0.0")
        await done(link, api, {"tid": parcel.order_id, "memo": memo})


class TellsTheToken(YouzanChannel):
    async def order(self, link: Link, order_id: str) -> ShopOrder:
        try:
            return await super().order(link, order_id)
        except OutsideError as error:
            assert link.grant is not None
            raise ChannelUnclear(
                channel=self.name, said=f"?access_token={link.grant.access_token.clear}"
            ) from error


class RemembersTheFirstLink(YouzanChannel):
    def __init__(self) -> None:
        self.link: Link | None = None

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        self.link = self.link or link
        return await super().order(self.link, order_id)


class AddsStock(YouzanChannel):
    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        await super().publish_stock(
            link, [replace(level, quantity=level.quantity + 1) for level in levels]
        )


class BelievesEveryPush(YouzanChannel):
    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        del app, request
        return (Push(Signal.ORDER, "20260308", "1", "1"),)


class AnswersUnread(YouzanChannel):
    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        del link, refund, agree, reason


class RefreshesNothing(YouzanChannel):
    async def refresh(self, link: Link) -> Grant:
        assert link.grant is not None
        return replace(link.grant, expires_at=link.now() - timedelta(seconds=1))


class CanMoreThanItHas(YouzanChannel):
    can = YouzanChannel.can - {Can.READ_ORDER}


class AnswersWhatItLacks(YouzanChannel):
    can = YouzanChannel.can - {Can.PUBLISH_STOCK}

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        del link, levels


BROKEN = [
    (ReadsOnePage, "whoever_reads_all_pages_misses_no_order"),
    (ReadsForwards, "orders_that_change_during_the_scan_are_not_missed"),
    (MistakesTheTime, "a_paid_order_is_collected_exactly"),
    (RoundsToYuan, "an_order_read_alone_is_complete"),
    (DeliversWhatIsHeld, "only_a_paid_order_is_to_be_delivered"),
    (DeliversWhatIsHeld, "a_finished_order_is_not_to_be_delivered_again"),
    (LosesTheNote, "what_the_buyer_typed_is_not_printed"),
    (GuessesThatItWorked, "an_order_is_shipped_once_however_often_it_is_confirmed"),
    (GuessesThatItWorked, "a_confirmation_that_met_trouble_is_repeated_safely"),
    (TellsTheCard, "a_card_that_was_not_noted_is_told_by_no_error"),
    (WritesOverTheNote, "a_note_keeps_what_it_says_and_says_nothing_twice"),
    (TellsTheToken, "no_error_tells_a_secret"),
    (RemembersTheFirstLink, "calls_at_once_do_not_mix"),
    (AddsStock, "stock_is_set_not_added"),
    (BelievesEveryPush, "a_push_of_somebody_else_is_refused"),
    (BelievesEveryPush, "what_is_no_push_is_refused"),
    (AnswersUnread, "a_refund_that_we_agree_to_is_agreed_to_once"),
    (RefreshesNothing, "a_refreshed_grant_works_and_is_of_the_same_shop"),
    (CanMoreThanItHas, "it_is_a_channel_and_says_what_it_can"),
    (AnswersWhatItLacks, "what_it_lacks_is_a_mistake_to_call"),
]


@pytest.mark.parametrize(
    ("broken", "name"), BROKEN, ids=[f"{broken.__name__}-{name}" for broken, name in BROKEN]
)
async def test_a_broken_adapter_is_caught(broken: type[YouzanChannel], name: str) -> None:
    (check,) = [check for check in CHECKS if check.name == name]
    channel: Channel = broken()
    async with world_of(Proved(channel, ON_YOUZAN.on)) as world:
        with pytest.raises(NotConforming):
            await check.run(channel, world)


def test_there_is_a_check_for_all_that_a_channel_can() -> None:
    checked = {can for check in CHECKS for can in check.needs}
    said = {Can.SEND_CONFIRMS, Can.SEND_MAY_CONFIRM, Can.ASKED}  # of others, and no call
    assert set(Can) - checked == said
    assert len({check.name for check in CHECKS}) == len(CHECKS) >= 20


def test_only_what_a_channel_can_is_asked_of_it() -> None:
    for proved in PROVED:
        names = {check.name for check in checks_for(proved.channel)}
        assert ("stock_is_set_not_added" in names) == (Can.PUBLISH_STOCK in proved.channel.can)
        assert len(names) >= 20
