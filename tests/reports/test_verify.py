"""Verify: a sound shop passes, and the answer names rows and says what to do."""

import msgspec
import psycopg
import pytest
from sqlalchemy import text

from kashu.core.db import Database
from kashu.reports.rules import RULES
from kashu.reports.verify import _STATEMENTS, INVARIANTS, verify
from tests.conftest import Tenant
from tests.reports.shop import open_shop
from tests.reports.sound import Sound


async def test_a_sound_shop_passes_and_all_of_it_was_looked_at(sound: Sound) -> None:
    verified = await sound.verify()
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


async def test_the_answer_is_json_and_says_what_to_do(sound: Sound) -> None:
    sound.break_("UPDATE stock.cards SET state = 'void' WHERE id = %s", sound.lot.cards[1])
    answer = msgspec.json.decode(msgspec.json.encode(await sound.verify()))
    violations = [found for each in answer["checked"] for found in each["violations"]]
    assert answer["ok"] is False
    assert {found["rule"]: found["total"] for found in violations} == {
        "kept_card_has_a_line": 1,
        "lot_counts_what_is_not_there": 1,
    }
    assert violations[0]["rows"] == [
        {"id": str(sound.lot.cards[1]), "says": "void with 1 live allocations"}
    ]
    assert violations[0]["zh"] == RULES["kept_card_has_a_line"][0]


async def test_it_changes_nothing_and_may_not(sound: Sound) -> None:
    async with sound.database.transaction(sound.tenant.id) as tx:
        await verify(tx, sound.tenant.id)
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
    sound: Sound, other_tenant: Tenant
) -> None:
    sound.break_("UPDATE stock.cards SET state = 'void' WHERE id = %s", sound.lot.cards[1])
    async with sound.database.transaction(other_tenant.id) as tx:
        verified = await verify(tx, other_tenant.id)
    assert verified.ok
    assert verified.checked[0].rows_checked == 0


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
    sound: Sound, take: str, put: str, rule: str, row: str
) -> None:
    with psycopg.connect(sound.owner_url, autocommit=True) as connection:
        connection.execute(take)  # type: ignore[call-overload, unused-ignore]
        try:
            found = await sound.found()
        finally:
            connection.execute(put)  # type: ignore[call-overload, unused-ignore]
    assert list(found) == [rule]
    assert row in found[rule]


async def test_a_rule_that_was_never_validated_is_named(sound: Sound) -> None:
    with sound.without("stock.reveals", "reveal_knows_its_card"):
        sound.break_(
            "ALTER TABLE stock.reveals ADD CONSTRAINT reveal_knows_its_card FOREIGN KEY"
            " (tenant_id, card_id) REFERENCES stock.cards (tenant_id, id) NOT VALID"
        )
        found = await sound.found()
        sound.break_("ALTER TABLE stock.reveals DROP CONSTRAINT reveal_knows_its_card")
    assert found == {"rule_is_not_in_force": ["stock.reveals.reveal_knows_its_card"]}


async def test_every_rule_that_a_statement_can_name_has_a_text() -> None:
    written = " ".join(each.path.read_text() for each in _STATEMENTS.values())
    named = {rule for rule in RULES if f"'{rule}'" in written}
    assert named == set(RULES)
