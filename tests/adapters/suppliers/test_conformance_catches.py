"""The conformance checks catch adapters that break a promise: each of these breaks one."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from kashu.adapters.suppliers.dujiao_next import DujiaoNextUpstream
from kashu.core.errors import Unclear
from kashu.core.http import Answer, NotReached
from kashu.suppliers.conformance import CHECKS, NotConforming
from kashu.suppliers.conformance.line import Line, heard_as
from kashu.suppliers.errors import (
    NoSuchPurchase,
    OrderRefused,
    ProductGone,
    SoldOut,
    SupplierBusy,
    SupplierDown,
    SupplierUnclear,
)
from kashu.suppliers.upstream import (
    Balance,
    BoughtCard,
    Can,
    Link,
    Login,
    Notice,
    NoticeReply,
    NoticeRequest,
    Order,
    OrderState,
    Page,
    Product,
    Signal,
    Standing,
)
from tests.adapters.suppliers.world_dujiao_next import on_site
from tests.adapters.suppliers.worlds import Proved, world_of


class ReadsOnePage(DujiaoNextUpstream):
    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        return replace(await super().products(link, page), next=None)


class RoundsToYuan(DujiaoNextUpstream):
    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        told = await super().products(link, page)
        members = [
            replace(each, unit_cost_e4=(each.unit_cost_e4 or 0) // 10_000 * 10_000)
            for each in told.members
        ]
        return replace(told, members=members)

    async def balance(self, link: Link) -> Balance:
        told = await super().balance(link)
        return replace(told, amount_e4=told.amount_e4 // 10_000 * 10_000)


class SellsWhatIsOut(DujiaoNextUpstream):
    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        told = await super().products(link, page)
        return replace(told, members=[replace(each, in_stock=True) for each in told.members])


class SendsTwice(DujiaoNextUpstream):
    """Tries again by itself, with a number of its own."""

    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except Unclear:
            return await super().place(link, replace(order, number=order.number[:-1] + "2"))


class CutsOurNumber(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        return await super().place(link, replace(order, number=order.number[:16]))


class OrdersOneTooMany(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        return await super().place(link, replace(order, quantity=order.quantity + 1))


class CallsSilenceRefused(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except Unclear as error:
            raise OrderRefused(supplier=self.name, said="failed") from error


class GuessesThatItWorked(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except Unclear:
            return Standing(OrderState.SUCCEEDED, order.number, "", "guessed", cards=())


class RefusesWhatItDoesNotKnow(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except SupplierUnclear as error:
            raise SoldOut(supplier=self.name, said="?") from error


class MistakesOneRefusal(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except ProductGone as error:
            raise SoldOut(supplier=self.name, said="?") from error


class NeverFinds(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        if not their_number:
            raise NoSuchPurchase(supplier=self.name, number=order.number)
        return await super().ask(link, order, their_number)


class FailsWhatItDoesNotKnow(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        told = await super().ask(link, order, their_number)
        return told if told.known else replace(told, state=OrderState.FAILED)


class KnowsEveryWord(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        return replace(await super().ask(link, order, their_number), known=True)


class SpoilsCards(DujiaoNextUpstream):
    """As whoever reads them as numbers does."""

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        told = await super().ask(link, order, their_number)
        cards = [replace(card, number=card.number.lstrip("0")) for card in told.cards or ()]
        return replace(told, cards=tuple(cards) if told.cards is not None else None)


class TurnsCardsAround(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        told = await super().ask(link, order, their_number)
        return replace(told, cards=told.cards and told.cards[::-1])


class DropsWhatStandsTwice(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        told = await super().ask(link, order, their_number)
        return replace(told, cards=told.cards and tuple(dict.fromkeys(told.cards)))


class FillsUpWithBlanks(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        told = await super().ask(link, order, their_number)
        if told.cards is None:
            return told
        missing = order.quantity - len(told.cards)
        return replace(told, cards=told.cards + (BoughtCard(password="?"),) * missing)


class BelievesRefundsFailed(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        told = await super().ask(link, order, their_number)
        refunded = told.state is OrderState.REFUNDED
        return replace(told, state=OrderState.SUCCEEDED) if refunded else told


class TellsTheSecret(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except SupplierUnclear as error:
            said = f"sk={link.login.secret.clear}"
            raise SupplierUnclear(supplier=self.name, said=said) from error


class TellsOurAddress(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except SupplierUnclear as error:
            raise SupplierUnclear(supplier=self.name, said=order.notice_url) from error


class RemembersTheFirstLink(DujiaoNextUpstream):
    def __init__(self) -> None:
        self.link: Link | None = None

    async def place(self, link: Link, order: Order) -> Standing:
        self.link = self.link or link
        return await super().place(self.link, order)


class WaitsNoTime(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except SupplierBusy as error:
            raise SupplierBusy(supplier=self.name, said="429", wait_s=0) from error


class BelievesEveryNotice(DujiaoNextUpstream):
    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        del login, request, at
        return Notice(Signal.ORDER, "K1")


class ForgetsTheTime(DujiaoNextUpstream):
    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        stamp = request.headers.get("dujiao-next-timestamp", "")
        then = datetime.fromtimestamp(int(stamp), at.tzinfo) if stamp.isdigit() else at
        return super().read_notice(login, request, then)


class AnswersAllAlike(DujiaoNextUpstream):
    def reply(self, notice: Notice | None) -> NoticeReply:
        del notice
        return NoticeReply(b'{"ok":true}', "application/json")


class CanMoreThanItHas(DujiaoNextUpstream):
    can = DujiaoNextUpstream.can - {Can.ASK}


class AnswersWhatItLacks(DujiaoNextUpstream):
    can = DujiaoNextUpstream.can - {Can.BALANCE}


class TakesAnythingForDone(DujiaoNextUpstream):
    """Any answer with status 200 was a success."""

    async def place(self, link: Link, order: Order) -> Standing:
        try:
            return await super().place(link, order)
        except SupplierUnclear:
            return Standing(OrderState.PROCESSING, "", "", "200")


class FetchesCardsAtOnce(DujiaoNextUpstream):
    """What fails after ordering is told as though the order had failed."""

    async def place(self, link: Link, order: Order) -> Standing:
        standing = await super().place(link, order)
        try:
            return await self.ask(link, order, standing.their_number)
        except (NotReached, SupplierUnclear) as error:
            raise SupplierDown(supplier=self.name, said="cards") from error


class TakesAnybodysOrder(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        try:
            return await super().ask(link, order, their_number)
        except SupplierUnclear:
            line = Line(link.http)
            await line.call("GET", link.login.base_url)
            told = json.loads(line.told[-1].body)
            return Standing(OrderState.SUCCEEDED, "", their_number, told["status"])


class TakesAnybodysProduct(DujiaoNextUpstream):
    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        del quantity
        [member] = [each for each in (await self.products(link)).members if each.ref != ref]
        return replace(member, ref=ref)


class LooksAtNoStatus(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        well = heard_as(link, lambda answer: replace(answer, status=200))
        return await super().place(well, order)


class BreaksOnWhatIsDeep(DujiaoNextUpstream):
    async def place(self, link: Link, order: Order) -> Standing:
        line = Line(link.http)
        try:
            return await super().place(replace(link, http=line), order)
        except SupplierUnclear:
            json.loads(line.told[-1].body + b"[" * 200_000)
            raise


class KeepsWhatItCouldNotRead(DujiaoNextUpstream):
    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        async def hear(answer: Answer) -> Answer:
            body = answer.body
            try:
                body.decode()
            except UnicodeDecodeError as error:
                raise SupplierUnclear(supplier=self.name, said="shape") from error
            return answer

        line = Line(link.http, hear=hear)
        return await super().ask(replace(link, http=line), order, their_number)


BROKEN = [
    (FetchesCardsAtOnce, "what_fails_after_an_order_was_made_refuses_nothing"),
    (TakesAnybodysOrder, "an_answer_of_another_order_is_not_taken"),
    (TakesAnybodysProduct, "an_answer_of_another_product_is_not_taken"),
    (LooksAtNoStatus, "a_status_that_is_no_success_is_none"),
    (BreaksOnWhatIsDeep, "an_answer_too_deep_is_unclear"),
    (KeepsWhatItCouldNotRead, "what_cannot_be_read_is_not_kept"),
    (ReadsOnePage, "all_that_is_sold_is_listed_once"),
    (RoundsToYuan, "listed_prices_are_exact"),
    (RoundsToYuan, "our_balance_is_told_exactly"),
    (SellsWhatIsOut, "what_is_sold_out_is_not_told_as_in_stock"),
    (SendsTwice, "an_order_without_an_answer_is_unclear"),
    (SendsTwice, "an_order_that_never_arrived_is_not_found"),
    (CutsOurNumber, "our_number_reaches_them_unchanged"),
    (OrdersOneTooMany, "an_order_is_made_and_charged_once"),
    (CallsSilenceRefused, "an_order_without_an_answer_is_unclear"),
    (CallsSilenceRefused, "an_order_that_never_arrived_is_not_found"),
    (GuessesThatItWorked, "an_order_without_an_answer_is_found_by_asking"),
    (RefusesWhatItDoesNotKnow, "a_refusal_that_nobody_documented_is_unclear"),
    (RefusesWhatItDoesNotKnow, "a_page_in_place_of_an_answer_is_unclear"),
    (MistakesOneRefusal, "a_documented_refusal_is_what_it_means_and_buys_nothing"),
    (NeverFinds, "an_order_without_an_answer_is_found_by_asking"),
    (FailsWhatItDoesNotKnow, "a_state_that_nobody_documented_is_under_way"),
    (KnowsEveryWord, "a_state_that_nobody_documented_is_under_way"),
    (SpoilsCards, "cards_arrive_whole_and_in_order"),
    (TurnsCardsAround, "cards_arrive_whole_and_in_order"),
    (DropsWhatStandsTwice, "a_card_that_is_given_twice_is_told_twice"),
    (FillsUpWithBlanks, "fewer_cards_than_ordered_are_told_as_they_are"),
    (BelievesRefundsFailed, "an_order_that_was_paid_back_is_told_so"),
    (TellsTheSecret, "no_error_tells_a_secret"),
    (TellsOurAddress, "no_error_tells_a_secret"),
    (RemembersTheFirstLink, "calls_at_once_do_not_mix"),
    (WaitsNoTime, "a_limit_of_calls_says_how_long_to_wait"),
    (BelievesEveryNotice, "a_notice_that_is_not_the_suppliers_is_refused"),
    (BelievesEveryNotice, "what_is_no_notice_is_refused"),
    (ForgetsTheTime, "a_notice_that_is_not_the_suppliers_is_refused"),
    (AnswersAllAlike, "a_notice_that_was_taken_is_answered"),
    (CanMoreThanItHas, "it_is_an_upstream_and_says_what_it_can"),
    (AnswersWhatItLacks, "what_it_lacks_is_a_mistake_to_call"),
    (TakesAnythingForDone, "an_empty_answer_is_unclear"),
    (TakesAnythingForDone, "half_an_answer_is_unclear"),
    (TakesAnythingForDone, "an_answer_of_nulls_is_unclear"),
    (TakesAnythingForDone, "an_answer_of_wrong_types_is_unclear"),
    (TakesAnythingForDone, "an_error_of_the_suppliers_is_unclear"),
    (TakesAnythingForDone, "a_redirect_is_not_followed"),
]


@pytest.mark.parametrize(
    ("broken", "name"), BROKEN, ids=[f"{broken.__name__}-{name}" for broken, name in BROKEN]
)
async def test_a_broken_adapter_is_caught(broken: type[DujiaoNextUpstream], name: str) -> None:
    (check,) = [check for check in CHECKS if check.name == name]
    async with world_of(Proved(broken(), on_site)) as world:
        with pytest.raises(NotConforming):
            await check.run(broken(), world)
