"""Verify: a sound shop passes, and whatever is broken by hand is found and named."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import msgspec
import psycopg
import pytest
from sqlalchemy import insert, select, text

from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.ledger.tables import daily, transfers
from kashu.orders.tables import refunds
from kashu.reports.rules import RULES
from kashu.reports.verify import _STATEMENTS, INVARIANTS, Verified, verify
from kashu.stock.tables import reservations
from tests.conftest import Tenant
from tests.reports.shop import Lot, open_shop


@dataclass
class Sound:
    """A shop whose books, orders and cards agree: something of everything."""

    database: Database
    owner_url: str
    tenant: Tenant
    lot: Lot  # of four: sold and seen, sold unseen, in stock, quarantined
    shared: Lot  # a card of three uses: sold and seen, sold unseen, free
    seen_line: UUID
    unseen_line: UUID

    async def verify(self) -> Verified:
        async with self.database.transaction(self.tenant.id) as tx:
            return await verify(tx, self.tenant.id)

    async def found(self) -> dict[str, list[str]]:
        """Each broken rule, with the ids of its rows."""
        verified = await self.verify()
        violations = [found for each in verified.checked for found in each.violations]
        assert verified.ok is not bool(violations)
        return {found.rule: [row.id for row in found.rows] for found in violations}

    def break_(self, statement: str, *values: object) -> None:
        """Change the database as its owner, behind the program's back, foreign keys or not."""
        with psycopg.connect(self.owner_url) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(statement, values)  # type: ignore[arg-type, unused-ignore]

    @contextmanager
    def without(self, table: str, rule: str) -> Iterator[None]:
        """Take a CHECK or a unique index away; the test's rows are gone when it comes back."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            row = connection.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", (rule,)
            ).fetchone()
            if row:
                take = f"ALTER TABLE {table} DROP CONSTRAINT {rule}"
                put = f"ALTER TABLE {table} ADD CONSTRAINT {rule} {row[0]}"
            else:
                row = connection.execute(
                    "SELECT indexdef FROM pg_indexes WHERE indexname = %s", (rule,)
                ).fetchone()
                assert row, rule
                take, put = f"DROP INDEX {table.partition('.')[0]}.{rule}", row[0]
            connection.execute(take)  # type: ignore[call-overload, unused-ignore]
            try:
                yield
            finally:
                connection.execute(f"TRUNCATE {table} CASCADE")  # type: ignore[arg-type, unused-ignore]
                connection.execute(put)


@pytest.fixture
async def shop(database: Database, owner_url: str, tenant: Tenant) -> Sound:
    async with database.transaction(tenant.id) as tx:
        made = await open_shop(tx, tenant.id)
        lot = await made.receive("mgtv-month", 4, 141_250)
        seen_line = await made.sell("mgtv-month", 198_000, [(lot, lot.cards[0], 1)])
        await made.reveal(lot, lot.cards[0], seen_line)
        unseen_line = await made.sell("mgtv-month", 198_000, [(lot, lot.cards[1], 1)])
        await made.quarantine(lot, lot.cards[3])
        shared = await made.receive("iqiyi-shared", 1, 10_000, warehouse="spare", max_uses=3)
        first = await made.sell("iqiyi-shared", 30_000, [(shared, shared.cards[0], 1)])
        await made.reveal(shared, shared.cards[0], first)
        await made.sell("iqiyi-shared", 30_000, [(shared, shared.cards[0], 2)], store="jd")
    return Sound(database, owner_url, tenant, lot, shared, seen_line, unseen_line)


async def test_a_sound_shop_passes_and_all_of_it_was_looked_at(shop: Sound) -> None:
    verified = await shop.verify()
    assert [each.violations for each in verified.checked] == [[]] * len(INVARIANTS)
    assert verified.ok
    looked_at = {each.invariant: each.rows_checked for each in verified.checked}
    assert {name: looked_at[name] for name in list(INVARIANTS)[:10]} == {
        "card_allocations": 5,
        "card_reservations": 5,
        "lot_counters": 2,
        "lines_add_up": 4,
        "lines_agree": 4,
        "nothing_after_refund": 0,
        "reveals_recorded": 2,
        "books_balance": 10,
        "daily_totals": 6,
        "inventory_at_cost": 2,
    }
    assert looked_at["rules_in_force"] > 100
    assert looked_at["tenants_apart"] > 25


async def test_an_empty_shop_passes(database: Database, tenant: Tenant) -> None:
    async with database.transaction(tenant.id) as tx:
        assert (await verify(tx, tenant.id)).ok


async def test_the_answer_is_json_and_says_what_to_do(shop: Sound) -> None:
    shop.break_("UPDATE stock.cards SET state = 'void' WHERE id = %s", shop.lot.cards[1])
    answer = msgspec.json.decode(msgspec.json.encode(await shop.verify()))
    violations = [found for each in answer["checked"] for found in each["violations"]]
    assert answer["ok"] is False
    assert {found["rule"]: found["total"] for found in violations} == {
        "kept_card_has_a_line": 1,
        "lot_counts_what_is_not_there": 1,
    }
    assert violations[0]["rows"] == [
        {"id": str(shop.lot.cards[1]), "says": "void with 1 live allocations"}
    ]
    assert violations[0]["zh"] == RULES["kept_card_has_a_line"][0]


async def test_it_changes_nothing_and_may_not(shop: Sound) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        await verify(tx, shop.tenant.id)
        with pytest.raises(Exception, match="read-only"):
            await tx.execute(text("UPDATE stock.lots SET head = 2"))
        await tx.rollback()


async def test_at_most_twenty_rows_are_named_and_all_are_counted(
    database: Database, owner_url: str, tenant: Tenant
) -> None:
    async with database.transaction(tenant.id) as tx:
        made = await open_shop(tx, tenant.id)
        await made.receive("mgtv-month", 25, 141_250)
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE stock.cards SET state = 'allocated'")
    async with database.transaction(tenant.id) as tx:
        verified = await verify(tx, tenant.id)
    [lost] = verified.checked[0].violations
    assert (lost.rule, lost.total, len(lost.rows)) == ("given_card_has_no_line", 25, 20)


async def test_another_tenants_rows_are_neither_checked_nor_named(
    shop: Sound, other_tenant: Tenant
) -> None:
    shop.break_("UPDATE stock.cards SET state = 'void' WHERE id = %s", shop.lot.cards[1])
    async with shop.database.transaction(other_tenant.id) as tx:
        verified = await verify(tx, other_tenant.id)
    assert verified.ok
    assert verified.checked[0].rows_checked == 0


# ── What is broken by hand, and what it is called ────────────────────────────────────────────────


async def test_a_card_given_to_two_lines_is_named(shop: Sound) -> None:
    with shop.without("stock.allocations", "card_is_given_to_one_line"):
        shop.break_(
            "INSERT INTO stock.allocations SELECT tenant_id, gen_random_uuid(), card_id,"
            " use_number, %s, lot_id, choice_id FROM stock.allocations WHERE card_id = %s",
            shop.unseen_line,
            shop.lot.cards[0],
        )
        found = await shop.found()
    assert found["card_given_too_often"] == [str(shop.lot.cards[0])]
    assert found["line_was_not_delivered_its_cards"] == [str(shop.unseen_line)]
    assert found["line_cost_what_the_books_deny"] == [str(shop.unseen_line)]
    assert found["rule_is_missing"] == ["stock.allocations.card_is_given_to_one_line"]


async def test_a_use_of_a_shared_card_given_to_two_lines_is_named(shop: Sound) -> None:
    with shop.without("stock.allocations", "card_is_given_to_one_line"):
        shop.break_(
            "INSERT INTO stock.allocations SELECT tenant_id, gen_random_uuid(), card_id,"
            " use_number, line_id, lot_id, choice_id FROM stock.allocations WHERE card_id = %s",
            shop.shared.cards[0],
        )
        found = await shop.found()
    card = str(shop.shared.cards[0])
    assert found["card_given_too_often"] == [card]
    assert found["card_use_given_twice"] == [card, card]


async def test_a_use_that_a_card_does_not_have_is_named(shop: Sound) -> None:
    shop.break_(
        "UPDATE stock.allocations SET use_number = 4 WHERE card_id = %s AND use_number = 2",
        shop.shared.cards[0],
    )
    assert await shop.found() == {"card_use_unknown": [str(shop.shared.cards[0])]}


async def test_a_second_use_of_a_card_that_has_one_is_named(shop: Sound) -> None:
    shop.break_("UPDATE stock.allocations SET use_number = 2 WHERE card_id = %s", shop.lot.cards[0])
    assert await shop.found() == {"card_use_unknown": [str(shop.lot.cards[0])]}


async def test_a_given_card_without_a_line_is_named(shop: Sound) -> None:
    shop.break_(
        "UPDATE stock.allocations SET released_at = now(), released_because = 'x'"
        " WHERE card_id = %s",
        shop.lot.cards[1],
    )
    found = await shop.found()
    assert found["given_card_has_no_line"] == [str(shop.lot.cards[1])]
    assert found["line_was_not_delivered_its_cards"] == [str(shop.unseen_line)]


async def test_a_card_sold_and_available_again_is_named(shop: Sound) -> None:
    shop.break_("UPDATE stock.cards SET state = 'available' WHERE id = %s", shop.lot.cards[0])
    assert await shop.found() == {
        "kept_card_has_a_line": [str(shop.lot.cards[0])],
        "lot_counts_what_is_not_there": [str(shop.lot.id)],
    }


async def test_a_card_that_hides_that_it_was_seen_is_named(shop: Sound) -> None:
    shop.break_("UPDATE stock.cards SET state = 'allocated' WHERE id = %s", shop.lot.cards[0])
    assert await shop.found() == {
        "card_state_denies_its_reveal": [str(shop.lot.cards[0])],
        "lot_counts_what_is_not_there": [str(shop.lot.id)],
    }


async def test_a_state_that_nobody_knows_is_named(shop: Sound) -> None:
    with shop.without("stock.cards", "card_state_is_known"):
        shop.break_("UPDATE stock.cards SET state = 'lost' WHERE id = %s", shop.lot.cards[2])
        found = await shop.found()
    assert found["card_state_unknown"] == [str(shop.lot.cards[2])]


async def test_a_card_reserved_for_a_reservation_that_ended_is_named(shop: Sound) -> None:
    promise_id = await reserve(shop, "used")
    found = await shop.found()
    assert found["reserved_card_has_no_reservation"] == [str(shop.lot.cards[2])]
    shop.break_(
        "UPDATE stock.reservations SET state = 'held', ended_at = NULL, quantity = 1 WHERE id = %s",
        promise_id,
    )
    assert "reserved_card_has_no_reservation" not in await shop.found()


async def test_a_card_reserved_for_another_sku_is_named(shop: Sound) -> None:
    await reserve(shop, "held")
    shop.break_(
        "UPDATE stock.reservations SET sku_id ="
        " (SELECT id FROM catalog.skus WHERE code = 'mgtv-year')"
    )
    found = await shop.found()
    assert found["reserved_card_is_of_another_sku"] == [str(shop.lot.cards[2])]


async def test_a_reservation_that_keeps_too_many_cards_is_named(shop: Sound) -> None:
    promise_id = await reserve(shop, "held", shop.lot.cards[2], shop.lot.cards[3])
    assert (await shop.found())["reservation_keeps_too_many"] == [str(promise_id)]


async def reserve(shop: Sound, state: str, *cards: UUID) -> UUID:
    """Reserve cards, for one unit."""
    promise_id = new_id()
    async with shop.database.transaction(shop.tenant.id) as tx:
        sku_id = (
            await tx.execute(text("SELECT id FROM catalog.skus WHERE code = 'mgtv-month'"))
        ).scalar_one()
        await tx.execute(
            insert(reservations).values(
                tenant_id=shop.tenant.id,
                id=promise_id,
                sku_id=sku_id,
                quantity=1,
                reason="campaign",
                actor="cli",
                until_at=text("now() + interval '1 day'"),
                state=state,
                ended_at=None if state == "held" else text("now()"),
            )
        )
    shop.break_(
        "UPDATE stock.cards SET state = 'reserved', reservation_id = %s WHERE id = ANY (%s)",
        promise_id,
        list(cards or shop.lot.cards[2:3]),
    )
    return promise_id


@pytest.mark.parametrize("counter", ["available", "allocated", "revealed", "quarantined", "void"])
async def test_a_counter_that_is_off_by_one_names_its_lot(shop: Sound, counter: str) -> None:
    shop.break_(f"UPDATE stock.lots SET {counter} = {counter} + 1 WHERE id = %s", shop.lot.id)
    assert (await shop.found())["lot_counts_what_is_not_there"] == [str(shop.lot.id)]


@pytest.mark.parametrize("counter", ["available", "allocated", "revealed", "quarantined"])
async def test_a_shared_lots_counter_that_is_off_by_one_names_it(shop: Sound, counter: str) -> None:
    shop.break_(f"UPDATE stock.lots SET {counter} = {counter} + 1 WHERE id = %s", shop.shared.id)
    assert (await shop.found())["lot_counts_what_is_not_there"] == [str(shop.shared.id)]


async def test_a_card_before_the_head_of_its_lot_is_found(shop: Sound) -> None:
    shop.break_("UPDATE stock.lots SET head = 4 WHERE id = %s", shop.lot.id)
    assert await shop.found() == {"card_waits_before_its_lots_head": [str(shop.lot.id)]}


async def test_a_shared_card_in_a_lot_that_is_not_shared_is_found(shop: Sound) -> None:
    shop.break_("UPDATE stock.cards SET max_uses = 2 WHERE id = %s", shop.lot.cards[2])
    assert await shop.found() == {"card_of_many_uses_is_not_shared": [str(shop.lot.id)]}


async def test_a_shared_card_without_a_free_use_is_found(shop: Sound) -> None:
    shop.break_("UPDATE stock.cards SET max_uses = 2 WHERE id = %s", shop.shared.cards[0])
    assert (await shop.found())["shared_card_offers_no_use"] == [str(shop.shared.id)]


async def test_units_that_do_not_add_up_name_their_line(shop: Sound) -> None:
    with shop.without("orders.lines", "line_adds_up"):
        shop.break_("UPDATE orders.lines SET quantity = 2 WHERE id = %s", shop.seen_line)
        found = await shop.found()
    assert found == {
        "line_units_do_not_add_up": [str(shop.seen_line)],
        "rule_is_missing": ["orders.lines.line_adds_up"],
    }


async def test_a_card_given_to_a_line_that_does_not_exist_is_named(shop: Sound) -> None:
    nobody = new_id()
    shop.break_(
        "UPDATE stock.allocations SET line_id = %s WHERE card_id = %s",
        nobody,
        shop.lot.cards[1],
    )
    found = await shop.found()
    assert found["card_is_given_to_no_known_line"] == [str(nobody)]
    assert found["line_was_not_delivered_its_cards"] == [str(shop.unseen_line)]


async def test_one_fen_more_earned_than_booked_names_its_line(shop: Sound) -> None:
    shop.break_(
        "UPDATE orders.lines SET price_e4 = price_e4 + 100, earned_e4 = earned_e4 + 100"
        " WHERE id = %s",
        shop.seen_line,
    )
    assert await shop.found() == {"line_earned_what_the_books_deny": [str(shop.seen_line)]}


async def test_money_that_does_not_add_up_names_its_line(shop: Sound) -> None:
    with shop.without("orders.lines", "line_money_adds_up"):
        shop.break_("UPDATE orders.lines SET refunded_e4 = 100 WHERE id = %s", shop.seen_line)
        found = await shop.found()
    assert found["line_money_does_not_add_up"] == [str(shop.seen_line)]


async def test_a_filled_line_that_waits_is_named(shop: Sound) -> None:
    with shop.without("orders.lines", "filled_line_waits_for_none"):
        shop.break_("UPDATE orders.lines SET state = 'short' WHERE id = %s", shop.seen_line)
        found = await shop.found()
    assert found["line_state_denies_its_units"] == [str(shop.seen_line)]


async def test_one_fen_more_in_a_sale_names_its_line_and_the_days_total(shop: Sound) -> None:
    shop.break_(
        "UPDATE ledger.transfers SET amount_e4 = amount_e4 + 100"
        " WHERE subject_id = %s AND reason = 'sale'",
        shop.seen_line,
    )
    found = await shop.found()
    assert found["line_earned_what_the_books_deny"] == [str(shop.seen_line)]
    assert found["daily_total_is_not_its_transfers"] == [await total_of(shop, "mgtv-month")]
    assert len(found) == 2


async def test_one_fen_more_in_a_cost_names_line_total_and_warehouse(shop: Sound) -> None:
    shop.break_(
        "UPDATE ledger.transfers SET amount_e4 = amount_e4 + 100"
        " WHERE subject_id = %s AND reason = 'cost'",
        shop.seen_line,
    )
    found = await shop.found()
    assert found["line_cost_what_the_books_deny"] == [str(shop.seen_line)]
    assert found["inventory_is_not_its_cards"] == [await warehouse(shop, "main")]
    assert len(found["daily_total_is_not_its_transfers"]) == 1


async def test_a_transfer_that_is_gone_is_missed(shop: Sound) -> None:
    shop.break_("DELETE FROM ledger.transfers WHERE subject_id = %s", shop.unseen_line)
    found = await shop.found()
    assert found["line_earned_what_the_books_deny"] == [str(shop.unseen_line)]
    assert found["line_cost_what_the_books_deny"] == [str(shop.unseen_line)]
    assert len(found["daily_total_is_not_its_transfers"]) == 2


@pytest.mark.parametrize(
    "change",
    [
        "SET credit_e4 = credit_e4 + 100",
        "SET debit_e4 = debit_e4 + 100",
        "SET quantity = quantity + 1",
        "SET posted_on = posted_on + 1",
    ],
)
async def test_a_days_total_that_is_off_is_named(shop: Sound, change: str) -> None:
    total = await total_of(shop, "mgtv-month")
    shop.break_(f"UPDATE ledger.daily {change} WHERE id = %s", UUID(total))
    found = await shop.found()
    assert list(found) == ["daily_total_is_not_its_transfers"]
    assert total in found["daily_total_is_not_its_transfers"]


async def test_a_days_total_that_is_gone_is_named_by_what_it_was_of(shop: Sound) -> None:
    shop.break_("DELETE FROM ledger.daily WHERE kind = 'revenue' AND quantity = 2")
    [missing] = (await shop.found())["daily_total_is_not_its_transfers"]
    assert missing.startswith("2026-07-01 revenue CNY")


async def test_a_transfer_in_another_currency_than_its_account_is_named(shop: Sound) -> None:
    shop.break_(
        "UPDATE ledger.transfers SET currency = 'USD' WHERE subject_id = %s AND reason = 'sale'",
        shop.seen_line,
    )
    async with shop.database.transaction(shop.tenant.id) as tx:
        wrong = (
            await tx.execute(select(transfers.c.id).where(transfers.c.currency == "USD"))
        ).scalar_one()
    assert (await shop.found())["transfer_has_not_two_sides"] == [str(wrong)]


async def test_an_account_whose_currency_was_changed_unbalances_the_books(shop: Sound) -> None:
    shop.break_("UPDATE ledger.accounts SET currency = 'USD' WHERE kind = 'revenue'")
    found = await shop.found()
    assert found["currency_does_not_come_to_zero"] == ["CNY", "USD"]
    assert len(found["transfer_has_not_two_sides"]) == 2  # one for each pair of accounts


async def test_a_negative_transfer_is_named(shop: Sound) -> None:
    with shop.without("ledger.transfers", "transfer_is_not_negative"):
        shop.break_(
            "UPDATE ledger.transfers SET amount_e4 = -1 WHERE reason = 'receive'"
            " AND subject_id = %s",
            shop.lot.id,
        )
        found = await shop.found()
    assert len(found["transfer_is_negative"]) == 1


async def test_a_card_that_vanished_from_stock_is_missed_in_its_warehouse(shop: Sound) -> None:
    shop.break_("UPDATE stock.cards SET state = 'void' WHERE id = %s", shop.lot.cards[2])
    shop.break_(
        "UPDATE stock.lots SET available = available - 1, void = void + 1 WHERE id = %s",
        shop.lot.id,
    )
    assert await shop.found() == {"inventory_is_not_its_cards": [await warehouse(shop, "main")]}


async def test_a_card_quarantined_by_a_buyer_is_not_inventory(shop: Sound) -> None:
    shop.break_(
        "UPDATE stock.moves SET from_state = 'revealed' WHERE card_id = %s", shop.lot.cards[3]
    )
    assert await shop.found() == {"inventory_is_not_its_cards": [await warehouse(shop, "main")]}


async def test_a_reveal_without_a_record_is_named(shop: Sound) -> None:
    shop.break_("DELETE FROM stock.reveals WHERE card_id = %s", shop.lot.cards[0])
    assert await shop.found() == {
        "card_was_seen_without_a_record": [await allocation(shop, shop.lot.cards[0])]
    }


async def test_a_reveal_that_was_recorded_afterwards_is_named(shop: Sound) -> None:
    shop.break_(
        "UPDATE stock.reveals SET at = at + interval '1 second' WHERE card_id = %s",
        shop.lot.cards[0],
    )
    assert await shop.found() == {
        "card_was_seen_without_a_record": [await allocation(shop, shop.lot.cards[0])]
    }


async def test_a_line_refunded_in_full_that_keeps_its_card_is_named(shop: Sound) -> None:
    shop.break_(
        "UPDATE orders.lines SET delivered_count = 0, refunded_count = 1 WHERE id = %s",
        shop.unseen_line,
    )
    found = await shop.found()
    assert found["refunded_line_has_cards"] == [str(shop.unseen_line)]


async def test_a_cancelled_order_that_waits_or_keeps_an_unseen_card_is_named(
    shop: Sound,
) -> None:
    shop.break_("UPDATE orders.orders SET cancelled = true")
    shop.break_(
        "UPDATE orders.lines SET quantity = 2, waiting_count = 1, state = 'short' WHERE id = %s",
        shop.seen_line,
    )
    found = await shop.found()
    assert found["cancelled_line_still_waits"] == [str(shop.seen_line)]
    assert str(shop.unseen_line) in found["cancelled_line_has_unseen_cards"]
    assert str(shop.seen_line) not in found["cancelled_line_has_unseen_cards"]


async def test_a_card_given_long_after_the_cancellation_is_named(shop: Sound) -> None:
    async with shop.database.transaction(shop.tenant.id) as tx:
        order_id = (
            await tx.execute(
                text("SELECT order_id FROM orders.lines WHERE id = :id"), {"id": shop.seen_line}
            )
        ).scalar_one()
        await tx.execute(
            insert(refunds).values(
                tenant_id=shop.tenant.id,
                id=new_id(),
                order_id=order_id,
                source="manual",
                external_id="R1",
                wanted={"lines": [], "unseen_only": True},
                actor="cli",
                at=text("now() - interval '10 minutes'"),
            )
        )
    shop.break_("UPDATE orders.orders SET cancelled = true WHERE id = %s", order_id)
    found = await shop.found()
    assert found == {"line_was_given_cards_after_its_cancellation": [str(shop.seen_line)]}


@pytest.mark.parametrize(
    ("take", "put", "rule", "row"),
    [
        (
            "ALTER TABLE orders.orders DISABLE TRIGGER ALL",
            "ALTER TABLE orders.orders ENABLE TRIGGER ALL",
            "rule_is_not_in_force",
            "orders.orders.order_knows_its_store",
        ),
        (
            "ALTER TABLE stock.lots NO FORCE ROW LEVEL SECURITY",
            "ALTER TABLE stock.lots FORCE ROW LEVEL SECURITY",
            "table_is_open_to_other_tenants",
            "stock.lots",
        ),
        (
            "CREATE POLICY everybody ON stock.lots USING (true)",
            "DROP POLICY everybody ON stock.lots",
            "table_is_open_to_other_tenants",
            "stock.lots",
        ),
        (
            "CREATE UNIQUE INDEX hasty ON stock.lots (id)",
            "DROP INDEX stock.hasty",
            "key_does_not_start_with_the_tenant",
            "stock.lots.hasty",
        ),
        (
            "ALTER TABLE stock.lots ADD CONSTRAINT hasty UNIQUE (id)",
            "ALTER TABLE stock.lots DROP CONSTRAINT hasty",
            "key_does_not_start_with_the_tenant",
            "stock.lots.hasty",
        ),
        (
            "GRANT UPDATE ON ledger.transfers TO kashu_app",
            "REVOKE UPDATE ON ledger.transfers FROM kashu_app",
            "role_may_change_what_is_only_added",
            "ledger.transfers",
        ),
    ],
)
async def test_a_rule_of_the_database_that_was_taken_away_is_named(
    shop: Sound, take: str, put: str, rule: str, row: str
) -> None:
    with psycopg.connect(shop.owner_url, autocommit=True) as connection:
        connection.execute(take)  # type: ignore[call-overload, unused-ignore]
        try:
            found = await shop.found()
        finally:
            connection.execute(put)  # type: ignore[call-overload, unused-ignore]
    assert list(found) == [rule]
    assert row in found[rule]


async def test_a_rule_that_was_never_validated_is_named(shop: Sound) -> None:
    with shop.without("stock.reveals", "reveal_knows_its_card"):
        shop.break_(
            "ALTER TABLE stock.reveals ADD CONSTRAINT reveal_knows_its_card FOREIGN KEY"
            " (tenant_id, card_id) REFERENCES stock.cards (tenant_id, id) NOT VALID"
        )
        found = await shop.found()
        shop.break_("ALTER TABLE stock.reveals DROP CONSTRAINT reveal_knows_its_card")
    assert found == {"rule_is_not_in_force": ["stock.reveals.reveal_knows_its_card"]}


async def test_every_rule_that_a_statement_can_name_has_a_text() -> None:
    written = " ".join(each.path.read_text() for each in _STATEMENTS.values())
    named = {rule for rule in RULES if f"'{rule}'" in written}
    assert named == set(RULES)


async def allocation(shop: Sound, card: UUID) -> str:
    async with shop.database.transaction(shop.tenant.id) as tx:
        found = await tx.execute(
            text("SELECT id FROM stock.allocations WHERE card_id = :card"), {"card": card}
        )
        return str(found.scalar_one())


async def warehouse(shop: Sound, code: str) -> str:
    async with shop.database.transaction(shop.tenant.id) as tx:
        found = await tx.execute(
            text("SELECT id FROM stock.warehouses WHERE code = :code"), {"code": code}
        )
        return str(found.scalar_one())


async def total_of(shop: Sound, sku: str) -> str:
    """The id of the day's revenue of a SKU."""
    async with shop.database.transaction(shop.tenant.id) as tx:
        found = await tx.execute(
            select(daily.c.id)
            .where(daily.c.kind == "revenue")
            .where(daily.c.sku_id == text("(SELECT id FROM catalog.skus WHERE code = :code)"))
            .params(code=sku)
        )
        return str(found.scalar_one())
