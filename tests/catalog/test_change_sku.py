"""Adding a SKU, and changing one."""

from datetime import date

import pytest

from kashu.catalog.add_sku import add_sku
from kashu.catalog.card_format import CardFormat
from kashu.catalog.change_sku import change_sku
from kashu.catalog.entries import AccountType, Terminal
from kashu.catalog.errors import SkuCodeTaken, SkuWrong, UnknownProduct, UnknownSku
from kashu.catalog.install import begin_tenant
from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy, SkuState
from kashu.catalog.reads import listed_sku, sku_list
from kashu.catalog.shapes import CardShape, NewSku, RedemptionText, SkuChanges
from kashu.core.db import Tx
from kashu.core.events import events_of
from tests.conftest import Tenant

WEEK = NewSku(code="mgtv-week", product="mgtv", period=Period.WEEK, face_value="8.00")

WHOLE = RedemptionText(
    steps_zh=["登录"],
    steps_en=["Sign in"],
    devices_zh="手机",
    devices_en="Phone",
    validity_zh="一年内",
    validity_en="Within a year",
    url="https://example.com/",
)


@pytest.fixture(autouse=True)
async def _catalogue(tx: Tx, tenant: Tenant) -> None:
    await begin_tenant(tx, tenant.id, "cli")


async def test_a_sku_is_added_as_its_siblings_are(tx: Tx, tenant: Tenant) -> None:
    added = await add_sku(tx, tenant.id, "staff:x", WEEK)
    sibling = await listed_sku(tx, tenant.id, "mgtv-month")
    assert (added.sku.name_zh, added.sku.name_en) == ("芒果TV会员周卡", "Mango TV VIP, 1 week")
    assert (added.sku.days, added.sku.face_value_e4) == (7, 80_000)
    assert added.sku.state is SkuState.ACTIVE
    assert not added.sku.partial_allowed
    assert not added.face_value_verified
    assert (added.terminal, added.steps_zh) == (sibling.terminal, sibling.steps_zh)
    assert added.card_format == sibling.card_format
    assert [event.kind for event in await events_of(tx, tenant.id, added.sku.id)] == ["sku.added"]


async def test_what_is_said_goes_before_what_a_sibling_has(tx: Tx, tenant: Tenant) -> None:
    wanted = NewSku(
        code="mgtv-tv-trial",
        product="mgtv",
        period=Period.OTHER,
        face_value="1.50",
        fulfilment=Fulfilment.TOPUP,
        name_zh="体验三天",
        name_en="Trial",
        days=3,
        terminal=Terminal.TV,
        account_type=AccountType.MEMBER_ID,
        face_value_as_of=date(2026, 1, 1),
        face_value_source="example.com, read 2026-01-01",
        shortage_policy=ShortagePolicy.REFUSE,
        redemption=RedemptionText(devices_zh="电视"),
        partial_allowed=True,
    )
    added = await add_sku(tx, tenant.id, "cli", wanted)
    sibling = await listed_sku(tx, tenant.id, "mgtv-month-topup")
    assert (added.sku.days, added.terminal, added.account_type) == (3, "tv", "member_id")
    assert added.face_value_verified
    assert added.face_value_as_of == date(2026, 1, 1)
    assert (added.devices_zh, added.steps_zh) == ("电视", sibling.steps_zh)
    assert added.sku.partial_allowed
    assert added.sku.shortage_policy is ShortagePolicy.REFUSE


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        ({"code": "MGTV 周"}, "/code"),
        ({"code": "a" * 61}, "/code"),
        ({"face_value": "8.001"}, "/face_value"),
        ({"face_value": "-1"}, "/face_value"),
        ({"face_value": "0"}, "/face_value"),
        ({"days": 30}, "/days"),
        ({"days": 10**30}, "/days"),
        ({"name_zh": "周\x00卡"}, "/name_zh"),
        ({"name_en": "x" * 61}, "/name_en"),
        ({"card_format": CardShape(number="(a+)+")}, "/card_format/number"),
        ({"card_format": CardShape(number="[0-9]{4}", lengths=[10**12])}, "/card_format/lengths"),
        ({"redemption": RedemptionText(steps_zh=["一步"])}, "/redemption"),
        ({"redemption": RedemptionText(url="javascript:x")}, "/redemption/url"),
        ({"fulfilment": Fulfilment.TOPUP, "account_type": AccountType.NONE}, "/account_type"),
        ({"fulfilment": Fulfilment.TOPUP, "returnable": True}, "/returnable"),
        ({"fulfilment": Fulfilment.LINK}, "/redemption"),
    ],
)
async def test_a_sku_that_cannot_be_is_refused_at_its_field(
    tx: Tx, tenant: Tenant, wrong: dict[str, object], at: str
) -> None:
    before = await sku_list(tx, tenant.id, limit=1_000)
    said = {"code": "mgtv-week", "product": "mgtv", "period": Period.WEEK, "face_value": "8.00"}
    with pytest.raises(SkuWrong) as refused:
        await add_sku(tx, tenant.id, "cli", NewSku(**(said | wrong)))  # type: ignore[arg-type]
    assert at in {problem.at for problem in refused.value.problems}
    assert await sku_list(tx, tenant.id, limit=1_000) == before


@pytest.mark.parametrize("product", ["nothing", "芒果", "\x00", ""])
async def test_a_sku_needs_a_product_that_is_there(tx: Tx, tenant: Tenant, product: str) -> None:
    wanted = NewSku(code="mgtv-week", product=product, period=Period.WEEK, face_value="8.00")
    with pytest.raises(UnknownProduct):
        await add_sku(tx, tenant.id, "cli", wanted)


async def test_a_code_that_is_taken_is_not_overwritten(tx: Tx, tenant: Tenant) -> None:
    before = await listed_sku(tx, tenant.id, "mgtv-month")
    taken = NewSku(code="mgtv-month", product="mgtv", period=Period.MONTH, face_value="99.00")
    with pytest.raises(SkuCodeTaken):
        await add_sku(tx, tenant.id, "cli", taken)
    assert await listed_sku(tx, tenant.id, "mgtv-month") == before


async def test_only_what_is_set_changes(tx: Tx, tenant: Tenant) -> None:
    before = await listed_sku(tx, tenant.id, "mgtv-month")
    changes = SkuChanges(
        name_zh="芒果月卡",
        face_value="30.00",
        returnable=False,
        shortage_policy=ShortagePolicy.SUBSTITUTE,
        redemption=RedemptionText(steps_zh=["登录", "兑换"], steps_en=["Sign in", "Redeem"]),
        card_format=CardShape(number="MG[0-9]{14}", lengths=[16], luhn=True),
        partial_allowed=True,
    )
    after = await change_sku(tx, tenant.id, "staff:x", "mgtv-month", changes)
    assert after.sku.name_zh == "芒果月卡"
    assert after.sku.name_en == before.sku.name_en
    assert after.sku.face_value_e4 == 300_000
    assert not after.sku.returnable
    assert after.sku.shortage_policy is ShortagePolicy.SUBSTITUTE
    assert after.sku.partial_allowed
    assert (after.steps_zh, after.devices_zh) == (("登录", "兑换"), before.devices_zh)
    assert after.card_format == CardFormat(number="MG[0-9]{14}", lengths=(16,), luhn=True)
    assert after.face_value_as_of == before.face_value_as_of
    assert await listed_sku(tx, tenant.id, "mgtv-month") == after
    happened = (await events_of(tx, tenant.id, after.sku.id))[-1]
    assert (happened.kind, happened.actor) == ("sku.changed", "staff:x")
    assert happened.facts["before"]["name_zh"] == before.sku.name_zh
    assert happened.facts["after"]["face_value_e4"] == 300_000
    assert "name_en" not in happened.facts["after"]


async def test_no_format_means_that_nothing_is_checked(tx: Tx, tenant: Tenant) -> None:
    after = await change_sku(tx, tenant.id, "cli", "mgtv-month", SkuChanges(card_format=None))
    assert after.card_format is None


async def test_a_face_value_stays_verified_until_it_changes(tx: Tx, tenant: Tenant) -> None:
    assert (await listed_sku(tx, tenant.id, "iqiyi-month")).face_value_verified
    same = SkuChanges(name_zh="爱奇艺月卡", face_value="30")
    assert (await change_sku(tx, tenant.id, "cli", "iqiyi-month", same)).face_value_verified
    other = SkuChanges(face_value="35.00")
    assert not (await change_sku(tx, tenant.id, "cli", "iqiyi-month", other)).face_value_verified
    sourced = SkuChanges(face_value_source="iqiyi.com, read 2026-11-22")
    assert (await change_sku(tx, tenant.id, "cli", "iqiyi-month", sourced)).face_value_verified


async def test_a_sku_is_retired_and_resumed(tx: Tx, tenant: Tenant) -> None:
    retired = SkuChanges(state=SkuState.RETIRED)
    sku = (await change_sku(tx, tenant.id, "cli", "mgtv-month", retired)).sku
    assert sku.state is SkuState.RETIRED
    await change_sku(tx, tenant.id, "cli", "mgtv-month", retired)
    resumed = SkuChanges(state=SkuState.ACTIVE)
    assert (await change_sku(tx, tenant.id, "cli", "mgtv-month", resumed)).sku.state == "active"
    kinds = [event.kind for event in await events_of(tx, tenant.id, sku.id)]
    assert kinds == ["sku.added", "sku.retired", "sku.resumed"]


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        (SkuChanges(face_value="many"), "/face_value"),
        (SkuChanges(days=400), "/days"),
        (SkuChanges(name_zh=""), "/name_zh"),
        (SkuChanges(card_format=CardShape(number="a*")), "/card_format/number"),
        (SkuChanges(card_format=CardShape(number="a", password="(b)+")), "/card_format/password"),
        (SkuChanges(redemption=RedemptionText(steps_en=[])), "/redemption/steps_en"),
        (SkuChanges(redemption=RedemptionText(validity_zh="x" * 301)), "/redemption/validity_zh"),
    ],
)
async def test_a_change_that_cannot_be_changes_nothing(
    tx: Tx, tenant: Tenant, wrong: SkuChanges, at: str
) -> None:
    before = await listed_sku(tx, tenant.id, "mgtv-month")
    with pytest.raises(SkuWrong) as refused:
        await change_sku(tx, tenant.id, "cli", "mgtv-month", wrong)
    assert at in {problem.at for problem in refused.value.problems}
    assert await listed_sku(tx, tenant.id, "mgtv-month") == before


async def test_a_topup_has_no_card_to_return(tx: Tx, tenant: Tenant) -> None:
    before = await listed_sku(tx, tenant.id, "mgtv-month-topup")
    for wrong in (SkuChanges(returnable=True), SkuChanges(card_format=CardShape(number="a"))):
        with pytest.raises(SkuWrong):
            await change_sku(tx, tenant.id, "cli", "mgtv-month-topup", wrong)
    assert await listed_sku(tx, tenant.id, "mgtv-month-topup") == before


async def test_an_unknown_sku_cannot_be_changed(tx: Tx, tenant: Tenant) -> None:
    with pytest.raises(UnknownSku):
        await change_sku(tx, tenant.id, "cli", "nothing", SkuChanges(name_zh="新"))
