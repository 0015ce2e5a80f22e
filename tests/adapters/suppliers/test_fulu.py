"""Fulu's adapter against its simulator, and against answers that no honest gateway gives."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from kashu.adapters.suppliers.fulu import FuluUpstream
from kashu.adapters.suppliers.fulu_products import Template, read_inputs
from kashu.core.errors import Unclear
from kashu.core.http import Answer, Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.faults import Fault
from kashu.simulators.suppliers.fulu import APP_KEY, APP_SECRET, FuluSimulator
from kashu.simulators.suppliers.fulu_wire import compact, notice_sent, signed, yuan
from kashu.suppliers.conformance import Trouble
from kashu.suppliers.conformance.line import Line
from kashu.suppliers.conformance.world import ended, order_of
from kashu.suppliers.errors import (
    BalanceShort,
    InputRefused,
    NoticeNotAuthentic,
    ProductGone,
    SoldOut,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import InputKind, Link, Login, OrderState, Signal
from tests.adapters.answering import Answering
from tests.adapters.suppliers.world_fulu import PROVED, posted
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

FULU = FuluUpstream()


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as world:
        yield world


def gateway_of(world: SimulatedWorld) -> FuluSimulator:
    assert isinstance(world.side.app, FuluSimulator)
    return world.side.app


def with_options(link: Link, **options: str) -> Link:
    return replace(link, login=replace(link.login, options=options))


@asynccontextmanager
async def told(body: dict[str, Any], now: datetime) -> AsyncIterator[tuple[Link, Answering]]:
    """Reach a server that gives one answer to everything."""
    app = Answering()
    app.body = json.dumps(body, ensure_ascii=False).encode()
    http = Http(private_allowed=True)
    async with serving(app) as url:
        yield Link(Login(APP_KEY, Secret(APP_SECRET), url), http, lambda: now), app
    await http.close()


NOT_FOR_SALE = ["3001", "3002", "3003", "3004", "3005", "3008"]


@pytest.mark.parametrize("code", NOT_FOR_SALE)
async def test_what_cannot_be_bought_now_is_refused_once_asking_finds_nothing(
    world: SimulatedWorld, code: str
) -> None:
    order = order_of(world, await world.offer("会员", 100_000))
    await world.refuse(code)
    with pytest.raises(ProductGone):
        await FULU.place(world.link, order)
    assert not world.house.orders


@pytest.mark.parametrize("code", NOT_FOR_SALE)
async def test_what_cannot_be_bought_and_is_there_is_told(world: SimulatedWorld, code: str) -> None:
    order = order_of(world, await world.offer("会员", 100_000))
    await FULU.place(world.link, order)

    line = Refusing(world.link.http, reach=lambda: told_once(line, code))
    standing = await FULU.place(replace(world.link, http=line), order)
    assert standing.number == order.number
    assert len(world.house.orders) == 1


@pytest.mark.parametrize("code", NOT_FOR_SALE)
@pytest.mark.parametrize("trouble", [Trouble.SILENT_BEFORE, Trouble.ERROR_BEFORE, Trouble.HTML])
async def test_what_cannot_be_bought_is_in_doubt_while_asking_fails(
    world: SimulatedWorld, code: str, trouble: Trouble
) -> None:
    order = order_of(world, await world.offer("会员", 100_000))
    await world.refuse(code)
    world.side.app.faults.ordered.append(Fault(trouble.value))
    line = Refusing(world.link.http, reach=lambda: told_once(line, code))
    with pytest.raises(Unclear) as error:
        await FULU.place(replace(world.link, http=line), order)
    assert str(error.value.facts["said"]).startswith(code)


class Refusing(Line):
    """Answers the first call itself."""

    met = 0


async def told_once(line: Refusing, code: str) -> Answer | None:
    line.met += 1
    return refusal(code) if line.met == 1 else None


def refusal(code: str) -> Answer:
    body = {"code": int(code), "message": "商品不可购买", "result": "", "sign": ""}
    return Answer(200, {}, json.dumps(body).encode())


async def test_codes_that_a_connection_states_are_refusals(world: SimulatedWorld) -> None:
    link = with_options(world.link, refusals="3010=balance, 3011=stock,3012=gone")
    offered = await world.offer("会员", 100_000)
    for code, error in {"3010": BalanceShort, "3011": SoldOut, "3012": ProductGone}.items():
        await world.refuse(code)
        with pytest.raises(error):
            await FULU.place(link, order_of(world, offered))
    assert not world.house.orders


@pytest.mark.parametrize("code", ["3000", "3006", "3007", "4011", "4012", "5000"])
async def test_no_option_makes_a_doubtful_code_a_refusal(world: SimulatedWorld, code: str) -> None:
    link = with_options(world.link, refusals=f"{code}=balance")
    order = order_of(world, await world.offer("会员", 100_000))
    await world.refuse(code)
    with pytest.raises(Unclear):
        await FULU.place(link, order)


async def test_words_of_a_message_never_make_a_refusal(world: SimulatedWorld) -> None:
    refused = {"code": 3009, "message": "余额不足，库存不足", "result": "", "sign": ""}
    order = order_of(world, await world.offer("会员", 100_000))
    async with told(refused, world.link.now()) as (link, app):
        with pytest.raises(Unclear) as error:
            await FULU.place(link, order)
    assert error.value.facts["said"] == "3009 余额不足,库存不足"
    assert len(app.asked) == 1


async def test_what_is_said_never_repeats_an_account_or_a_key(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
    account = order.inputs["charge_account"]
    message = f"账号{account}（{APP_SECRET}，三国群英传）有误 0800-1234 ABCD"
    refused = {"code": 1018, "message": message + "误" * 500, "result": None, "sign": None}
    async with told(refused, world.link.now()) as (link, _):
        with pytest.raises(InputRefused) as error:
            await FULU.place(link, order)
    said = str(error.value.facts["said"])
    assert said.startswith("1018 账号…(…,…)有误")
    assert len(said) <= 70
    for hidden in (account, APP_SECRET, "三国群英传", "0800", "ABCD"):
        assert hidden not in said


async def test_an_answer_that_somebody_else_signed_is_unclear(world: SimulatedWorld) -> None:
    result = compact({"name": "我们", "balance": 12.5, "is_open": 1})
    good = {"code": 0, "message": "", "result": result, "sign": signed(APP_SECRET, result)}
    async with told(good, world.link.now()) as (link, _):
        assert (await FULU.balance(link)).amount_e4 == 125_000
    for spoilt in (
        {**good, "sign": signed("another" * 5, result)},
        {**good, "sign": ""},
        {**good, "sign": None},
        {**good, "result": result.replace("12.5", "12.50")},
    ):
        async with told(spoilt, world.link.now()) as (link, _):
            with pytest.raises(Unclear):
                await FULU.balance(link)


async def test_an_amount_that_ten_thousandths_cannot_hold_is_unclear(
    world: SimulatedWorld,
) -> None:
    for balance in ("0.00001", "1e400", "123456789012345678901234567890", '"NaN"'):
        result = f'{{"balance":{balance}}}'
        good = {"code": 0, "result": result, "sign": signed(APP_SECRET, result)}
        async with told(good, world.link.now()) as (link, _):
            with pytest.raises(Unclear):
                await FULU.balance(link)


async def test_an_answer_about_another_order_is_unclear(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 100_000))
    gateway_of(world).told = {"customer_order_no": "SOMEBODYELSES000001"}
    with pytest.raises(Unclear):
        await FULU.place(world.link, order)
    with pytest.raises(Unclear):
        await FULU.ask(world.link, order)


async def test_a_card_without_a_number_has_only_its_password(world: SimulatedWorld) -> None:
    offered = await world.offer("会员", 100_000, cards=[("", "PW-0001-AAAA")])
    standing = await ended(FULU, world, order_of(world, offered))
    assert standing.cards is not None
    assert [(card.number, card.password) for card in standing.cards] == [("", "PW-0001-AAAA")]


async def test_cards_that_do_not_open_are_unclear_and_not_told(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 100_000))
    await FULU.place(world.link, order)
    await world.settle()
    for number in ("not base64", "AAAA", "Gu8k2+8wDXH3zpNv5MIFjZDTK0m1kvm99iBAKIWwQTo="):
        gateway_of(world).told = {"cards": [{"card_number": number, "card_pwd": None}]}
        with pytest.raises(Unclear) as error:
            await FULU.ask(world.link, order)
        assert number not in f"{error.value!r} {error.value.__cause__!r}"


async def test_a_success_whose_cards_are_not_there_yet_is_asked_again(
    world: SimulatedWorld,
) -> None:
    order = order_of(world, await world.offer("会员", 100_000))
    await FULU.place(world.link, order)
    await world.settle()
    gateway_of(world).told = {"cards": None}
    standing = await FULU.ask(world.link, order)
    assert (standing.state, standing.cards) == (OrderState.SUCCEEDED, None)
    gateway_of(world).told = {}
    assert (await FULU.ask(world.link, order)).cards


@pytest.mark.parametrize(
    ("account", "state"), [("888888", OrderState.SUCCEEDED), ("999999", OrderState.FAILED)]
)
async def test_accounts_of_the_sandbox_end_as_the_vendor_says(
    world: SimulatedWorld, account: str, state: OrderState
) -> None:
    order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
    inputs = {**order.inputs, "charge_account": account}
    standing = await ended(FULU, world, replace(order, inputs=inputs))
    assert (standing.state, standing.account) == (state, account)


async def test_what_cannot_be_signed_never_leaves(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("话费", 300_000, goods=Goods.TOPUP))
    before = len(gateway_of(world).asked)
    for account in ("😀", "1" * 51, ""):
        inputs = {**order.inputs, "charge_account": account}
        with pytest.raises(InputRefused) as error:
            await FULU.place(world.link, replace(order, inputs=inputs))
        assert not account or account not in str(error.value)
    with pytest.raises(InputRefused):
        await FULU.place(world.link, replace(order, inputs={**order.inputs, "sign": "x"}))
    with pytest.raises(ProductGone):
        await FULU.place(world.link, replace(order, ref="٣"))
    assert len(gateway_of(world).asked) == before
    assert not world.house.orders


async def test_one_order_is_one_call(world: SimulatedWorld) -> None:
    order = order_of(world, await world.offer("会员", 141_250), 3)
    standing = await FULU.place(world.link, order)
    assert [method for method, _ in gateway_of(world).asked] == ["fulu.order.card.add"]
    assert gateway_of(world).asked[0][1] == {
        "product_id": int(order.ref),
        "customer_order_no": order.number,
        "buy_num": 3,
    }
    assert (standing.state, standing.charged_e4) == (OrderState.PROCESSING, 423_750)


async def test_one_that_cannot_be_read_does_not_hold_up_the_others(world: SimulatedWorld) -> None:
    good = {
        "product_id": 1,
        "product_name": "月卡\u202e\n😀",
        "product_type": "卡密",
        "purchase_price": yuan(10_001),
        "sales_status": "上架",
        "stock_status": "警报",
        "face_value": 1,
    }
    others: list[object] = [
        {**good, "product_type": "实物"},
        {**good, "purchase_price": -1},
        {**good, "purchase_price": "abc"},
        {**good, "product_name": None},
        [],
    ]
    result = compact([good, *others, {**good, "product_id": 2, "sales_status": "维护中"}])
    answer = {"code": 0, "result": result, "sign": signed(APP_SECRET, result)}
    async with told(answer, world.link.now()) as (link, _):
        page = await FULU.products(link)
    assert [(each.ref, each.on_sale, each.in_stock) for each in page.members] == [
        ("1", True, True),
        ("2", False, True),
    ]
    assert page.members[0].title == "月卡  😀"
    assert (page.members[0].unit_cost_e4, page.wrong) == (10_001, len(others))


def test_a_template_with_areas_is_asked_for_by_choice() -> None:
    areas = [{"name": "电信一区", "ChargeServer": [{"name": "逐鹿中原"}]}, {"name": "网通一区"}]
    template = msgspec.convert(
        {
            "ElementInfo": {
                "Inputs": [
                    {"Id": "ChargeAccount", "Name": "游戏账号"},
                    {"Id": "ChargePWD", "Name": "密码"},
                    {"Id": "ChargeNum", "Name": "数量"},
                ]
            },
            "IsServiceArea": True,
            "GameTempaltePreviewList": [{"gameList": {"ChargeRegion": areas}}],
        },
        Template,
    )
    inputs = {each.key: each for each in read_inputs(template)}
    assert list(inputs) == [
        "charge_account",
        "charge_password",
        "charge_game_region",
        "charge_game_srv",
    ]
    assert inputs["charge_account"].is_account
    assert inputs["charge_password"].kind is InputKind.PASSWORD
    assert inputs["charge_game_region"].choices == ("电信一区", "网通一区")
    assert inputs["charge_game_srv"].choices == ("逐鹿中原",)


@pytest.mark.parametrize("shape", ["json", "form", "query"])
@pytest.mark.parametrize("escaped", [False, True])
async def test_a_notice_is_taken_however_its_slash_was_written(
    world: SimulatedWorld, shape: str, *, escaped: bool
) -> None:
    order = order_of(world, await world.offer("会员", 100_000))
    await ended(FULU, world, order)
    made = world.house.orders[0]
    request = posted(gateway_of(world).notice(made, shape, escaped=escaped))
    notice = FULU.read_notice(world.link.login, request, world.link.now())
    assert (notice.signal, notice.number) == (Signal.ORDER, order.number)
    assert notice.their_number == str(made.order_id)


async def test_a_notice_of_a_refund_says_whose_it_is(world: SimulatedWorld) -> None:
    fields = {
        "order_id": "19102237851777002017",
        "customer_order_no": "K1",
        "refund_time": "2026-03-08 10:00:00",
        "refund_status": "success",
        "refund_description": "退款 a/b",
    }
    for shape in ("json", "form", "query"):
        request = posted(notice_sent(fields, APP_SECRET, shape))
        at = datetime(2026, 3, 8, 3, tzinfo=UTC)
        notice = FULU.read_notice(world.link.login, request, at)
        assert (notice.number, notice.said) == ("K1", "success")
        assert notice.at == at - timedelta(hours=1)
        with pytest.raises(NoticeNotAuthentic):
            FULU.read_notice(world.link.login, request, at + timedelta(days=4))


async def test_a_field_that_stands_twice_is_no_notice(world: SimulatedWorld) -> None:
    await world.offer("会员", 100_000)
    fields = {"product_id": "1", "changed_type": "2"}
    request = posted(notice_sent(fields, APP_SECRET, "form"))
    assert FULU.read_notice(world.link.login, request, world.link.now()).ref == "1"
    twice = replace(request, body=request.body + b"&product_id=1")
    with pytest.raises(NoticeNotAuthentic):
        FULU.read_notice(world.link.login, twice, world.link.now())
