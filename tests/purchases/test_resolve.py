"""Resolving: findings are settled by transfers or in words, once, large ones by two people."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.purchases.errors_statements import (
    FindingResolved,
    ResolutionNeedsAnother,
    ResolutionWrong,
    UnknownFinding,
)
from kashu.purchases.kinds_statements import ResolutionKind, ResolutionState, TimedBy
from kashu.purchases.statement_fetch import fetch_statement
from kashu.purchases.statement_reads import Finding, finding_list, statement_of, tallies
from kashu.purchases.statement_resolve import approve_resolution, resolution_of, resolve
from kashu.purchases.statements import take_statement
from kashu.suppliers.errors import SupplierCannot, SupplierDown
from kashu.suppliers.exposure import exposure_of
from kashu.suppliers.upstream import Can, Charge, Page
from tests.conftest import Tenant
from tests.purchases.ordered import put_orders
from tests.purchases.test_statements import BY_ORDER, ZONE, arrived, csv, order, row
from tests.suppliers.books import ANNA, BERT, TODAY, deposit, make_supplier, transfer_count
from tests.suppliers.outside import SaidSupplier, Watch, connect_said, reach_to

CARLA = "staff:carla"


async def found(tx: Tx, tenant: Tenant, amount: str = "15.1250") -> tuple[UUID, Finding, Finding]:
    """A supplier with 100 yuan of ours, an amount that differs, and an order it doesn't list."""
    supplier_id = await make_supplier(tx, tenant.id)
    await deposit(tx, tenant.id, supplier_id, 1_000_000)
    orders = [order(1), order(2), order(3, state="unclear", took=None)]
    await put_orders(tx, tenant.id, supplier_id, orders)
    what = arrived(csv(BY_ORDER, row(orders[0], amount)), supplier_id)
    statement_id, _ = await take_statement(tx, tenant.id, "cli", what, timezone=ZONE)
    different, missing = await finding_list(tx, tenant.id, statement_id)
    return supplier_id, different, missing


async def money(tx: Tx, tenant: Tenant, supplier_id: UUID) -> tuple[int, int]:
    exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    return exposure.available_e4, exposure.recoveries_e4


async def test_what_they_took_more_is_our_cost_or_asked_back(tx: Tx, tenant: Tenant) -> None:
    supplier_id, different, missing = await found(tx, tenant)
    assert (different.difference_e4, missing.difference_e4) == (10_000, -141_250)
    done = await resolve(
        tx, tenant.id, ANNA, different.id, ResolutionKind.ASKED_BACK, reason="多扣", posted_on=TODAY
    )
    assert (done.state, done.amount_e4) == (ResolutionState.DONE, 10_000)
    assert await money(tx, tenant, supplier_id) == (990_000, 10_000)
    await resolve(
        tx, tenant.id, ANNA, missing.id, ResolutionKind.ACCEPTED, reason="没扣", posted_on=TODAY
    )
    assert await money(tx, tenant, supplier_id) == (1_131_250, 10_000)
    assert await transfer_count(tx) == 3
    counted = await tallies(tx, tenant.id, different.statement_id)
    assert [(each.total, each.settled) for each in counted] == [(1, 1), (1, 1)]
    assert await finding_list(tx, tenant.id, different.statement_id, open_only=True) == []


async def test_an_explanation_moves_nothing(tx: Tx, tenant: Tenant) -> None:
    _, different, _ = await found(tx, tenant)
    done = await resolve(
        tx, tenant.id, ANNA, different.id, ResolutionKind.EXPLAINED, reason="下月", posted_on=TODAY
    )
    assert (done.state, done.amount_e4, done.transfer_id) == (ResolutionState.DONE, 0, None)
    assert await transfer_count(tx) == 1


async def test_a_finding_is_settled_once(tx: Tx, tenant: Tenant) -> None:
    supplier_id, different, _ = await found(tx, tenant)
    kind = ResolutionKind.ACCEPTED
    await resolve(tx, tenant.id, ANNA, different.id, kind, reason="a", posted_on=TODAY)
    with pytest.raises(FindingResolved):
        await resolve(tx, tenant.id, BERT, different.id, kind, reason="b", posted_on=TODAY)
    with pytest.raises(FindingResolved):
        await approve_resolution(tx, tenant.id, BERT, different.id, posted_on=TODAY)
    assert await money(tx, tenant, supplier_id) == (990_000, 0)
    assert await transfer_count(tx) == 2


async def test_a_large_adjustment_waits_for_somebody_else(tx: Tx, tenant: Tenant) -> None:
    supplier_id, different, _ = await found(tx, tenant, "114.1250")
    kind = ResolutionKind.ACCEPTED
    asked = await resolve(tx, tenant.id, ANNA, different.id, kind, reason="涨价", posted_on=TODAY)
    assert asked.state is ResolutionState.ASKED
    assert await transfer_count(tx) == 1
    with pytest.raises(ResolutionNeedsAnother):
        await approve_resolution(tx, tenant.id, ANNA, different.id, posted_on=TODAY)
    assert await resolution_of(tx, tenant.id, different.id) == asked
    done = await approve_resolution(tx, tenant.id, BERT, different.id, posted_on=TODAY)
    assert (done.state, done.approved_by) == (ResolutionState.DONE, BERT)
    assert await money(tx, tenant, supplier_id) == (0, 0)


async def test_two_who_approve_a_large_adjustment_at_once_post_it_once(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id, different, _ = await found(tx, tenant, "114.1250")
        kind = ResolutionKind.ACCEPTED
        await resolve(tx, tenant.id, ANNA, different.id, kind, reason="涨价", posted_on=TODAY)

    async def approve(actor: str) -> None:
        async with database.transaction(tenant.id) as tx:
            await approve_resolution(tx, tenant.id, actor, different.id, posted_on=TODAY)

    done = await asyncio.gather(approve(BERT), approve(CARLA), return_exceptions=True)
    assert [type(each) for each in done if each is not None] == [FindingResolved]
    async with database.transaction(tenant.id) as tx:
        assert await money(tx, tenant, supplier_id) == (0, 0)
        assert await transfer_count(tx) == 2


@pytest.mark.parametrize(
    ("which", "how", "error"),
    [
        ("missing", (ResolutionKind.ASKED_BACK, "x"), ResolutionWrong),
        ("different", (ResolutionKind.ACCEPTED, " "), ResolutionWrong),
        ("different", (ResolutionKind.ACCEPTED, "x" * 501), ResolutionWrong),
        ("nothing", (ResolutionKind.ACCEPTED, "x"), UnknownFinding),
    ],
)
async def test_what_cannot_settle_a_finding_moves_nothing(
    tx: Tx,
    tenant: Tenant,
    which: str,
    how: tuple[ResolutionKind, str],
    error: type[KashuError],
) -> None:
    _, different, missing = await found(tx, tenant)
    ids = {"missing": missing.id, "different": different.id, "nothing": uuid4()}
    with pytest.raises(error):
        kind, reason = how
        await resolve(tx, tenant.id, ANNA, ids[which], kind, reason=reason, posted_on=TODAY)
    assert await transfer_count(tx) == 1
    assert len(await finding_list(tx, tenant.id, missing.statement_id, open_only=True)) == 2


async def test_an_order_in_doubt_is_not_settled_by_an_adjustment(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    unclear = order(1, state="unclear", took=None)
    await put_orders(tx, tenant.id, supplier_id, [unclear])
    what = arrived(csv(BY_ORDER, row(unclear, "20")), supplier_id)
    statement_id, _ = await take_statement(tx, tenant.id, "cli", what, timezone=ZONE)
    [doubtful] = await finding_list(tx, tenant.id, statement_id)
    assert doubtful.what == "in_doubt"
    with pytest.raises(ResolutionWrong):
        kind = ResolutionKind.ACCEPTED
        await resolve(tx, tenant.id, ANNA, doubtful.id, kind, reason="x", posted_on=TODAY)
    assert await transfer_count(tx) == 0


def charge(number: str, amount_e4: int, at: datetime) -> Charge:
    return Charge(number, "T" + number, amount_e4, 1, at, at + timedelta(seconds=2))


async def test_a_statement_is_fetched_page_by_page_and_matched_once(
    database: Database, tenant: Tenant
) -> None:
    orders = [order(1), order(2)]
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        await put_orders(tx, tenant.id, supplier_id, orders)
    await connect_said(database, tenant.id)
    pages = [
        Page([charge(orders[0].number, 141_250, orders[0].made_at)], next="2"),
        Page([charge("X9", 10_000, datetime(2026, 11, 3, tzinfo=UTC))]),
    ]
    said = SaidSupplier(charges=[*pages, *pages, pages[0], SupplierDown(supplier="f", said="5")])
    reach = reach_to(said, Watch())

    async def fetch() -> tuple[UUID, bool]:
        return await fetch_statement(
            database,
            tenant.id,
            ANNA,
            reach,
            supplier_id=supplier_id,
            first_on=date(2026, 11, 1),
            last_on=date(2026, 11, 30),
            timezone=ZONE,
        )

    statement_id, is_new = await fetch()
    assert is_new
    assert await fetch() == (statement_id, False)
    with pytest.raises(SupplierDown):
        await fetch()
    with pytest.raises(SupplierCannot):
        said.can = frozenset({Can.BALANCE})
        await fetch()
    async with database.transaction(tenant.id) as tx:
        statement = await statement_of(tx, tenant.id, statement_id)
        kinds = [each.kind for each in await finding_list(tx, tenant.id, statement_id)]
    assert (statement.source, statement.line_count) == ("fetched", 2)
    assert statement.timed_by == TimedBy.EITHER
    assert kinds == ["extra", "missing"]
