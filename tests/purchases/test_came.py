"""Where the money of an order is, as it was posted: in its currency, and in ours."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from kashu.ledger.kinds import AccountKind
from kashu.ledger.reads import PostedTransfer
from kashu.purchases.came import Money, add_up
from kashu.purchases.kinds import AttemptState
from kashu.purchases.reads import Attempt
from kashu.suppliers.kinds import Goods

AT = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
DOUBT, SENT_FROM = AccountKind.IN_DOUBT, AccountKind.PREPAID
ID = UUID(int=1)


def order(currency: str, rate_e6: int) -> Attempt:
    return Attempt(
        id=ID,
        purchase_id=ID,
        supplier_id=ID,
        offer_id=ID,
        number="K1",
        their_number=None,
        ref="1",
        quantity=1,
        units=1,
        unit_cost_e4=100,
        total_e4=100,
        currency=currency,
        rate_e6=rate_e6,
        account_kind=SENT_FROM,
        choice={},
        state=AttemptState.SUCCEEDED,
        said="",
        word_unknown=False,
        made_at=AT,
        answered_at=AT,
        ended_at=AT,
        next_at=AT,
        again_at=None,
        asks=0,
        missing_count=0,
        missing_at=None,
        charged_e4=100,
        refunded_e4=0,
        received_count=1,
        turned_away_count=0,
        receipt="",
        account_key=None,
        surplus=False,
    )


def moved(
    debit: AccountKind, credit: AccountKind, amount_e4: int, currency: str = "EUR"
) -> PostedTransfer:
    return PostedTransfer(
        id=ID,
        posted_at=AT,
        posted_on=date(2026, 6, 15),
        debit_kind=debit,
        debit_owner_id=None,
        credit_kind=credit,
        credit_owner_id=None,
        amount_e4=amount_e4,
        currency=currency,
        quantity=0,
        reason="r",
        subject_id=ID,
        sku_id=None,
        store_id=None,
        customer_id=None,
        supplier_id=None,
        reverses_id=None,
        reversed_by_id=None,
    )


@pytest.mark.parametrize("cost", [AccountKind.COST_OF_GOODS, AccountKind.AFTER_SALES_LOSS])
def test_a_top_up_that_nobody_pays_for_any_more_is_not_in_doubt_either(cost: AccountKind) -> None:
    posted = [moved(DOUBT, SENT_FROM, 100, "CNY"), moved(cost, DOUBT, 100, "CNY")]
    used = Money(0, 0, 100, 0, 0)
    assert add_up(Goods.TOPUP, order("CNY", 1_000_000), posted) == (used, used)


def test_what_came_is_in_ours_what_it_is_in_stock_at_and_the_rest_at_the_rate() -> None:
    posted = [
        moved(DOUBT, SENT_FROM, 100),
        moved(AccountKind.EXCHANGE, DOUBT, 60),
        moved(AccountKind.INVENTORY, AccountKind.EXCHANGE, 451, "CNY"),  # 6 at 75.2
        moved(AccountKind.RECOVERIES, DOUBT, 40),
        moved(SENT_FROM, AccountKind.RECOVERIES, 10),
        # What became of its cards later isn't the order's.
        moved(AccountKind.EXCHANGE, AccountKind.INVENTORY, 75, "CNY"),
        moved(AccountKind.RECOVERIES, AccountKind.EXCHANGE, 10),
    ]
    theirs, ours = add_up(Goods.CARD, order("EUR", 7_500_000), posted)
    assert (theirs, theirs.sent_e4) == (Money(0, 60, 0, 10, 30), 100)
    assert (ours, ours.sent_e4) == (Money(0, 451, 0, 75, 225), 751)
