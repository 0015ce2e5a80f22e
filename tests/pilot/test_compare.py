"""The old way's sheet beside what Kashu decided: same, missed, extra, different, and why."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from kashu.channels.connections import set_mode
from kashu.channels.kinds import Mode
from kashu.channels.reads import store_by_code
from kashu.channels.tables import stores
from kashu.core.ids import new_id
from kashu.core.sheets.read import read_bytes, read_text
from kashu.orders.tables import decisions
from kashu.pilot.causes import Cause, Outcome
from kashu.pilot.compare import Comparison, compare, day_of_sheet, last_compared
from kashu.pilot.errors import DayNeeded, SheetWithoutOrders, SheetWrong
from kashu.pilot.export import header, shown, to_csv, to_xlsx
from kashu.pilot.sheet import SheetRow, read_rows
from kashu.simulators.shop import Item, OrderState
from tests.delivery.conftest import Trade
from tests.pilot.conftest import beside, today
from tests.stock.builders import put_cards

HEAD = "订单号,商品,数量,金额\n"


def told(compared: Comparison) -> list[tuple[str, str | None]]:
    return [(line.outcome.value, line.cause) for line in compared.lines]


async def offered(of: Trade, title: str = "芒果TV月卡", price: int = 1980) -> Item:
    item = of.shop.offer(title, price)
    await of.map(item)
    return item


async def test_what_both_would_give_is_the_same(shadow: Trade) -> None:
    item = await offered(shadow)
    one, two = shadow.shop.sell((item, 1)), shadow.shop.sell((item, 2))
    await shadow.run()
    compared = await beside(
        shadow,
        f"{HEAD}{one.order_id},芒果TV月卡,1,19.80\n{two.order_id},芒果 TV 月卡,２,¥39.60\n",
    )
    assert told(compared) == [("same", None)] * 2
    assert (compared.orders, compared.automatic) == (2, 2)
    assert str(compared.explained_percent) == str(compared.automatic_percent) == "100.00"
    line = compared.lines[1]
    assert (line.rows, line.quantity, line.units, line.amount_e4) == ((3,), 2, 2, 396_000)
    async with shadow.database.transaction(shadow.tenant.id) as tx:
        last = await last_compared(tx, shadow.tenant.id, shadow.store_id)
    assert last is not None
    assert (last.day, last.lines, last.unexplained) == (today(shadow), 2, 0)


async def test_what_kashu_would_not_have_given_is_missed_with_its_cause(shadow: Trade) -> None:
    item = await offered(shadow)
    unmapped = shadow.shop.offer("爱奇艺月卡", 1500)
    short, other = shadow.shop.sell((item, 9)), shadow.shop.sell((unmapped, 1))
    asked = shadow.shop.sell((item, 1))
    shadow.shop.ask_refund(asked)
    unpaid = shadow.shop.sell((item, 1), paid=False)
    await shadow.run()
    for order in (short, other):
        shadow.shop.ship(order)
    await shadow.run()
    numbers = [short, other, asked, unpaid]
    compared = await beside(
        shadow, "订单号\n" + "\n".join(order.order_id for order in numbers) + "\n4200\n"
    )
    assert told(compared) == [
        ("missed", "short"),
        ("missed", "unmapped"),
        ("missed", "refunded"),
        ("missed", "not_paid"),
        ("missed", "not_collected"),
    ]
    assert compared.unexplained == 1
    assert str(compared.explained_percent) == "80.00"
    assert (compared.orders, compared.automatic) == (4, 0)


async def test_what_only_kashu_would_have_given_is_extra_with_its_cause(shadow: Trade) -> None:
    item = await offered(shadow)
    listed = shadow.shop.sell((item, 1))
    waiting, forgotten, back = (shadow.shop.sell((item, 1)) for _ in range(3))
    await shadow.run()
    shadow.shop.ship(forgotten)
    shadow.shop.settle_refund(shadow.shop.ask_refund(back), agree=True)
    await shadow.run()
    compared = await beside(shadow, f"{HEAD}{listed.order_id},芒果TV月卡,1,19.80\n")
    assert {line.number: line.cause for line in compared.lines} == {
        listed.order_id: None,
        waiting.order_id: Cause.NOT_DELIVERED_THERE,
        forgotten.order_id: Cause.NOT_IN_SHEET,
        back.order_id: Cause.REFUNDED,
    }
    assert compared.count(Outcome.EXTRA) == 3
    assert compared.unexplained == 1


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("芒果TV月卡,3,19.80", "quantity"),
        ("芒果TV月卡,1,18.80", "amount"),
        ("爱奇艺月卡,1,19.80", "other_item"),
        ("优酷年卡,1,19.80", "item_unknown"),
        ("mgtv-month,1,19.80", None),
        ("芒果TV月卡,,19.80", None),
        ("芒果TV月卡,1,", None),
    ],
)
async def test_a_difference_is_named(shadow: Trade, row: str, cause: str | None) -> None:
    item = await offered(shadow)
    shadow.shop.offer("爱奇艺月卡", 1500)
    await shadow.map(item)
    order = shadow.shop.sell((item, 1))
    await shadow.run()
    compared = await beside(shadow, f"{HEAD}{order.order_id},{row}\n")
    assert told(compared) == [("same" if cause is None else "different", cause)]


async def test_lines_of_an_order_are_found_by_what_the_sheet_calls_them(shadow: Trade) -> None:
    item, other = await offered(shadow), await offered(shadow, "爱奇艺月卡", 1500)
    order = shadow.shop.sell((item, 1), (other, 2))
    await shadow.run()
    compared = await beside(
        shadow,
        f"{HEAD}{order.order_id},爱奇艺月卡,2,30\n{order.order_id},芒果TV月卡,1,19.80\n",
    )
    assert told(compared) == [("same", None)] * 2
    half = await beside(shadow, f"{HEAD}{order.order_id},爱奇艺月卡,2,30\n")
    assert told(half) == [("same", None), ("extra", "not_in_sheet")]
    whole = await beside(shadow, f"订单号,金额\n{order.order_id},49.80\n")
    assert told(whole) == [("same", None)]


async def test_a_pack_may_be_counted_in_packs_or_in_cards(shadow: Trade) -> None:
    item = shadow.shop.offer("芒果TV月卡3张装", 5000)
    await shadow.map(item, units=3)
    order = shadow.shop.sell((item, 1))
    await shadow.run()
    for quantity, outcome in ((1, "same"), (3, "same"), (2, "different")):
        compared = await beside(shadow, f"订单号,数量\n{order.order_id},{quantity}\n")
        assert told(compared)[0][0] == outcome
    by_card = "".join(f"{order.order_id},UNKNOWN{n}\n" for n in range(3))
    assert told(await beside(shadow, f"订单号,卡号\n{by_card}")) == [("same", None)]


async def test_a_card_the_old_way_gave_and_we_still_sell_is_told(shadow: Trade) -> None:
    item = await offered(shadow)
    order = shadow.shop.sell((item, 1))
    await shadow.run()
    number = "MG20261122001"
    async with shadow.database.transaction(shadow.tenant.id) as tx:
        await put_cards(
            tx,
            shadow.tenant.id,
            1,
            sku_id=shadow.sku_id,
            keyrings=shadow.keyrings,
            numbers=[number],
        )
    compared = await beside(shadow, f"订单号,卡号\n{order.order_id},{number}\n")
    assert told(compared) == [("different", "card_for_sale")]
    assert compared.unexplained == 1
    assert number not in repr(compared)
    assert number.encode() not in to_csv(compared) + to_xlsx(compared)


async def test_rows_of_other_days_are_left_out_and_explain_what_is_extra(shadow: Trade) -> None:
    item = await offered(shadow)
    one, two = shadow.shop.sell((item, 1)), shadow.shop.sell((item, 1))
    await shadow.run()
    shadow.shop.ship(two)
    await shadow.run()
    day = today(shadow)
    later = day + timedelta(days=1)
    sheet = f"订单号,时间\n{one.order_id},{day} 10:00\n{two.order_id},{later:%Y/%m/%d}\n"
    compared = await beside(shadow, sheet, day)
    assert told(compared) == [("same", None), ("extra", "another_day")]
    assert (compared.rows, compared.rows_of_other_days) == (2, 1)
    with pytest.raises(DayNeeded):
        day_of_sheet(read_rows(read_text(sheet)), None)


async def test_an_order_of_another_store_is_told(shadow: Trade) -> None:
    item = await offered(shadow)
    order = shadow.shop.sell((item, 1))
    await shadow.run()
    async with shadow.database.transaction(shadow.tenant.id) as tx:
        other = {"id": new_id(), "code": "tb2", "name": "二店", "channel": "taobao"}
        await tx.execute(stores.insert().values(tenant_id=shadow.tenant.id, **other))
        compared = await compare(
            tx,
            shadow.tenant.id,
            await store_by_code(tx, shadow.tenant.id, "tb2"),
            read_rows(read_text(f"订单号\n{order.order_id}\n")),
            today(shadow),
            timezone=shadow.tenant.timezone,
            keyrings=shadow.keyrings,
        )
    assert told(compared) == [("missed", "other_store")]


async def test_what_kashu_delivered_itself_is_not_the_old_ways(shadow: Trade) -> None:
    item = await offered(shadow)
    async with shadow.database.transaction(shadow.tenant.id) as tx:
        await set_mode(tx, shadow.tenant.id, "test", "tb", Mode.AUTOMATIC)
    shadow.clock.advance(timedelta(seconds=1))
    order = shadow.shop.sell((item, 1))
    held = shadow.shop.sell((item, 1))
    shadow.shop.set_state(held, OrderState.HELD)
    await shadow.run()
    compared = await beside(shadow, f"订单号\n{held.order_id}\n")
    assert told(compared) == [("missed", "platform_holds"), ("extra", "done_by_kashu")]
    assert (compared.orders, compared.automatic) == (2, 1)
    assert order.shown


async def test_comparing_changes_nothing(shadow: Trade) -> None:
    item = await offered(shadow)
    order = shadow.shop.sell((item, 1))
    await shadow.run()
    before = await shadow.step(order)
    async with shadow.database.transaction(shadow.tenant.id) as tx:
        decided = (await tx.execute(select(decisions))).all()
    await beside(shadow, f"订单号,数量\n{order.order_id},7\n")
    assert await shadow.step(order) == before
    async with shadow.database.transaction(shadow.tenant.id) as tx:
        assert (await tx.execute(select(decisions))).all() == decided
    await shadow.assert_sound()


def rows_of(sheet: str) -> list[SheetRow]:
    return read_rows(read_text(sheet))


def test_headings_are_known_in_both_languages_and_below_a_title() -> None:
    (row,) = rows_of(
        "十一月发货表\t\t\t\t\n订单编号\t宝贝标题\t张数\t实付金额\t发货时间\n"
        "'4200012345678901234\t芒果TV月卡\t2\t1,039.60元\t2026年11月22日 13:05\n"
        "合计\t\t2\t1039.6\t\n"
    )
    assert (row.number, row.items, row.quantity) == ("4200012345678901234", ("芒果TV月卡",), 2)
    assert (row.amount_e4, str(row.day)) == (10_396_000, "2026-11-22")
    (row,) = rows_of("Order No,Qty,Amount\nA-1,1,5\n")
    assert (row.number, row.quantity, row.amount_e4) == ("A-1", 1, 50_000)


def test_what_cannot_be_read_is_told_by_row_in_both_languages() -> None:
    with pytest.raises(SheetWrong) as wrong:
        rows_of("订单号,数量,金额,时间\nA1,x,1,\nA2,1,abc,\n,1,1,\nA4,1,1,昨天\nA5,1,1,\n")
    assert [(each.at, each.code) for each in wrong.value.problems] == [
        ("row 2, 数量", "quantity_wrong"),
        ("row 3, 金额", "amount_wrong"),
        ("row 4, 订单号", "number_wrong"),
        ("row 5, 时间", "time_wrong"),
    ]
    assert all(each.zh and each.en for each in wrong.value.problems)
    assert wrong.value.facts["count"] == 4


def test_a_sheet_without_headings_or_orders_is_refused() -> None:
    with pytest.raises(SheetWrong) as wrong:
        rows_of("A1,1,19.80\nA2,2,39.60\n")
    assert wrong.value.problems[0].code == "column_missing"
    with pytest.raises(SheetWithoutOrders):
        rows_of("订单号,数量\n")


async def test_files_keep_digits_and_formulas_stay_text(shadow: Trade) -> None:
    item = await offered(shadow)
    order = shadow.shop.sell((item, 1))
    await shadow.run()
    sheet = f'订单号,商品\n{order.order_id},"=HYPERLINK(""x"")芒果TV月卡"\n'
    compared = await beside(shadow, sheet)
    written = to_csv(compared, "zh").decode("utf-8-sig").splitlines()
    assert written[0].split(",") == header("zh")
    assert "'=HYPERLINK" in written[1]
    (read,) = list(read_bytes(to_xlsx(compared, "en")).rows())[1:]
    assert read.cells[1] == order.order_id
    assert 3 not in read.traits
    document = shown(compared)
    assert document.lines[0].order == order.order_id
    assert document.same + document.different == 1
