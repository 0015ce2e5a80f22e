"""The cockpit: each ten minutes as the books have them, beside other days up to the same hour."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, insert, select

from kashu.core.clock import day_of
from kashu.core.db import Database, Tx
from kashu.core.events import events
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.reports import annotations as notes
from kashu.reports.cockpit import Grain, best_sellers, read_now, so_far, strip, trend
from kashu.reports.errors import NoSuchAnnotation, SpanBackwards, SpanTooLong
from kashu.reports.pulse import KEPT, count_pulse
from kashu.reports.tables import annotations, pulse
from tests.conftest import Tenant
from tests.reports.shop import REVENUE, Shop, open_shop

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 11, 23, 4, 7, tzinfo=UTC)  # 12:07 there, a Monday
TODAY = day_of(NOON, ZONE)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
SOLD_E4, COST_E4 = 198_000, 141_250
GAIN_E4 = SOLD_E4 - COST_E4

FIND = "SELECT coalesce(sum(units), 0) FROM reports.pulse"


class Days:
    """A shop whose sales can be dated: as the owner of the tables, for our role can't."""

    def __init__(self, database: Database, owner_url: str, shop: Shop) -> None:
        self.database, self.owner_url, self.shop = database, owner_url, shop
        self.tenant_id = shop.tenant_id

    async def sell(self, *moments: datetime, sku: str = "mgtv-month") -> list[UUID]:
        """Sell one at each moment."""
        sold = []
        for moment in moments:
            async with self.database.transaction(self.tenant_id) as tx:
                self.shop.tx = tx
                lot = await self.shop.receive(sku, 1, COST_E4)
                given = [(lot, lot.cards[0], 1)]
                line_id = await self.shop.sell(sku, SOLD_E4, given, on=day_of(moment, ZONE))
            self.date(line_id, moment)
            sold.append(line_id)
        return sold

    async def give_back(self, moment: datetime) -> None:
        """Give the money of one back."""
        ids = self.shop.ids
        about = (ids["mgtv-month"], ids["tmall"], None, ids["north"])
        owed = Account(AccountKind.RECEIVABLE, ids["tmall"])
        refund_id = new_id()
        back = Transfer(REVENUE, owed, SOLD_E4, 1, "refund", refund_id, *about)
        async with self.database.transaction(self.tenant_id) as tx:
            await post(tx, self.tenant_id, [back], posted_on=day_of(moment, ZONE))
        self.date(refund_id, moment)

    def date(self, subject_id: UUID, moment: datetime) -> None:
        """Say when something was posted, and the order of a line accepted."""
        with psycopg.connect(self.owner_url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(
                "UPDATE ledger.transfers SET posted_at = %s WHERE subject_id = %s",
                (moment, subject_id),
            )
            connection.execute(
                "UPDATE orders.orders SET accepted_at = %s"
                " WHERE id = (SELECT order_id FROM orders.lines WHERE id = %s)",
                (moment, subject_id),
            )

    async def count(self, moment: datetime = NOON) -> None:
        await count_pulse(self.database, self.tenant_id, lambda: moment)


@pytest.fixture
async def days(database: Database, owner_url: str, tenant: Tenant) -> Days:
    async with database.transaction(tenant.id) as tx:
        shop = await open_shop(tx, tenant.id)
    return Days(database, owner_url, shop)


async def test_today_stands_beside_other_days_up_to_the_same_hour(days: Days) -> None:
    lately = NOON - timedelta(minutes=30)
    await days.sell(lately, NOON - timedelta(hours=2))
    await days.give_back(lately)
    await days.sell(lately - DAY, NOON - DAY + timedelta(hours=1))  # the second: later that day
    await days.sell(lately - WEEK, lately - WEEK, lately - 2 * DAY)  # the last: on neither day
    await days.sell(NOON - timedelta(minutes=5))  # within the ten minutes that aren't over
    await days.count()
    async with days.database.transaction(days.tenant_id) as tx:
        found = await strip(tx, days.tenant_id, NOON, ZONE)
    today = found.today
    assert (today.orders, today.units) == (2, 1)
    assert (today.revenue_e4, today.profit_e4) == (SOLD_E4, 2 * GAIN_E4 - SOLD_E4)
    assert today.margin == (Decimal(2 * GAIN_E4 - SOLD_E4) / SOLD_E4).quantize(Decimal("0.0001"))
    assert today.begins_at == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    assert today.ends_at == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert (found.yesterday.orders, found.yesterday.revenue_e4) == (1, SOLD_E4)
    assert found.yesterday.ends_at == today.ends_at - DAY
    assert (found.week_ago.orders, found.week_ago.profit_e4) == (2, 2 * GAIN_E4)


async def test_today_so_far_is_what_the_lists_have_whatever_was_counted(days: Days) -> None:
    await days.sell(NOON - timedelta(hours=3), NOON - timedelta(minutes=25))
    await days.sell(NOON - DAY)
    await days.count()
    await days.sell(NOON - timedelta(minutes=9), NOON - timedelta(minutes=1))  # not counted yet
    async with days.database.transaction(days.tenant_id) as tx:
        found = await so_far(tx, days.tenant_id, NOON, ZONE)
    assert (found.orders, found.units) == (4, 4)
    assert (found.revenue_e4, found.profit_e4) == (4 * SOLD_E4, 4 * GAIN_E4)
    assert found.begins_at == datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
    await days.count()
    async with days.database.transaction(days.tenant_id) as tx:
        assert await so_far(tx, days.tenant_id, NOON, ZONE) == found


async def test_what_is_posted_late_is_counted_again_and_nothing_twice(days: Days) -> None:
    await days.sell(NOON - timedelta(minutes=12))
    await days.count()
    await days.count()
    late = NOON - timedelta(minutes=19)  # dated before the last count, and committed after it
    await days.sell(late)
    await days.count(NOON + timedelta(seconds=20))
    async with days.database.transaction(days.tenant_id) as tx:
        rows = await tx.execute(select(func.sum(pulse.c.units), func.sum(pulse.c.orders)))
        assert rows.one() == (2, 2)


async def test_the_pulse_adds_up_to_the_books(days: Days) -> None:
    moments = [NOON - timedelta(hours=hours) for hours in (1, 5, 26, 50, 170)]
    await days.sell(*moments)
    await days.sell(*moments[:2], sku="iqiyi-month")
    await days.count()
    with psycopg.connect(days.owner_url) as connection:
        in_books = connection.execute(
            "SELECT sum(credit_e4 - debit_e4) FILTER (WHERE kind = 'revenue'),"
            " sum(credit_e4 - debit_e4), sum(quantity) FILTER (WHERE kind = 'revenue')"
            " FROM ledger.daily"
        ).fetchone()
        counted = connection.execute(
            "SELECT sum(revenue_e4), sum(profit_e4), sum(units) FROM reports.pulse"
        ).fetchone()
    assert counted == in_books


async def test_an_old_pulse_is_forgotten_and_the_books_are_not(days: Days) -> None:
    await days.sell(NOON - DAY)
    await days.count()
    await days.count(NOON + KEPT)
    with psycopg.connect(days.owner_url) as connection:
        assert connection.execute(FIND).fetchone() == (0,)
        kept = connection.execute("SELECT count(*) FROM ledger.transfers").fetchone()
    assert kept is not None
    assert kept[0] > 0


async def test_a_curve_has_the_merchants_hours_days_and_weeks(days: Days) -> None:
    begins = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)  # Monday's midnight there
    await days.sell(begins, begins + timedelta(minutes=59), begins + timedelta(hours=1))
    await days.sell(begins - timedelta(seconds=1))  # still Sunday
    await days.count()
    async with days.database.transaction(days.tenant_id) as tx:

        async def read(grain: Grain, since: date, until: date) -> list[tuple[datetime, int]]:
            points = await trend(tx, days.tenant_id, grain, since, until, timezone=ZONE)
            return [(point.begins_at, point.orders) for point in points]

        hours = await read(Grain.HOUR, TODAY, TODAY)
        by_day = await read(Grain.DAY, TODAY - DAY, TODAY)
        weeks = await read(Grain.WEEK, TODAY - WEEK, TODAY)
    assert hours == [(begins, 2), (begins + timedelta(hours=1), 1)]
    assert by_day == [(begins - DAY, 1), (begins, 3)]
    assert weeks == [(begins - WEEK, 1), (begins, 3)]


async def test_a_curve_of_nonsense_is_refused(tx: Tx, tenant: Tenant) -> None:
    with pytest.raises(SpanBackwards):
        await trend(tx, tenant.id, Grain.DAY, TODAY, TODAY - DAY, timezone=ZONE)
    with pytest.raises(SpanTooLong) as refused:
        await trend(tx, tenant.id, Grain.HOUR, TODAY - 90 * DAY, TODAY, timezone=ZONE)
    assert "1000" in refused.value.text("en")


async def test_best_sellers_say_how_long_their_stock_lasts(days: Days) -> None:
    await days.sell(NOON - DAY, NOON - 2 * DAY, sku="iqiyi-month")
    await days.sell(NOON, NOON, NOON - 6 * DAY)
    await days.give_back(NOON)
    await days.sell(NOON - 8 * DAY)  # before the seven days
    async with days.database.transaction(days.tenant_id) as tx:
        days.shop.tx = tx
        await days.shop.receive("mgtv-month", 10, COST_E4)
    async with days.database.transaction(days.tenant_id) as tx:
        found = await best_sellers(tx, days.tenant_id, TODAY - 6 * DAY, TODAY, limit=10)
        [first] = await best_sellers(tx, days.tenant_id, TODAY - 6 * DAY, TODAY, limit=1)
    by_code = {each.code: each for each in found}
    month = by_code["mgtv-month"]
    assert (month.units, month.revenue_e4, month.available) == (2, 2 * SOLD_E4, 10)
    assert month.lasts_days(7) == Decimal("35.0")
    assert by_code["iqiyi-month"].available == 0
    assert first == found[0]


async def test_only_what_waits_now_counts_as_short(days: Days) -> None:
    async with days.database.transaction(days.tenant_id) as tx:
        found = await read_now(tx, days.tenant_id, NOON)
    assert (found.last_minute, found.short_lines, found.short_units) == (0, 0, 0)
    await days.sell(NOON - timedelta(seconds=30), NOON - timedelta(seconds=70))
    async with days.database.transaction(days.tenant_id) as tx:
        found = await read_now(tx, days.tenant_id, NOON)
    assert found.last_minute == 1
    assert (len(found.beats), found.beats[29]) == (60, 1)  # 30 seconds ago
    assert found.last_order_at == NOON - timedelta(seconds=30)


async def test_a_note_explains_a_day_until_it_is_taken_away(tx: Tx, tenant: Tenant) -> None:
    made = await notes.annotate(tx, tenant.id, "staff:ann", TODAY, "《新剧》开播")
    await notes.annotate(tx, tenant.id, "staff:ann", TODAY - WEEK, "大促")
    [found] = await notes.annotations_of(tx, tenant.id, TODAY - DAY, TODAY)
    assert (found.id, found.text) == (made.id, "《新剧》开播")
    await notes.remove(tx, tenant.id, "staff:ann", made.id)
    assert await notes.annotations_of(tx, tenant.id, TODAY - DAY, TODAY) == []
    kinds = await tx.execute(select(events.c.kind).where(events.c.subject_id == made.id))
    assert sorted(kinds.scalars()) == ["annotation.added", "annotation.removed"]


async def test_a_note_that_is_not_there_is_not_taken_away(tx: Tx, tenant: Tenant) -> None:
    await tx.execute(
        insert(annotations).values(
            tenant_id=tenant.id, id=new_id(), on_day=TODAY, text="大促", actor="cli"
        )
    )
    with pytest.raises(NoSuchAnnotation):
        await notes.remove(tx, tenant.id, "staff:ann", new_id())
    assert len(await notes.annotations_of(tx, tenant.id, TODAY, TODAY)) == 1
