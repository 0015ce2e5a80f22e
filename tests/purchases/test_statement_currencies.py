"""A statement in euros is matched with orders in euros, and what it makes of cost is in yuan."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from kashu.core.db import Database, Tx
from kashu.ledger.reads import trial_balance
from kashu.purchases.errors_statements import ResolutionWrong
from kashu.purchases.kinds_statements import ResolutionKind, ResolutionState
from kashu.purchases.statement_fetch import fetch_statement
from kashu.purchases.statement_reads import Finding, finding_list, statement_of
from kashu.purchases.statement_resolve import approve_resolution, resolve
from kashu.purchases.statements import preview_statement, take_statement
from kashu.purchases.tables import attempts
from kashu.reports.verify import verify
from kashu.suppliers.currency import set_currency
from kashu.suppliers.exposure import exposure_of
from kashu.suppliers.rates import set_rate
from kashu.suppliers.upstream import Charge, Page
from tests.conftest import Tenant
from tests.purchases.ordered import Ordered, put_orders
from tests.purchases.test_statements import (
    BY_ORDER,
    FIRST,
    LAST,
    PRICE_E4,
    ZONE,
    arrived,
    csv,
    order,
    row,
)
from tests.suppliers.books import ANNA, BERT, TODAY, deposit, make_supplier
from tests.suppliers.outside import SaidSupplier, Watch, connect_said, reach_to

RATE_E6 = 8_000_000
ACCEPTED = ResolutionKind.ACCEPTED


async def _abroad(tx: Tx, tenant: Tenant, orders: list[Ordered], *yuan: str) -> UUID:
    """A supplier that is paid in euros, with 1000 of ours and orders; `yuan`: those in yuan."""
    supplier_id = await make_supplier(tx, tenant.id)
    await set_currency(tx, tenant.id, "cli", supplier_id, "EUR")
    await deposit(tx, tenant.id, supplier_id, 10_000_000)
    await put_orders(tx, tenant.id, supplier_id, orders)
    await tx.execute(
        update(attempts)
        .where(attempts.c.tenant_id == tenant.id, attempts.c.number.not_in(yuan))
        .values(currency="EUR", rate_e6=RATE_E6)
    )
    return supplier_id


async def _found(tx: Tx, tenant: Tenant, supplier_id: UUID, *rows: str) -> list[Finding]:
    what = arrived(csv(BY_ORDER, *rows), supplier_id)
    statement_id, _ = await take_statement(tx, tenant.id, "cli", what, timezone=ZONE)
    return await finding_list(tx, tenant.id, statement_id)


async def _booked(tx: Tx, tenant: Tenant) -> dict[tuple[str, str], int]:
    balance = await trial_balance(tx, tenant.id)
    return {(each.kind, each.currency): each.balance_e4 for each in balance.accounts}


async def test_a_file_is_in_what_its_supplier_is_paid_in(tx: Tx, tenant: Tenant) -> None:
    orders = [order(1), order(2)]
    supplier_id = await _abroad(tx, tenant, orders)
    what = arrived(csv(BY_ORDER, *(row(each) for each in orders)), supplier_id)
    preview = await preview_statement(tx, tenant.id, what, timezone=ZONE)
    assert (preview.currency, preview.matched.matched_count) == ("EUR", 2)
    assert preview.matched.findings == []
    statement_id, _ = await take_statement(tx, tenant.id, "cli", what, timezone=ZONE)
    assert (await statement_of(tx, tenant.id, statement_id)).currency == "EUR"


@pytest.mark.parametrize("named", [True, False])
async def test_amounts_of_another_currency_are_never_compared(
    tx: Tx, tenant: Tenant, *, named: bool
) -> None:
    ours = order(1)
    supplier_id = await _abroad(tx, tenant, [ours], ours.number)
    line = row(ours if named else replace(ours, number="", their_number=""))
    [extra] = await _found(tx, tenant, supplier_id, line)
    assert (extra.kind, extra.attempt_id, extra.currency) == ("extra", None, "EUR")
    assert (extra.ours_e4, extra.theirs_e4) == (0, PRICE_E4)


@pytest.mark.parametrize(("amount", "more_e4"), [("15.1250", 10_000), ("13.1250", -10_000)])
async def test_an_accepted_difference_costs_yuan_at_the_rate_of_its_order(
    tx: Tx, tenant: Tenant, amount: str, more_e4: int
) -> None:
    await set_rate(tx, tenant.id, "cli", "EUR", "9")  # entered since: not what it was ordered at
    supplier_id = await _abroad(tx, tenant, [order(1)])
    [different] = await _found(tx, tenant, supplier_id, row(order(1), amount))
    done = await resolve(
        tx, tenant.id, ANNA, different.id, ACCEPTED, reason="涨价", posted_on=TODAY
    )
    assert (done.state, done.amount_e4) == (ResolutionState.DONE, more_e4)
    booked = await _booked(tx, tenant)
    assert booked["prepaid", "EUR"] == 10_000_000 - more_e4
    assert booked["cost_of_goods", "CNY"] == 8 * more_e4
    assert ("cost_of_goods", "EUR") not in booked
    assert (booked["exchange", "EUR"], booked["exchange", "CNY"]) == (more_e4, -8 * more_e4)


async def test_what_is_of_no_order_is_accepted_at_the_rate_that_was_entered_or_not_at_all(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await _abroad(tx, tenant, [order(1)])
    fee = row(order(2), "2")
    [extra] = await _found(tx, tenant, supplier_id, row(order(1)), fee)
    with pytest.raises(ResolutionWrong):
        await resolve(tx, tenant.id, ANNA, extra.id, ACCEPTED, reason="手续费", posted_on=TODAY)
    assert set(await _booked(tx, tenant)) == {("prepaid", "EUR"), ("cash", "EUR")}
    assert len(await finding_list(tx, tenant.id, extra.statement_id, open_only=True)) == 1

    await set_rate(tx, tenant.id, "cli", "EUR", "7.5")
    await resolve(tx, tenant.id, ANNA, extra.id, ACCEPTED, reason="手续费", posted_on=TODAY)
    assert (await _booked(tx, tenant))["cost_of_goods", "CNY"] == 150_000


async def test_large_is_what_is_large_in_yuan(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await _abroad(tx, tenant, [order(1)])
    [different] = await _found(tx, tenant, supplier_id, row(order(1), "26.6250"))  # 12.5 euros more
    asked = await resolve(
        tx, tenant.id, ANNA, different.id, ACCEPTED, reason="涨价", posted_on=TODAY
    )
    assert asked.state is ResolutionState.ASKED
    await approve_resolution(tx, tenant.id, BERT, different.id, posted_on=TODAY)
    assert (await _booked(tx, tenant))["cost_of_goods", "CNY"] == 1_000_000


async def test_what_is_asked_back_stays_in_euros(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await _abroad(tx, tenant, [order(1)])
    [different] = await _found(tx, tenant, supplier_id, row(order(1), "15.1250"))
    await resolve(
        tx,
        tenant.id,
        ANNA,
        different.id,
        ResolutionKind.ASKED_BACK,
        reason="多扣",
        posted_on=TODAY,
    )
    exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    assert (exposure.available_e4, exposure.recoveries_e4) == (9_990_000, 10_000)
    assert "exchange" not in {kind for kind, _ in await _booked(tx, tenant)}


async def test_charges_in_another_currency_are_left_out_of_what_is_fetched(
    database: Database, tenant: Tenant
) -> None:
    orders = [order(1), order(2)]
    async with database.transaction(tenant.id) as tx:
        supplier_id = await _abroad(tx, tenant, orders)
    await connect_said(database, tenant.id)
    async with database.transaction(tenant.id) as tx:
        await set_currency(tx, tenant.id, "cli", supplier_id, "EUR")
    charges = [
        Charge(each.number, "", PRICE_E4, 1, each.made_at, each.made_at + timedelta(seconds=2))
        for each in orders
    ]
    said = SaidSupplier(charges=[Page([replace(charges[0], currency="EUR"), charges[1]])])
    statement_id, _ = await fetch_statement(
        database,
        tenant.id,
        ANNA,
        reach_to(said, Watch()),
        supplier_id=supplier_id,
        first_on=FIRST,
        last_on=LAST,
        timezone=ZONE,
    )
    async with database.transaction(tenant.id) as tx:
        statement = await statement_of(tx, tenant.id, statement_id)
        kinds = [each.kind for each in await finding_list(tx, tenant.id, statement_id)]
    assert (statement.currency, statement.line_count, statement.wrong_count) == ("EUR", 1, 1)
    assert kinds == ["missing"]


async def test_what_a_statement_cost_is_proved(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await _abroad(tx, tenant, [order(1)])
        [different] = await _found(tx, tenant, supplier_id, row(order(1), "15.1250"))
        await resolve(tx, tenant.id, ANNA, different.id, ACCEPTED, reason="涨", posted_on=TODAY)
    async with database.transaction(tenant.id) as tx:
        verified = await verify(tx, tenant.id)
    [proved] = [each for each in verified.checked if each.invariant == "exchange_at_rates"]
    assert (proved.rows_checked, proved.violations) == (1, [])
