"""Receive: cards come in, each once, with their cost in the books."""

from datetime import date

import pytest
from sqlalchemy import Table, func, select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database, Tx
from kashu.core.events import events, events_of
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, account_id
from kashu.ledger.tables import transfers
from kashu.stock.receive import NewCard, Receipt, ReceiptTooLarge, Terms, receive
from kashu.stock.secret import CardSecret, decode
from kashu.stock.tables import CardState, cards, levels, lots
from tests.conftest import Tenant
from tests.stock.builders import make_sku, make_supplier, make_warehouse, put_cards

TODAY = date(2026, 6, 15)


def card(number: str, expires_on: date | None = None) -> NewCard:
    return NewCard(CardSecret(number, f"pw-{number}"), expires_on)


async def terms_of(
    tx: Tx, tenant: Tenant, *, unit_cost_e4: int = 141_250, max_uses: int | None = None
) -> Terms:
    return Terms(
        await make_sku(tx, tenant.id),
        await make_warehouse(tx, tenant.id),
        await make_supplier(tx, tenant.id),
        unit_cost_e4,
        max_uses,
    )


async def count_of(tx: Tx, table: Table) -> int:
    return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


async def put_in(
    tx: Tx,
    keyrings: Keyrings,
    tenant: Tenant,
    terms: Terms,
    *new: NewCard,
    paid_from: Account | None = None,
) -> Receipt:
    return await receive(
        tx, tenant.id, "cli", terms, new, keyrings=keyrings, posted_on=TODAY, paid_from=paid_from
    )


async def test_cards_are_sealed_and_open_again(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    terms = await terms_of(tx, tenant)
    receipt = await put_in(tx, keyrings, tenant, terms, card("MG0001"), card("MG0002"))
    keyring = await keyrings.of(tx, tenant.id)
    rows = (await tx.execute(select(cards).order_by(cards.c.position))).all()
    assert [row.id for row in rows] == receipt.card_ids
    opened = [
        keyring.open(row.sealed, row.key_version, kind=terms.sku_id, owner=row.id) for row in rows
    ]
    assert [decode(secret.clear).number for secret in opened] == ["MG0001", "MG0002"]
    assert all(b"MG000" not in row.sealed for row in rows)
    assert [(row.position, row.state, row.tail) for row in rows] == [
        (1, "available", "1"),
        (2, "available", "2"),
    ]


async def test_each_expiry_makes_a_lot_that_counts_its_cards(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    terms = await terms_of(tx, tenant)
    soon, late = date(2026, 12, 31), date(2027, 12, 31)
    new = [card("A1", soon), card("A2"), card("A3", late), card("A4", soon)]
    receipt = await put_in(tx, keyrings, tenant, terms, *new)
    made = [(lot.expires_on, lot.cards) for lot in receipt.lots]
    assert made == [(soon, 2), (late, 1), (None, 1)]
    rows = (await tx.execute(select(lots))).all()
    assert {(row.expires_on, row.available, row.unit_cost_e4, row.shared) for row in rows} == {
        (soon, 2, 141_250, False),
        (late, 1, 141_250, False),
        (None, 1, 141_250, False),
    }


async def test_the_cost_is_owed_to_the_supplier(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    terms = await terms_of(tx, tenant)
    await put_in(tx, keyrings, tenant, terms, card("A1"), card("A2"), card("A3"))
    posted = (await tx.execute(select(transfers))).one()
    assert (posted.amount_e4, posted.quantity) == (3 * 141_250, 3)
    inventory = Account(AccountKind.INVENTORY, terms.warehouse_id)
    payable = Account(AccountKind.PAYABLE, terms.supplier_id)
    assert posted.debit_account_id == account_id(tenant.id, inventory)
    assert posted.credit_account_id == account_id(tenant.id, payable)


async def test_what_was_there_before_us_is_paid_from_the_opening_account(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    terms = await terms_of(tx, tenant)
    opening = Account(AccountKind.OPENING)
    await put_in(tx, keyrings, tenant, terms, card("A1"), paid_from=opening)
    posted = (await tx.execute(select(transfers))).one()
    assert posted.credit_account_id == account_id(tenant.id, opening)


async def test_the_sku_is_marked_as_replenished(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    terms = await terms_of(tx, tenant)
    assert await count_of(tx, levels) == 0
    await put_in(tx, keyrings, tenant, terms, card("A1"))
    level = (await tx.execute(select(levels))).one()
    assert level.sku_id == terms.sku_id
    assert level.replenished_at is not None


async def test_a_card_that_comes_twice_gets_in_once(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    terms = await terms_of(tx, tenant)
    receipt = await put_in(tx, keyrings, tenant, terms, card("A1"), card("A2"), card("A1"))
    assert [id_ is None for id_ in receipt.card_ids] == [False, False, True]
    assert [(away.place, away.reason, away.first_place) for away in receipt.turned_away] == [
        (3, "duplicate_in_file", 1)
    ]
    assert await count_of(tx, cards) == 2


@pytest.mark.parametrize("state", [state for state in CardState if state != CardState.RESERVED])
async def test_a_card_that_we_ever_had_is_turned_away(
    tx: Tx, tenant: Tenant, keyrings: Keyrings, state: CardState
) -> None:
    terms = await terms_of(tx, tenant)
    await put_cards(
        tx, tenant.id, 1, sku_id=terms.sku_id, keyrings=keyrings, numbers=["A1"], booked=False
    )
    await tx.execute(update(cards).values(state=state))
    receipt = await put_in(tx, keyrings, tenant, terms, card("A1"))
    assert receipt.card_ids == [None]
    assert [away.reason for away in receipt.turned_away] == ["duplicate_in_stock"]
    assert receipt.lots == []
    assert await count_of(tx, cards) == 1
    assert await count_of(tx, lots) == 1
    assert await count_of(tx, transfers) == 0
    assert await count_of(tx, events) == 0


async def test_the_same_number_under_another_sku_is_another_card(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    terms = await terms_of(tx, tenant)
    other_sku = await make_sku(tx, tenant.id, "mgtv-year")
    await put_cards(tx, tenant.id, 1, sku_id=other_sku, keyrings=keyrings, numbers=["A1"])
    receipt = await put_in(tx, keyrings, tenant, terms, card("A1"))
    assert receipt.card_ids[0] is not None


async def test_a_shared_lot_counts_uses(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    terms = await terms_of(tx, tenant, max_uses=50)
    receipt = await put_in(tx, keyrings, tenant, terms, card("A1"), card("A2"))
    assert [(lot.cards, lot.units) for lot in receipt.lots] == [(2, 100)]
    lot = (await tx.execute(select(lots))).one()
    assert (lot.shared, lot.available) == (True, 100)
    assert {row.max_uses for row in await tx.execute(select(cards.c.max_uses))} == {50}
    posted = (await tx.execute(select(transfers))).one()
    assert (posted.amount_e4, posted.quantity) == (100 * 141_250, 100)


async def test_more_money_than_the_books_hold_is_refused(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        terms = await terms_of(tx, tenant, unit_cost_e4=10**15)
    with pytest.raises(ReceiptTooLarge):
        async with database.transaction(tenant.id) as tx:
            await put_in(tx, keyrings, tenant, terms, card("A1"), card("A2"))
    async with database.transaction(tenant.id) as tx:
        assert await count_of(tx, cards) == 0
        assert await count_of(tx, lots) == 0
        assert await count_of(tx, levels) == 0


async def test_a_million_units_are_one_receipt(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    terms = await terms_of(tx, tenant, max_uses=1_000_000)
    await put_in(tx, keyrings, tenant, terms, card("A1"))
    posted = (await tx.execute(select(transfers))).one()
    assert posted.amount_e4 == 1_000_000 * 141_250


async def test_free_cards_cost_the_books_nothing(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    terms = await terms_of(tx, tenant, unit_cost_e4=0)
    receipt = await put_in(tx, keyrings, tenant, terms, card("A1"))
    assert receipt.card_ids[0] is not None
    assert await count_of(tx, transfers) == 0


async def test_each_lot_is_recorded_with_who_received_it(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    terms = await terms_of(tx, tenant)
    receipt = await put_in(tx, keyrings, tenant, terms, card("A1"))
    (event,) = await events_of(tx, tenant.id, receipt.lots[0].lot_id)
    assert (event.kind, event.actor) == ("lot.received", "cli")
    assert event.facts["units"] == 1
    assert "A1" not in str(event.facts)


async def test_two_batches_in_one_transaction_do_not_mix(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    terms = await terms_of(tx, tenant)
    await put_in(tx, keyrings, tenant, terms, card("A1"))
    receipt = await put_in(tx, keyrings, tenant, terms, card("A1"), card("A2"))
    assert [id_ is None for id_ in receipt.card_ids] == [True, False]
    assert await count_of(tx, cards) == 2


def test_a_new_card_does_not_print_its_secret() -> None:
    assert "MG0001" not in repr(card("MG0001"))


async def test_no_batch_at_all_changes_nothing(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> None:
    receipt = await put_in(tx, keyrings, tenant, await terms_of(tx, tenant))
    assert (receipt.card_ids, receipt.lots, receipt.turned_away) == ([], [], [])
    assert await count_of(tx, lots) == 0
    assert await count_of(tx, levels) == 0
