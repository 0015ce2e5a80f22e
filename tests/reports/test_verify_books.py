"""Verify names the lines, transfers and totals that are broken by hand."""

from uuid import UUID

import pytest
from sqlalchemy import insert, select, text

from kashu.core.ids import new_id
from kashu.ledger.tables import daily, transfers
from kashu.orders.tables import refunds
from tests.reports.sound import Sound


async def test_units_that_do_not_add_up_name_their_line(sound: Sound) -> None:
    with sound.without("orders.lines", "line_adds_up"):
        sound.break_("UPDATE orders.lines SET quantity = 2 WHERE id = %s", sound.seen_line)
        found = await sound.found()
    assert found == {
        "line_units_do_not_add_up": [str(sound.seen_line)],
        "rule_is_missing": ["orders.lines.line_adds_up"],
    }


async def test_a_card_given_to_a_line_that_does_not_exist_is_named(sound: Sound) -> None:
    nobody = new_id()
    sound.break_(
        "UPDATE stock.allocations SET line_id = %s WHERE card_id = %s",
        nobody,
        sound.lot.cards[1],
    )
    found = await sound.found()
    assert found["card_is_given_to_no_known_line"] == [str(nobody)]
    assert found["line_was_not_delivered_its_cards"] == [str(sound.unseen_line)]


async def test_one_fen_more_earned_than_booked_names_its_line(sound: Sound) -> None:
    sound.break_(
        "UPDATE orders.lines SET price_e4 = price_e4 + 100, earned_e4 = earned_e4 + 100"
        " WHERE id = %s",
        sound.seen_line,
    )
    assert await sound.found() == {"line_earned_what_the_books_deny": [str(sound.seen_line)]}


async def test_money_that_does_not_add_up_names_its_line(sound: Sound) -> None:
    with sound.without("orders.lines", "line_money_adds_up"):
        sound.break_("UPDATE orders.lines SET refunded_e4 = 100 WHERE id = %s", sound.seen_line)
        found = await sound.found()
    assert found["line_money_does_not_add_up"] == [str(sound.seen_line)]


async def test_a_filled_line_that_waits_is_named(sound: Sound) -> None:
    with sound.without("orders.lines", "filled_line_waits_for_none"):
        sound.break_("UPDATE orders.lines SET state = 'short' WHERE id = %s", sound.seen_line)
        found = await sound.found()
    assert found["line_state_denies_its_units"] == [str(sound.seen_line)]


async def test_one_fen_more_in_a_sale_names_its_line_and_the_days_total(sound: Sound) -> None:
    sound.break_(
        "UPDATE ledger.transfers SET amount_e4 = amount_e4 + 100"
        " WHERE subject_id = %s AND reason = 'sale'",
        sound.seen_line,
    )
    found = await sound.found()
    assert found["line_earned_what_the_books_deny"] == [str(sound.seen_line)]
    assert found["daily_total_is_not_its_transfers"] == [await total_of(sound, "mgtv-month")]
    assert len(found) == 2


async def test_one_fen_more_in_a_cost_names_line_total_and_warehouse(sound: Sound) -> None:
    sound.break_(
        "UPDATE ledger.transfers SET amount_e4 = amount_e4 + 100"
        " WHERE subject_id = %s AND reason = 'cost'",
        sound.seen_line,
    )
    found = await sound.found()
    assert found["line_cost_what_the_books_deny"] == [str(sound.seen_line)]
    assert found["inventory_is_not_its_cards"] == [await warehouse(sound, "main")]
    assert len(found["daily_total_is_not_its_transfers"]) == 1


async def test_a_transfer_that_is_gone_is_missed(sound: Sound) -> None:
    sound.break_("DELETE FROM ledger.transfers WHERE subject_id = %s", sound.unseen_line)
    found = await sound.found()
    assert found["line_earned_what_the_books_deny"] == [str(sound.unseen_line)]
    assert found["line_cost_what_the_books_deny"] == [str(sound.unseen_line)]
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
async def test_a_days_total_that_is_off_is_named(sound: Sound, change: str) -> None:
    total = await total_of(sound, "mgtv-month")
    sound.break_(f"UPDATE ledger.daily {change} WHERE id = %s", UUID(total))
    found = await sound.found(touched="posted_on" not in change)  # onto a day without transfers
    assert list(found) == ["daily_total_is_not_its_transfers"]
    assert total in found["daily_total_is_not_its_transfers"]


async def test_a_days_total_that_is_gone_is_named_by_what_it_was_of(sound: Sound) -> None:
    sound.break_("DELETE FROM ledger.daily WHERE kind = 'revenue' AND quantity = 2")
    [missing] = (await sound.found())["daily_total_is_not_its_transfers"]
    assert missing.startswith("2026-07-01 revenue CNY")


async def test_a_transfer_in_another_currency_than_its_account_is_named(sound: Sound) -> None:
    sound.break_(
        "UPDATE ledger.transfers SET currency = 'USD' WHERE subject_id = %s AND reason = 'sale'",
        sound.seen_line,
    )
    async with sound.database.transaction(sound.tenant.id) as tx:
        wrong = (
            await tx.execute(select(transfers.c.id).where(transfers.c.currency == "USD"))
        ).scalar_one()
    assert (await sound.found())["transfer_has_not_two_sides"] == [str(wrong)]


async def test_an_account_whose_currency_was_changed_unbalances_the_books(sound: Sound) -> None:
    sound.break_("UPDATE ledger.accounts SET currency = 'USD' WHERE kind = 'revenue'")
    found = await sound.found()
    assert found["currency_does_not_come_to_zero"] == ["CNY", "USD"]
    assert len(found["transfer_has_not_two_sides"]) == 2  # one for each pair of accounts


async def test_a_negative_transfer_is_named(sound: Sound) -> None:
    with sound.without("ledger.transfers", "transfer_is_not_negative"):
        sound.break_(
            "UPDATE ledger.transfers SET amount_e4 = -1 WHERE reason = 'receive'"
            " AND subject_id = %s",
            sound.lot.id,
        )
        found = await sound.found()
    assert len(found["transfer_is_negative"]) == 1


async def test_a_card_that_vanished_from_stock_is_missed_in_its_warehouse(sound: Sound) -> None:
    sound.break_("UPDATE stock.cards SET state = 'void' WHERE id = %s", sound.lot.cards[2])
    sound.break_(
        "UPDATE stock.lots SET available = available - 1, void = void + 1 WHERE id = %s",
        sound.lot.id,
    )
    assert await sound.found() == {"inventory_is_not_its_cards": [await warehouse(sound, "main")]}


async def test_a_card_quarantined_by_a_buyer_is_not_inventory(sound: Sound) -> None:
    sound.break_(
        "UPDATE stock.moves SET from_state = 'revealed' WHERE card_id = %s", sound.lot.cards[3]
    )
    assert await sound.found() == {"inventory_is_not_its_cards": [await warehouse(sound, "main")]}


async def test_a_line_refunded_in_full_that_keeps_its_card_is_named(sound: Sound) -> None:
    sound.break_(
        "UPDATE orders.lines SET delivered_count = 0, refunded_count = 1 WHERE id = %s",
        sound.unseen_line,
    )
    found = await sound.found()
    assert found["refunded_line_has_cards"] == [str(sound.unseen_line)]


async def test_a_cancelled_order_that_waits_or_keeps_an_unseen_card_is_named(
    sound: Sound,
) -> None:
    sound.break_("UPDATE orders.orders SET cancelled = true")
    sound.break_(
        "UPDATE orders.lines SET quantity = 2, waiting_count = 1, state = 'short' WHERE id = %s",
        sound.seen_line,
    )
    found = await sound.found()
    assert found["cancelled_line_still_waits"] == [str(sound.seen_line)]
    assert str(sound.unseen_line) in found["cancelled_line_has_unseen_cards"]
    assert str(sound.seen_line) not in found["cancelled_line_has_unseen_cards"]


async def test_a_card_given_long_after_the_cancellation_is_named(sound: Sound) -> None:
    async with sound.database.transaction(sound.tenant.id) as tx:
        order_id = (
            await tx.execute(
                text("SELECT order_id FROM orders.lines WHERE id = :id"), {"id": sound.seen_line}
            )
        ).scalar_one()
        await tx.execute(
            insert(refunds).values(
                tenant_id=sound.tenant.id,
                id=new_id(),
                order_id=order_id,
                source="manual",
                external_id="R1",
                wanted={"lines": [], "unseen_only": True},
                actor="cli",
                at=text("now() - interval '10 minutes'"),
            )
        )
    sound.break_("UPDATE orders.orders SET cancelled = true WHERE id = %s", order_id)
    found = await sound.found()
    assert found == {"line_was_given_cards_after_its_cancellation": [str(sound.seen_line)]}


async def warehouse(sound: Sound, code: str) -> str:
    async with sound.database.transaction(sound.tenant.id) as tx:
        found = await tx.execute(
            text("SELECT id FROM stock.warehouses WHERE code = :code"), {"code": code}
        )
        return str(found.scalar_one())


async def total_of(sound: Sound, sku: str) -> str:
    """The id of the day's revenue of a SKU."""
    async with sound.database.transaction(sound.tenant.id) as tx:
        found = await tx.execute(
            select(daily.c.id)
            .where(daily.c.kind == "revenue")
            .where(daily.c.sku_id == text("(SELECT id FROM catalog.skus WHERE code = :code)"))
            .params(code=sku)
        )
        return str(found.scalar_one())
