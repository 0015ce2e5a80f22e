"""Capital: what is tied up with suppliers; and the days that count it are proved."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kashu.access.keyring import Keyrings
from kashu.core.db import Database, Tx, one_snapshot
from kashu.core.migrate import MIGRATIONS
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.reports.capital import capital
from kashu.reports.capital_books import beside_books
from kashu.reports.capital_others import Other
from kashu.suppliers.currency import set_currency
from kashu.suppliers.rates import set_rate
from tests.conftest import Tenant
from tests.reports.shop import open_shop
from tests.reports.sound import Sound
from tests.stock.builders import make_sku, put_cards
from tests.suppliers.books import TODAY, deposit, make_supplier, move

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
ZONE = "Asia/Shanghai"


async def test_what_is_tied_up_is_stock_prepaid_doubt_and_what_is_asked_back(
    tx: Tx, tenant: Tenant, keyrings: Keyrings
) -> None:
    supplier_id = await make_supplier(tx, tenant.id, "alpha")
    idle_id = await make_supplier(tx, tenant.id, "idle")
    await deposit(tx, tenant.id, supplier_id, 1_000_000)
    sent = (AccountKind.IN_DOUBT, AccountKind.PREPAID)
    await move(tx, tenant.id, supplier_id, sent, 300_000)
    asked_back = (AccountKind.RECOVERIES, AccountKind.IN_DOUBT)
    await move(tx, tenant.id, supplier_id, asked_back, 100_000)
    sold = (AccountKind.COST_OF_GOODS, AccountKind.IN_DOUBT)
    await move(tx, tenant.id, supplier_id, sold, 100_000)
    await move(tx, tenant.id, supplier_id, sold, 50_000, on=TODAY - timedelta(days=31))
    await put_cards(tx, tenant.id, 3, sku_id=await make_sku(tx, tenant.id), keyrings=keyrings)
    rows, whole = await capital(tx, tenant.id, NOON, ZONE)
    [alpha] = [row for row in rows if row.code == "alpha"]
    [idle] = [row for row in rows if row.code == "idle"]
    assert (alpha.prepaid_e4, alpha.in_doubt_e4, alpha.recoveries_e4) == (700_000, 50_000, 100_000)
    assert (alpha.tied_e4, alpha.sold_e4) == (850_000, 100_000)
    assert alpha.turnover_days == Decimal("255.0")
    assert alpha.cost_e4 == 850_000 * 60_000 * 30 // (1_000_000 * 365)
    assert (idle.tied_e4, idle.turnover_days, idle_id) == (0, None, idle_id)
    assert whole.units == 3
    assert whole.stock_e4 == sum(row.stock_e4 for row in rows) > 0
    assert whole.tied_e4 == sum(row.tied_e4 for row in rows)


async def test_an_overdrawn_balance_is_lent_to_us_and_takes_nothing_from_the_others(
    tx: Tx, tenant: Tenant
) -> None:
    full, overdrawn = [await make_supplier(tx, tenant.id, code) for code in ("full", "over")]
    await deposit(tx, tenant.id, full, 1_000_000)
    spent = (AccountKind.COST_OF_GOODS, AccountKind.PREPAID)
    await move(tx, tenant.id, overdrawn, spent, 300_000)
    rows, whole = await capital(tx, tenant.id, NOON, ZONE)
    assert [(row.code, row.tied_e4, row.net_e4) for row in rows] == [
        ("full", 1_000_000, 1_000_000),
        ("over", 0, -300_000),
    ]
    assert (whole.tied_e4, whole.net_e4, whole.prepaid_e4) == (1_000_000, 700_000, 700_000)


async def test_five_accounts_of_the_books_are_what_the_report_tells(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
        lot = await shop.receive("mgtv-month", 4, 141_250)
        await shop.sell("mgtv-month", 396_000, [(lot, lot.cards[0], 1)])
        await shop.quarantine(lot, lot.cards[1])  # nobody had it: it is ours still
        await deposit(tx, tenant.id, shop.ids["south"], 1_000_000)
        sent = (AccountKind.IN_DOUBT, AccountKind.PREPAID)
        await move(tx, tenant.id, shop.ids["south"], sent, 300_000)
    async with database.transaction(tenant.id) as tx:
        await one_snapshot(tx)
        _, whole = await capital(tx, tenant.id, NOON, ZONE)
        beside = await beside_books(tx, tenant.id, whole)
    assert whole.stock_e4 == 3 * 141_250
    assert [(each.account.value, each.told_e4, each.agrees) for each in beside] == [
        ("inventory", 3 * 141_250, True),
        ("prepaid", 700_000, True),
        ("in_doubt", 300_000, True),
        ("recoveries", 0, True),
        ("payable", 4 * 141_250, True),
    ]


async def test_a_day_that_is_not_what_was_posted_is_named(sound: Sound) -> None:
    sound.break_("UPDATE ledger.supplier_days SET payable_credit_e4 = payable_credit_e4 + 1")
    verified = await sound.verify()
    broken = [each.rule for found in verified.checked for each in found.violations]
    assert broken == ["supplier_day_is_not_what_was_posted"]


async def test_an_upgrade_counts_what_was_posted_before(sound: Sound) -> None:
    written = (MIGRATIONS / "prepaid_0012.sql").read_text()
    begins = written.index("INSERT INTO ledger.supplier_days")
    fill = written[begins : written.index("ALTER TABLE", begins)]
    sound.break_("DELETE FROM ledger.supplier_days")
    assert not (await sound.verify()).ok
    sound.break_(fill)
    assert (await sound.verify()).ok


async def test_money_in_other_currencies_counts_in_ours_at_the_rate_last_entered(
    database: Database, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        home, *abroad = [await make_supplier(tx, tenant.id, code) for code in ("a", "b", "c", "d")]
        await deposit(tx, tenant.id, home, 1_000_000)
        for supplier_id, currency in zip(abroad, ("EUR", "EUR", "USD"), strict=True):
            await set_currency(tx, tenant.id, "cli", supplier_id, currency)
            await deposit(tx, tenant.id, supplier_id, 100_000)
        spent = Transfer(
            Account(AccountKind.EXCHANGE, abroad[1]),
            Account(AccountKind.PREPAID, abroad[1]),
            150_000,
            0,
            "test",
            abroad[1],
        )
        await post(tx, tenant.id, [spent], posted_on=TODAY, currency="EUR")
        await set_rate(tx, tenant.id, "cli", "EUR", "7.812345")
    async with database.transaction(tenant.id) as tx:
        await one_snapshot(tx)
        rows, whole = await capital(tx, tenant.id, NOON, ZONE)
        beside = await beside_books(tx, tenant.id, whole)
    assert [(row.code, row.prepaid_e4, row.tied_e4, row.net_e4) for row in rows] == [
        ("a", 1_000_000, 1_000_000, 1_000_000),
        ("b", 0, 781_235, 781_235),
        ("c", 0, 0, -390_617),  # they lend us 5 euros
        ("d", 0, 0, 0),  # nobody knows what a dollar is
    ]
    assert (whole.tied_e4, whole.others_e4, whole.net_e4) == (1_781_235, 781_235, 1_390_618)
    assert whole.others == (
        Other("EUR", 100_000, 50_000, 7_812_345, 781_235, 390_617),
        Other("USD", 100_000, 0, None, 0, 0),
    )
    assert all(each.agrees for each in beside)
