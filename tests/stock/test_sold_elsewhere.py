"""Cards that were sold before us: known, never for sale, worth nothing in the books."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.ledger.tables import transfers
from kashu.reports.verify import verify
from kashu.stock.imports import import_file, preview
from kashu.stock.imports_errors import SoldElsewhereWrong
from kashu.stock.imports_intake import Intake, find_intake
from kashu.stock.imports_reading import open_pasted
from kashu.stock.imports_report import ImportReport
from kashu.stock.imports_undo import undo
from kashu.stock.reads import CardShown, cards_by_value
from kashu.stock.tables import cards, lots
from tests.conftest import Tenant
from tests.stock.importing import TODAY, Shop, open_shop

SOLD = "卡号,密码,有效期\nMG0001,pw1,2099-12-31\nMG0002,pw2,2020-01-01\n"


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


async def intake_of(shop: Shop, *, cost: int = 0, sold_elsewhere: bool = True) -> Intake:
    async with shop.database.transaction(shop.tenant.id) as tx:
        return await find_intake(
            tx,
            shop.tenant.id,
            sku="mgtv-month",
            warehouse="main",
            supplier="fulu",
            unit_cost_e4=cost,
            today=TODAY,
            sold_elsewhere=sold_elsewhere,
        )


async def bring_in(shop: Shop, text: str, intake: Intake) -> ImportReport:
    source = open_pasted(text)
    async with shop.database.transaction(shop.tenant.id) as tx:
        foreseen = await preview(tx, shop.tenant.id, intake, source, keyrings=shop.keyrings)
    done = await import_file(
        shop.database, shop.tenant.id, "test", intake, source, keyrings=shop.keyrings
    )
    assert foreseen.report.classes == done.report.classes
    assert foreseen.report.accepted == done.report.accepted
    return done.report


async def found(shop: Shop, number: str) -> list[CardShown]:
    async with shop.database.transaction(shop.tenant.id) as tx:
        keyring = await shop.keyrings.of(tx, shop.tenant.id)
        return await cards_by_value(tx, shop.tenant.id, keyring, number)


async def test_they_are_known_and_never_for_sale_and_cost_nothing(shop: Shop) -> None:
    report = await bring_in(shop, SOLD, await intake_of(shop))
    assert (report.accepted, report.rejected) == (2, 0)  # one has expired: no matter
    (card,) = await found(shop, "MG0001")
    assert (card.state, card.sold_elsewhere, card.unit_cost_e4) == ("void", True, 0)
    async with shop.database.transaction(shop.tenant.id) as tx:
        counted = select(func.sum(lots.c.available), func.sum(lots.c.void))
        assert (await tx.execute(counted)).one() == (0, 2)
        assert (await tx.execute(select(func.count()).select_from(transfers))).scalar_one() == 0
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert (await verify(tx, shop.tenant.id)).ok


async def test_such_a_card_cannot_come_in_again(shop: Shop) -> None:
    await bring_in(shop, SOLD, await intake_of(shop))
    for_sale = await intake_of(shop, cost=141_250, sold_elsewhere=False)
    report = await bring_in(shop, "卡号,密码\nMG0001,pw1\nMG0003,pw3\n", for_sale)
    assert report.accepted == 1
    assert report.classes["sold_elsewhere"].count == 1
    assert report.notes == []  # a cost of 0 isn't what is usual
    again = await bring_in(shop, SOLD, await intake_of(shop))
    assert (again.accepted, again.classes["sold_elsewhere"].count) == (0, 2)


async def test_one_that_we_would_still_sell_is_told(shop: Shop) -> None:
    for_sale = await intake_of(shop, cost=141_250, sold_elsewhere=False)
    await bring_in(shop, "卡号,密码\nMG0001,pw1\n", for_sale)
    report = await bring_in(shop, SOLD, await intake_of(shop))
    assert report.accepted == 1
    assert report.classes["still_for_sale"].count == 1
    (card,) = await found(shop, "MG0001")
    assert (card.state, card.sold_elsewhere) == ("available", False)


async def test_such_an_import_can_be_undone(shop: Shop) -> None:
    report = await bring_in(shop, SOLD, await intake_of(shop))
    assert report.import_id is not None
    async with shop.database.transaction(shop.tenant.id) as tx:
        await undo(tx, shop.tenant.id, "test", report.import_id, posted_on=TODAY)
        assert (await tx.execute(select(func.count()).select_from(cards))).scalar_one() == 0
    assert await found(shop, "MG0001") == []


async def test_a_cost_is_refused(shop: Shop) -> None:
    with pytest.raises(SoldElsewhereWrong):
        await intake_of(shop, cost=1)
    intake = await intake_of(shop)
    assert replace(intake.terms, sold_elsewhere=False).unit_cost_e4 == 0
