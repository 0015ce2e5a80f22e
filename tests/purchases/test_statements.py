"""Statements: what a supplier says it charged, beside what we ordered."""

import hashlib
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.sheets.read import read_bytes
from kashu.core.sheets.write import write_xlsx
from kashu.purchases.errors_statements import (
    StatementColumnsUnknown,
    StatementEmpty,
    StatementNotOfPeriod,
    StatementPeriodWrong,
    StatementRowsWrong,
)
from kashu.purchases.kinds_statements import FindingKind, TimedBy
from kashu.purchases.statement_lines import read_lines
from kashu.purchases.statement_reads import finding_list, statement_list, statement_of
from kashu.purchases.statements import Arrived, preview_statement, take_statement
from tests.conftest import Tenant
from tests.purchases.ordered import Ordered, put_orders
from tests.suppliers.books import make_supplier, transfer_count

ZONE = "Asia/Shanghai"
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
BEGINS = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)  # 1 November there
ENDS = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
PRICE_E4 = 141_250


def there(at: datetime) -> str:
    """A moment as a Chinese sheet shows it."""
    return (at + timedelta(hours=8)).strftime("%Y-%m-%d %H:%M:%S")


def csv(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows]).encode()


def arrived(content: bytes, supplier_id: UUID, timed_by: TimedBy | None = None) -> Arrived:
    lines = read_lines(read_bytes(content), ZONE)
    digest = hashlib.sha256(content).digest()
    return Arrived(supplier_id, FIRST, LAST, lines, digest, "b.csv", timed_by=timed_by)


def order(place: int, **more: object) -> Ordered:
    """The order of that place, an hour after the one before."""
    at = BEGINS + timedelta(hours=place + 1)
    known = Ordered(f"K{place:06}", at, PRICE_E4, their_number=f"T{place:06}")
    return replace(known, **more)  # type: ignore[arg-type]


def row(of: Ordered, amount: str = "14.1250", *, by_completion: bool = False) -> str:
    at = of.made_at + (of.took or timedelta()) if by_completion else of.made_at
    return f"{of.number},{of.their_number},{amount},1,{there(at)},成功"


BY_ORDER = "商户订单号,平台订单号,金额（元）,数量,下单时间,状态"
BY_COMPLETION = BY_ORDER.replace("下单", "完成")


async def found(tx: Tx, tenant: Tenant, what: Arrived) -> list[tuple[str, str, int]]:
    preview = await preview_statement(tx, tenant.id, what, timezone=ZONE)
    return [
        (each.kind.value, each.what, each.theirs_e4 - each.ours_e4)
        for each in preview.matched.findings
    ]


@pytest.mark.parametrize("by_completion", [False, True])
async def test_three_missing_two_extra_one_price_and_one_duplicate_are_found_and_nothing_else(
    database: Database, tenant: Tenant, by_completion: bool
) -> None:
    """F3: by the time of order or of completion, with orders at both ends that belong elsewhere."""
    orders = [order(place) for place in range(200)]
    ends = [
        # Ordered in October, done in November; ordered in November, done in December.
        Ordered("KBEGIN01", BEGINS - timedelta(minutes=20), PRICE_E4, took=timedelta(hours=1)),
        Ordered("KENDS01", ENDS - timedelta(minutes=20), PRICE_E4, took=timedelta(hours=1)),
        Ordered("KENDS02", ENDS - timedelta(seconds=30), PRICE_E4),
    ]
    failed = [order(300, state="failed"), order(301, state="refused")]
    rows = [row(each, by_completion=by_completion) for each in orders]
    begin, end, last = (
        row(replace(each, their_number=""), by_completion=by_completion) for each in ends
    )
    rows.append(begin if by_completion else end)
    del rows[150], rows[100], rows[50]
    rows[10] = row(orders[10], "14.5000", by_completion=by_completion)
    rows.append(rows[20])
    at = there(BEGINS + timedelta(days=3))
    rows += [f"X1,Y1,9.9,1,{at},成功", f",Y2,14.1250,1,{at},成功", "合计,,2816.5,,,"]
    content = csv(BY_COMPLETION if by_completion else BY_ORDER, *rows)
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        ids = await put_orders(tx, tenant.id, supplier_id, [*orders, *ends, *failed])
        what = arrived(content, supplier_id)
        assert what.lines.timed_by is (TimedBy.COMPLETED if by_completion else TimedBy.ORDERED)
        statement_id, is_new = await take_statement(tx, tenant.id, "cli", what, timezone=ZONE)
        assert is_new
        findings = await finding_list(tx, tenant.id, statement_id)
        statement = await statement_of(tx, tenant.id, statement_id)
        assert await transfer_count(tx) == 0  # a statement moves no money
    assert last not in rows
    told = sorted((each.kind, each.what, each.our_number, each.their_number) for each in findings)
    assert told == [
        ("different", "amount", "K000010", "T000010"),
        ("duplicated", "order", "K000020", "T000020"),
        ("extra", "order", None, "Y1"),
        ("extra", "order", None, "Y2"),
        ("missing", "order", "K000050", None),
        ("missing", "order", "K000100", None),
        ("missing", "order", "K000150", None),
    ]
    assert {each.attempt_id for each in findings if each.kind == "missing"} == {
        ids[number] for number in ("K000050", "K000100", "K000150")
    }
    [price] = [each for each in findings if each.kind == "different"]
    assert (price.ours_e4, price.theirs_e4) == (PRICE_E4, 145_000)
    assert (statement.line_count, statement.wrong_count) == (201, 0)
    assert (statement.matched_count, statement.near_count) == (199, 0)


async def test_the_same_file_again_is_nothing_new(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    await put_orders(tx, tenant.id, supplier_id, [order(1)])
    what = arrived(csv(BY_ORDER, row(order(1)), row(order(2))), supplier_id)
    first, is_new = await take_statement(tx, tenant.id, "cli", what, timezone=ZONE)
    again = await take_statement(tx, tenant.id, "staff:anna", what, timezone=ZONE)
    assert (is_new, again) == (True, (first, False))
    assert [each.id for each in await statement_list(tx, tenant.id)] == [first]
    assert len(await finding_list(tx, tenant.id, first)) == 1


async def test_a_statement_and_what_was_found_never_change(
    database: Database, tenant: Tenant
) -> None:
    for table in ("statements", "statement_lines", "findings"):
        async with database.transaction(tenant.id) as tx:
            with pytest.raises(Exception, match="permission denied"):
                await tx.execute(text(f"DELETE FROM purchases.{table}"))


async def test_lines_without_a_number_are_matched_by_amount_and_nearest_time(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    at = BEGINS + timedelta(days=2)
    orders = [
        Ordered("KA00001", at, PRICE_E4),
        Ordered("KA00002", at + timedelta(minutes=4), PRICE_E4),
        Ordered("KA00003", at + timedelta(minutes=4), 90_000),
        Ordered("KA00004", at + timedelta(hours=1), PRICE_E4),
    ]
    await put_orders(tx, tenant.id, supplier_id, orders)
    lines = [
        f"14.1250,{there(at + timedelta(minutes=5))}",
        f"14.12,{there(at + timedelta(seconds=40))}",
        f"9,{there(at + timedelta(minutes=3))}",
        f"14.1250,{there(at + timedelta(hours=1, minutes=16))}",
    ]
    what = arrived(csv("金额,下单时间", *lines), supplier_id)
    preview = await preview_statement(tx, tenant.id, what, timezone=ZONE)
    assert (preview.matched.matched_count, preview.matched.near_count) == (3, 3)
    matched = await tx.execute(
        text(
            "SELECT l.row_number, a.number FROM pg_temp.arrived_lines AS l"
            " JOIN purchases.attempts AS a ON a.id = l.attempt_id ORDER BY 1"
        )
    )
    assert [tuple(each) for each in matched] == [(2, "KA00002"), (3, "KA00001"), (4, "KA00003")]
    kinds = [each.kind for each in preview.matched.findings]
    assert kinds == [FindingKind.EXTRA, FindingKind.MISSING]


@pytest.mark.parametrize(
    ("ours", "amounts", "expected"),
    [
        ({}, ["14.1250"], []),
        ({}, ["10", "4.1250"], []),  # split
        ({}, ["14.1250", "14.1250", "-14.1250"], []),  # taken twice, and given back
        ({"charged_e4": 140_000}, ["14"], []),
        ({"refunded_e4": PRICE_E4, "state": "refunded"}, ["14.1250", "-14.1250"], []),
        ({"refunded_e4": 41_250}, ["14.1250", "-4.1250"], []),
        ({"state": "failed"}, ["14.1250", "-14.1250"], []),
        ({"state": "failed"}, ["14.1250"], [("different", "state", PRICE_E4)]),
        ({}, ["14.1250", "-14.1250"], [("different", "refund", -PRICE_E4)]),
        (
            {"refunded_e4": 41_250},
            ["14.1250", "-1"],
            [("different", "refund", 31_250)],
        ),
        ({}, ["14.1250", "14.1250", "14.1250"], [("duplicated", "order", PRICE_E4)] * 2),
        ({"state": "unclear", "took": None}, ["14.1250"], [("different", "in_doubt", 0)]),
        ({"state": "unclear", "took": None}, ["0"], []),
        ({"quantity": 2}, ["14.1250"], [("different", "quantity", 0)]),
        ({"refunded_e4": 41_250}, ["-4.1250"], []),  # charged in an earlier statement
    ],
)
async def test_an_orders_lines_are_taken_together(
    tx: Tx,
    tenant: Tenant,
    ours: dict[str, object],
    amounts: list[str],
    expected: list[tuple[str, str, int]],
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    one = order(5, **ours)
    other = order(6)
    await put_orders(tx, tenant.id, supplier_id, [one, other])
    rows = [row(one, amount) for amount in amounts]
    what = arrived(csv(BY_ORDER, row(other), *rows), supplier_id)
    assert await found(tx, tenant, what) == expected


async def test_what_is_in_doubt_is_not_missing(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    orders = [order(1), order(2, state="unclear", took=None), order(3, state="manual", took=None)]
    await put_orders(tx, tenant.id, supplier_id, orders)
    what = arrived(csv(BY_ORDER, row(orders[0])), supplier_id)
    assert await found(tx, tenant, what) == []


async def test_another_suppliers_or_merchants_orders_are_none_of_a_statement(
    database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    for owner, code in ((tenant, "other"), (other_tenant, "fulu")):
        async with database.transaction(owner.id) as tx:
            elsewhere = await make_supplier(tx, owner.id, code)
            await put_orders(tx, owner.id, elsewhere, [order(1)])
    async with database.transaction(tenant.id) as tx:
        supplier_id = await make_supplier(tx, tenant.id)
        what = arrived(csv(BY_ORDER, row(order(1))), supplier_id)
        assert await found(tx, tenant, what) == [("extra", "order", PRICE_E4)]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (csv("商品,价格", "月卡,14"), StatementColumnsUnknown),
        (csv(BY_ORDER, "K1,T1,abc,1,2026-11-02 10:00:00,成功"), StatementRowsWrong),
        (csv(BY_ORDER, "K1,T1,14,1,2026-13-02 10:00:00,成功"), StatementRowsWrong),
        (csv(BY_ORDER, "K1,T1,14,many,2026-11-02 10:00:00,成功"), StatementRowsWrong),
        (csv(BY_ORDER, ",,14,1,,成功"), StatementRowsWrong),
        (csv(BY_ORDER, "合计,,14,1,,"), StatementEmpty),
        (csv(BY_ORDER, "K1,T1,14,1,2026-09-02 10:00:00,成功"), StatementNotOfPeriod),
    ],
)
async def test_a_statement_that_cannot_be_read_leaves_nothing(
    tx: Tx, tenant: Tenant, content: bytes, error: type[KashuError]
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    with pytest.raises(error):
        await take_statement(tx, tenant.id, "cli", arrived(content, supplier_id), timezone=ZONE)
    assert await statement_list(tx, tenant.id) == []


async def test_a_period_that_cannot_be_is_refused(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    what = arrived(csv(BY_ORDER, row(order(1))), supplier_id)
    for last_on in (date(2026, 10, 31), date(2027, 11, 30)):
        with pytest.raises(StatementPeriodWrong):
            await take_statement(
                tx, tenant.id, "cli", replace(what, last_on=last_on), timezone=ZONE
            )
    assert await statement_list(tx, tenant.id) == []


async def test_wrong_rows_are_named_without_their_values_and_may_be_left_out(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    await put_orders(tx, tenant.id, supplier_id, [order(1)])
    what = arrived(csv(BY_ORDER, row(order(1)), "K9,T9,free,1,,x"), supplier_id)
    with pytest.raises(StatementRowsWrong) as refused:
        await take_statement(tx, tenant.id, "cli", what, timezone=ZONE)
    assert [(each.at, each.code) for each in refused.value.problems] == [
        ("row 3", "amount_unreadable")
    ]
    assert "free" not in str(refused.value.problems)
    skipping = replace(what, skip_wrong=True)
    statement_id, _ = await take_statement(tx, tenant.id, "cli", skipping, timezone=ZONE)
    assert (await statement_of(tx, tenant.id, statement_id)).wrong_count == 1


def test_columns_are_found_below_a_title_in_either_language_and_signs_understood() -> None:
    written = io.BytesIO()
    rows = [
        ("KA00001", 1, "14.125", "2026/11/2 8:00", "Success", ""),
        ("KA00002", 1, "5.00", "2026-11-02T08:00:00+08:00", "failed", ""),
        ("KA00003", 2, "¥1,000.50", "20261102080000", "", "10"),
        ("KA00004", 1, "3", "1793577600", "已退款", ""),
    ]
    header = ("Out Trade No.", "Qty", "Total (CNY)", "Order time", "Status", "Refund amount")
    write_xlsx(written, ("结算单", "", "", "", "", ""), [header, *rows])
    lines = read_lines(read_bytes(written.getvalue()), ZONE)
    assert lines.problems == []
    assert lines.timed_by is TimedBy.ORDERED
    at = datetime(2026, 11, 2, 0, 0, tzinfo=UTC)
    assert [(each.number, each.amount_e4, each.quantity) for each in lines.lines] == [
        ("KA00001", 141_250, 1),
        ("KA00002", 0, 1),
        ("KA00003", 9_905_000, 2),
        ("KA00004", 0, 1),
    ]
    assert [each.ordered_at for each in lines.lines[:3]] == [at] * 3


def test_what_was_taken_may_be_written_below_zero() -> None:
    content = csv("商户订单号,金额,完成时间", "K1,-14,2026-11-02 8:00:00")
    assert [each.amount_e4 for each in read_lines(read_bytes(content), ZONE).lines] == [140_000]
    content = csv("商户订单号,金额,类型", "K1,-14,消费", "K1,14,退款")
    lines = read_lines(read_bytes(content), ZONE).lines
    assert [each.amount_e4 for each in lines] == [140_000, -140_000]
