"""Undo: an import is taken back while all of its cards are still there."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, account_id
from kashu.ledger.reads import trial_balance
from kashu.ledger.tables import transfers
from kashu.stock.allocate import allocate
from kashu.stock.imports_errors import ImportInUse, ImportNotDone, UnknownImport
from kashu.stock.imports_state import ImportRow
from kashu.stock.imports_undo import undo
from kashu.stock.plan import Demand
from kashu.stock.release import release
from kashu.stock.strategy import FEFO
from kashu.stock.tables import cards, free_uses, lots
from tests.conftest import Tenant
from tests.stock.builders import make_sku
from tests.stock.importing import TODAY, Shop, open_shop


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


async def take_back(shop: Shop, import_id: UUID | None) -> ImportRow:
    assert import_id is not None
    async with shop.database.transaction(shop.tenant.id) as tx:
        return await undo(tx, shop.tenant.id, "cli", import_id, posted_on=TODAY)


async def give(shop: Shop, count: int) -> UUID:
    line_id = new_id()
    sku_id = (await shop.intake()).sku.id
    async with shop.database.transaction(shop.tenant.id) as tx:
        demand = Demand(line_id, sku_id, count, FEFO)
        assert all(await allocate(tx, shop.tenant.id, [demand], TODAY))
    return line_id


async def test_an_undone_import_is_as_if_it_had_never_been(shop: Shop) -> None:
    lines = ["卡号,有效期", "MG0001,2027-12-31", "MG0002,2028-12-31"]
    first = (await shop.bring_in(lines)).report
    undone = await take_back(shop, first.import_id)
    assert undone.state == "undone"
    assert await shop.count(cards) == 0
    assert await shop.count(lots) == 0
    again = (await shop.bring_in(lines)).report
    assert (again.accepted, again.notes) == (2, [])


async def test_of_an_undone_import_of_shared_cards_no_use_is_left(shop: Shop) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        await make_sku(tx, shop.tenant.id, "cloud-shared", fulfilment="shared")
    intake = await shop.intake(sku="cloud-shared", max_uses=7)
    first = (await shop.bring_in(["ABCD1234", "EFGH5678"], intake)).report
    assert await shop.count(free_uses) == 2
    await take_back(shop, first.import_id)
    assert await shop.count(free_uses) == 0
    again = (await shop.bring_in(["ABCD1234", "EFGH5678"], intake)).report
    assert (again.accepted, await shop.count(free_uses)) == (2, 2)


async def test_what_it_cost_is_posted_back(shop: Shop) -> None:
    await take_back(shop, (await shop.bring_in(["MG0001", "MG0002"])).report.import_id)
    async with shop.database.transaction(shop.tenant.id) as tx:
        posted = (await tx.execute(select(transfers).order_by(transfers.c.id))).all()
        intake = await shop.intake()
        balance = await trial_balance(tx, shop.tenant.id)
    assert [row.amount_e4 for row in posted] == [2 * 141_250, 2 * 141_250]
    inventory = account_id(
        shop.tenant.id, Account(AccountKind.INVENTORY, intake.terms.warehouse_id)
    )
    assert (posted[0].debit_account_id, posted[1].credit_account_id) == (inventory, inventory)
    assert {account.balance_e4 for account in balance.accounts} == {0}


async def test_it_is_on_record(shop: Shop) -> None:
    undone = await take_back(shop, (await shop.bring_in(["MG0001"])).report.import_id)
    async with shop.database.transaction(shop.tenant.id) as tx:
        happened = await events_of(tx, shop.tenant.id, undone.id)
    assert [(event.kind, event.actor) for event in happened] == [
        ("import.done", "cli"),
        ("import.undone", "cli"),
    ]


async def test_cards_of_other_imports_stay(shop: Shop) -> None:
    first = (await shop.bring_in(["MG0001"])).report
    await shop.bring_in(["MG0002"])
    await take_back(shop, first.import_id)
    assert await shop.count(cards) == 1


async def test_it_is_refused_once_a_card_was_given_out(shop: Shop) -> None:
    report = (await shop.bring_in(["MG0001", "MG0002", "MG0003"])).report
    await give(shop, 2)
    before = await shop.counts()
    with pytest.raises(ImportInUse) as refused:
        await take_back(shop, report.import_id)
    assert refused.value.facts == {"total": 3, "left": 2}
    assert await shop.counts() == before


async def test_it_is_refused_though_the_card_came_back(shop: Shop) -> None:
    report = (await shop.bring_in(["MG0001", "MG0002", "MG0003"])).report
    line_id = await give(shop, 1)
    async with shop.database.transaction(shop.tenant.id) as tx:
        await release(tx, shop.tenant.id, "cli", line_units=[(line_id, 1)], because="refund")
        assert {row.state for row in await tx.execute(select(cards.c.state))} == {"available"}
    before = await shop.counts()
    with pytest.raises(ImportInUse) as refused:
        await take_back(shop, report.import_id)
    assert refused.value.facts == {"total": 3, "left": 1}
    assert await shop.counts() == before


async def test_it_is_refused_once_a_card_is_no_longer_available(shop: Shop) -> None:
    report = (await shop.bring_in(["MG0001", "MG0002"])).report
    async with shop.database.transaction(shop.tenant.id) as tx:
        await tx.execute(update(cards).where(cards.c.position == 1).values(state="void"))
    with pytest.raises(ImportInUse):
        await take_back(shop, report.import_id)
    assert await shop.count(cards) == 2


async def test_it_can_be_undone_once(shop: Shop) -> None:
    report = (await shop.bring_in(["MG0001"])).report
    await take_back(shop, report.import_id)
    before = await shop.counts()
    with pytest.raises(ImportNotDone) as refused:
        await take_back(shop, report.import_id)
    assert refused.value.facts == {"state": "undone"}
    assert await shop.counts() == before


async def test_an_import_of_another_tenant_is_not_there(shop: Shop, other_tenant: Tenant) -> None:
    report = (await shop.bring_in(["MG0001"])).report
    assert report.import_id is not None
    with pytest.raises(UnknownImport):
        async with shop.database.transaction(other_tenant.id) as tx:
            await undo(tx, other_tenant.id, "cli", report.import_id, posted_on=TODAY)
    assert await shop.count(cards) == 1


async def test_an_import_without_cards_can_be_undone(shop: Shop) -> None:
    undone = await take_back(shop, (await shop.bring_in(["#N/A"])).report.import_id)
    assert undone.state == "undone"
