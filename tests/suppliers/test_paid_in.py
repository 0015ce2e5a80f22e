"""A supplier that is paid in euros: our money there is seen in euros, and never added to yuan."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Row, select, text

from kashu.core.db import Database, Tx
from kashu.core.events import events_of
from kashu.core.secrets import Secret
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.ledger.reads import trial_balance
from kashu.suppliers.alerts import alert_list
from kashu.suppliers.balances import balance_history, read_balance
from kashu.suppliers.connections import NewConnection, connect
from kashu.suppliers.currency import currency_of, set_currency
from kashu.suppliers.dues import dues
from kashu.suppliers.errors_prepaid import ExposureOver, MovementWrong, PrepaidShort
from kashu.suppliers.exposure import check_room, exposure_of
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.kinds_prepaid import (
    AlertKind,
    CashMethod,
    MovementKind,
    MovementState,
    Verdict,
)
from kashu.suppliers.letter import LetterFormat, read_letter, write_letter
from kashu.suppliers.limits import LimitChanges, change_limits
from kashu.suppliers.movement_reads import movement_of
from kashu.suppliers.movements import WantedMovement, approve_movement, ask_for_movement
from kashu.suppliers.overview import overview_of
from kashu.suppliers.prepaid import Standing, standings, watch_prepaid
from kashu.suppliers.rates import set_rate
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.tables import suppliers
from kashu.suppliers.upstream import Balance
from tests.conftest import MASTERS, Tenant
from tests.suppliers.books import ANNA, BERT, TODAY, deposit, make_supplier
from tests.suppliers.outside import SaidSupplier, Watch, connect_said, reach_to

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
DEPOSIT_E4 = 10_000_000


async def abroad(tx: Tx, tenant: Tenant, code: str = "fulu") -> UUID:
    """A supplier that is paid in euros, with 1000 of ours."""
    supplier_id = await make_supplier(tx, tenant.id, code)
    await set_currency(tx, tenant.id, "cli", supplier_id, "EUR")
    await deposit(tx, tenant.id, supplier_id, DEPOSIT_E4)
    return supplier_id


async def _spent(tx: Tx, tenant: Tenant, supplier_id: UUID, amount_e4: int, days: int) -> None:
    exchange, prepaid = (
        Account(kind, supplier_id) for kind in (AccountKind.EXCHANGE, AccountKind.PREPAID)
    )
    transfer = Transfer(exchange, prepaid, amount_e4, 0, "test", supplier_id)
    on = TODAY - timedelta(days=days)
    await post(tx, tenant.id, [transfer], posted_on=on, currency="EUR")


async def _standing(tx: Tx, tenant: Tenant) -> Standing:
    [standing] = await standings(tx, tenant.id, NOON, ZONE)
    return standing


async def _booked(tx: Tx, tenant: Tenant) -> dict[tuple[str, str], int]:
    balance = await trial_balance(tx, tenant.id)
    return {(each.kind, each.currency): each.balance_e4 for each in balance.accounts}


async def test_it_is_paid_in_what_its_protocol_sells_in(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    assert await currency_of(tx, tenant.id, supplier_id) == "CNY"
    wanted = NewConnection("kinguin", "we", Secret("s"), currency="EUR")
    await connect(tx, tenant.id, "cli", "fulu", wanted, masters=MASTERS)
    assert await currency_of(tx, tenant.id, supplier_id) == "EUR"
    changed = (await events_of(tx, tenant.id, supplier_id))[-1]
    assert (changed.kind, changed.facts["after"]) == ("supplier.changed", {"currency": "EUR"})

    # Its account was found to be in dollars; the same protocol with another key says nothing new.
    await set_currency(tx, tenant.id, "system", supplier_id, "USD")
    again = replace(wanted, account="you")
    await connect(tx, tenant.id, "cli", "fulu", again, masters=MASTERS)
    assert await currency_of(tx, tenant.id, supplier_id) == "USD"


async def test_it_is_paid_in_what_its_balance_is_told_in(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        wanted = WantedMovement(
            supplier_id, MovementKind.OPENING, DEPOSIT_E4, "期初", currency="EUR"
        )
        asked = await ask_for_movement(tx, tenant.id, ANNA, wanted)
        await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    await connect_said(database, tenant.id)
    said = SaidSupplier(balances=[Balance(DEPOSIT_E4, currency="EUR"), Balance(1, currency="€")])
    reach = reach_to(said, Watch())
    reading = await read_balance(database, tenant.id, reach, supplier_id)
    assert reading is not None
    assert (reading.verdict, reading.ours_e4, reading.currency) == (
        Verdict.AGREES,
        DEPOSIT_E4,
        "EUR",
    )
    await read_balance(database, tenant.id, reach, supplier_id)  # what is no code changes nothing
    async with database.transaction(tenant.id) as tx:
        assert await currency_of(tx, tenant.id, supplier_id) == "EUR"
        history = await balance_history(tx, tenant.id, supplier_id)
    assert [each.currency for each in history] == ["EUR", "EUR"]


async def test_an_upgrade_finds_what_suppliers_are_paid_in(tx: Tx, tenant: Tenant) -> None:
    paid_in = import_module("kashu.migrations.0027_paid_in").PAID_IN
    sold = {"euros": ["EUR", "EUR"], "yuan": ["CNY"], "both": ["EUR", "USD"], "nothing": []}
    for code, currencies in sold.items():
        supplier_id = await make_supplier(tx, tenant.id, code)
        for place, currency in enumerate(currencies):
            await tx.execute(
                text(
                    "INSERT INTO suppliers.offers"
                    " (tenant_id, id, supplier_id, ref, title, goods, currency)"
                    " VALUES (:tenant, gen_random_uuid(), :supplier, :ref, '', 'card', :currency)"
                ),
                {
                    "tenant": tenant.id,
                    "supplier": supplier_id,
                    "ref": str(place),
                    "currency": currency,
                },
            )
    await tx.execute(text(paid_in), {"tenant": tenant.id})
    found = {code: (await supplier_by_code(tx, tenant.id, code)).currency for code in sold}
    assert found == {"euros": "EUR", "yuan": "CNY", "both": "CNY", "nothing": "CNY"}


async def test_what_is_there_and_how_long_it_lasts_is_told_in_euros(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await abroad(tx, tenant)
    await _spent(tx, tenant, supplier_id, 1_000_000, days=5)
    await _spent(tx, tenant, supplier_id, 4_000_000, days=0)
    standing = await _standing(tx, tenant)
    assert (standing.exposure.currency, standing.exposure.available_e4) == ("EUR", 5_000_000)
    assert (standing.burn.today_e4, standing.burn.hours_left) == (4_000_000, 44)
    assert standing.others == []
    [line] = await overview_of(tx, tenant.id, [supplier_id], NOON, ZONE)
    assert line.currency == "EUR"


async def test_yuan_with_it_are_told_beside_its_euros(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await abroad(tx, tenant)
    for currency, amount_e4 in (("CNY", 70_000), ("USD", 30_000), ("USD", -30_000)):
        opening = WantedMovement(
            supplier_id, MovementKind.OPENING, amount_e4, "期初", currency=currency
        )
        asked = await ask_for_movement(tx, tenant.id, ANNA, opening)
        await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    standing = await _standing(tx, tenant)
    assert standing.exposure.available_e4 == DEPOSIT_E4
    assert [(each.currency, each.prepaid_e4) for each in standing.others] == [("CNY", 70_000)]


async def test_people_are_told_when_its_euros_run_low_and_not_before(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await abroad(tx, tenant)
        await change_limits(tx, tenant.id, "cli", "fulu", LimitChanges(balance_low_e4=1_000_000))
    await watch_prepaid(database, tenant.id, ZONE, Watch(NOON))
    async with database.transaction(tenant.id) as tx:
        assert await alert_list(tx, tenant.id) == []
        await _spent(tx, tenant, supplier_id, DEPOSIT_E4 - 900_000, days=10)
    await watch_prepaid(database, tenant.id, ZONE, Watch(NOON))
    async with database.transaction(tenant.id) as tx:
        [alert] = await alert_list(tx, tenant.id)
    assert (alert.kind, alert.facts["available"]) == (AlertKind.BALANCE_LOW, "90.00")
    assert alert.facts["currency"] == "EUR"


async def test_its_limits_are_of_euros(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await abroad(tx, tenant)
    limits = LimitChanges(exposure_max_e4=DEPOSIT_E4 + 500_000, credit_max_e4=0)
    await change_limits(tx, tenant.id, "cli", "fulu", limits)
    exposure = await check_room(tx, tenant.id, supplier_id, DEPOSIT_E4)
    assert (exposure.currency, exposure.room_e4) == ("EUR", DEPOSIT_E4)
    with pytest.raises(PrepaidShort):
        await check_room(tx, tenant.id, supplier_id, DEPOSIT_E4 + 1)
    more = WantedMovement(
        supplier_id, MovementKind.DEPOSIT, 500_001, "充值", method=CashMethod.BANK
    )
    with pytest.raises(ExposureOver):
        await ask_for_movement(tx, tenant.id, ANNA, more)
    asked = await ask_for_movement(tx, tenant.id, ANNA, replace(more, amount_e4=500_000))
    assert asked.currency == "EUR"


async def test_what_is_owed_in_euros_falls_due(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        supplier_id = await abroad(tx, tenant)
        terms = LimitChanges(settlement=Settlement.PAYABLE, settle_days=7)
        await change_limits(tx, tenant.id, "cli", "fulu", terms)
        owed = Transfer(
            Account(AccountKind.EXCHANGE, supplier_id),
            Account(AccountKind.PAYABLE, supplier_id),
            500_000,
            0,
            "test",
            supplier_id,
        )
        on = TODAY - timedelta(days=8)
        await post(tx, tenant.id, [owed], posted_on=on, currency="EUR")
        [found] = await dues(tx, tenant.id, TODAY)
        assert (found.currency, found.payable_e4, found.overdue_e4) == ("EUR", 500_000, 500_000)
    await watch_prepaid(database, tenant.id, ZONE, Watch(NOON))
    async with database.transaction(tenant.id) as tx:
        [alert] = await alert_list(tx, tenant.id)
    assert (alert.kind, alert.facts["currency"]) == (AlertKind.PAYABLE_OVERDUE, "EUR")


async def test_its_letter_asks_for_euros(tx: Tx, tenant: Tenant) -> None:
    await abroad(tx, tenant)
    supplier = await supplier_by_code(tx, tenant.id, "fulu")
    letter = await read_letter(tx, tenant.id, supplier, TODAY, ours="小店", today=TODAY)
    written = write_letter(letter, LetterFormat.MARKDOWN).decode()
    assert "币种 EUR" in written
    assert "| 预付款余额 | Prepaid balance | 1000.00 | |" in written


async def test_a_movement_is_in_euros_unless_somebody_says_otherwise(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await abroad(tx, tenant)
    wanted = WantedMovement(supplier_id, MovementKind.CORRECTION, -100_000, "扣费", request_key="k")
    asked = await ask_for_movement(tx, tenant.id, ANNA, wanted)
    assert asked.currency == "EUR"
    for same in (wanted, replace(wanted, currency="EUR")):
        assert (await ask_for_movement(tx, tenant.id, ANNA, same)).id == asked.id


@pytest.mark.parametrize(
    ("kind", "amount_e4", "cost"),
    [
        (MovementKind.CORRECTION, -100_000, ("cost_of_goods", 781_235)),
        (MovementKind.CORRECTION, 100_000, ("cost_of_goods", -781_235)),
        (MovementKind.WRITTEN_OFF, 100_000, ("after_sales_loss", 781_235)),
    ],
)
async def test_what_it_took_is_a_cost_in_yuan_at_the_rate_that_was_entered(
    tx: Tx, tenant: Tenant, kind: MovementKind, amount_e4: int, cost: tuple[str, int]
) -> None:
    supplier_id = await abroad(tx, tenant)
    recoveries, prepaid = (
        Account(each, supplier_id) for each in (AccountKind.RECOVERIES, AccountKind.PREPAID)
    )
    if kind is MovementKind.WRITTEN_OFF:
        back = Transfer(recoveries, prepaid, 100_000, 0, "test", supplier_id)
        await post(tx, tenant.id, [back], posted_on=TODAY, currency="EUR")
    wanted = WantedMovement(supplier_id, kind, amount_e4, "对账")
    asked = await ask_for_movement(tx, tenant.id, ANNA, wanted)
    before = await _booked(tx, tenant)
    with pytest.raises(MovementWrong):
        async with tx.begin_nested():
            await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    assert await _booked(tx, tenant) == before
    assert (await movement_of(tx, tenant.id, asked.id)).state is MovementState.ASKED

    await set_rate(tx, tenant.id, "cli", "EUR", "7.812345")
    await approve_movement(tx, tenant.id, BERT, asked.id, posted_on=TODAY)
    account, cost_e4 = cost
    prepaid_e4 = DEPOSIT_E4 - (100_000 if cost_e4 > 0 else -100_000)
    booked = await _booked(tx, tenant)
    assert booked[account, "CNY"] == cost_e4
    assert (account, "EUR") not in booked
    assert booked["exchange", "CNY"] == -cost_e4
    assert booked["prepaid", "EUR"] == prepaid_e4
    exposure = (await exposure_of(tx, tenant.id, [supplier_id]))[supplier_id]
    assert (exposure.available_e4, exposure.recoveries_e4) == (prepaid_e4, 0)


async def _limits(tx: Tx, supplier_id: UUID) -> Row[Any]:
    found = await tx.execute(select(suppliers).where(suppliers.c.id == supplier_id))
    return found.one()


async def test_limits_keep_their_worth_where_the_currency_changes(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id, "fulu")
    await set_rate(tx, tenant.id, "cli", "EUR", "8")
    await change_limits(
        tx,
        tenant.id,
        "cli",
        "fulu",
        LimitChanges(exposure_max_e4=80_000_000, balance_low_e4=4_000_000),
    )
    await set_currency(tx, tenant.id, "system", supplier_id, "EUR")
    limited = await _limits(tx, supplier_id)
    assert (limited.exposure_max_e4, limited.balance_low_e4) == (10_000_000, 500_000)
    assert (limited.credit_max_e4, limited.tolerance_e4) == (None, 1_250)
    [told] = [
        event
        for event in await events_of(tx, tenant.id, supplier_id)
        if event.facts.get("after", {}).get("currency")
    ]
    assert told.facts["before"]["exposure_max_e4"] == 80_000_000


async def test_limits_are_zero_where_nobody_entered_a_rate(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id, "fulu")
    await change_limits(tx, tenant.id, "cli", "fulu", LimitChanges(exposure_max_e4=80_000_000))
    await set_currency(tx, tenant.id, "system", supplier_id, "USD")
    limited = await _limits(tx, supplier_id)
    assert (limited.exposure_max_e4, limited.tolerance_e4) == (0, 10_000)
