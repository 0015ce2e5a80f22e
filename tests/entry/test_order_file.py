"""`kashu order file`: what is checked, what is foreseen, what is placed."""

import openpyxl
import psycopg
import pytest

from tests.entry.conftest import Terminal
from tests.entry.test_cli import rows_of

HEADER = "external_id,store,customer,sku,quantity,price"


def write(terminal: Terminal, *rows: str, header: str = HEADER) -> str:
    path = terminal.folder / "orders.csv"
    path.write_text("\n".join((header, *rows)) + "\n")
    return str(path)


def test_a_file_of_orders_is_placed_once_however_often_it_is_run(terminal: Terminal) -> None:
    terminal.stock(4)
    rows = [f"F-{n},direct,,mgtv-month,1,19.80" for n in range(3)]
    path = write(terminal, *rows, "F-2,direct,,mgtv-month,2,39.60", "F-9,,,iqiyi-month,1,20")
    first = terminal.ask("order", "file", path)
    assert (first["orders"], first["new"]) == (4, 4)
    assert (first["delivered"], first["waiting"]) == (3, 3)  # two are one too many for F-2
    again = terminal.ask("order", "file", path)
    assert (again["orders"], again["new"], again["requests_replayed"]) == (4, 0, 1)
    assert rows_of(terminal, "orders.orders") == 4
    assert rows_of(terminal, "stock.allocations") == 3


def test_a_file_that_was_cut_off_goes_on_where_it_stopped(terminal: Terminal) -> None:
    path = write(terminal, *(f"F-{n},,,mgtv-month,1,19.80" for n in range(1_200)))
    terminal.ask("order", "file", path)
    with psycopg.connect(terminal.url, autocommit=True) as connection:
        # As if it had been killed after the first of its three requests.
        connection.execute("DELETE FROM orders.requests WHERE key NOT LIKE '%:1'")
    again = terminal.ask("order", "file", path)
    assert (again["orders"], again["new"], again["requests_replayed"]) == (1_200, 0, 1)
    assert rows_of(terminal, "orders.orders") == 1_200


def test_every_mistake_of_a_file_is_told_at_once_with_its_row_and_nothing_is_placed(
    terminal: Terminal,
) -> None:
    terminal.stock(1)
    path = write(
        terminal,
        "F-1,direct,,mgtv-month,1,19.80",
        "F-2,nowhere,,mgtv-month,1,19.80",
        "F-3,direct,,no-such,1,19.80",
        "F-4,direct,,mgtv-month,0,19.80",
        "F-5,shut,nobody,none,1.5,19.805",
        "F-6,direct,,mgtv-month,1,19.805",
        "F-7,direct,nobody,mgtv-month,1,19.80",
        ",direct,,mgtv-month,1,-1",
    )
    told = terminal.refused("order", "file", path)
    wrong = [line for line in told.splitlines() if line.startswith("  第")]
    assert [line.split("：")[0].strip() for line in wrong] == [
        "第 3 行 store",
        "第 4 行 sku",
        "第 5 行 quantity",
        "第 6 行 quantity",
        "第 6 行 store",
        "第 6 行 customer",
        "第 6 行 sku",
        "第 6 行 price",
        "第 7 行 price",
        "第 8 行 customer",
        "第 9 行 external_id",
        "第 9 行 price",
    ]
    assert "12 处" in told
    assert rows_of(terminal, "orders.orders") == 0


def test_a_mistake_is_told_by_the_column_as_the_file_calls_it_in_the_readers_language(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(terminal, "F-1,mgtv-month,x,1", header="订单号,规格编码,数量,实付金额")
    assert "第 2 行 数量：" in terminal.refused("order", "file", path)
    monkeypatch.setenv("KASHU_LANGUAGE", "en")
    assert "row 2, 数量: A quantity is" in terminal.refused("order", "file", path)


def test_a_file_without_the_columns_is_told_which_are_missing(terminal: Terminal) -> None:
    path = write(terminal, "F-1,1", header="订单号,数量")
    told = terminal.refused("order", "file", path)
    assert "sku" in told
    assert "price" in told


def test_a_workbook_with_chinese_columns_is_read_and_lost_digits_are_noticed(
    terminal: Terminal,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["订单号", "规格", "数量", "金额"])
    sheet.append(["6920260001", "mgtv-month", 1, 19.8])
    path = terminal.folder / "orders.xlsx"
    book.save(path)
    assert terminal.ask("order", "file", str(path), "--dry-run")["new"] == 1
    assert rows_of(terminal, "orders.orders") == 0
    assert terminal.ask("order", "file", str(path))["new"] == 1
    sheet.append([692026000112345678901, "mgtv-month", 1, 19.8])
    book.save(path)
    assert "第 3 行 订单号：" in terminal.refused("order", "file", str(path))


def test_a_preview_says_what_a_file_comes_to_and_which_skus_run_short(terminal: Terminal) -> None:
    terminal.stock(5)
    terminal.stock(3, "iqiyi-month")
    terminal.ask("order", "place", "--sku", "mgtv-month", "--price", "1", "--external-id", "F-0")
    path = write(
        terminal,
        "F-0,direct,,mgtv-month,1,1",
        "F-1,direct,,mgtv-month,3,59.40",
        "F-2,direct,,mgtv-month,2,39.60",
        "F-2,direct,,iqiyi-month,3,60.00",
    )
    foreseen = terminal.ask("order", "file", path, "--dry-run")
    assert foreseen == {
        "orders": 3,
        "placed_before": 1,
        "new": 2,
        "units": 8,
        "amount": "159.00",
        "short_orders": 1,
        "skus": [
            {"sku": "iqiyi-month", "wanted": 3, "available": 3, "short": 0},
            {"sku": "mgtv-month", "wanted": 5, "available": 4, "short": 2},
        ],
    }
    assert rows_of(terminal, "orders.orders") == 1
    placed = terminal.ask("order", "file", path)
    assert (placed["new"], placed["delivered"], placed["waiting"]) == (2, 1 + 3 + 3, 2)


def test_a_preview_on_a_terminal_says_what_to_do_next(terminal: Terminal) -> None:
    path = write(terminal, "F-1,direct,,mgtv-month,1,19.80")
    code, screen = terminal.see("order", "file", path, "--dry-run")
    assert code == 0
    assert "会缺" in screen
    assert "⚠ 1 单会缺货" in screen
    assert "kashu order file" in screen


def test_amounts_and_counts_may_be_written_as_people_do(terminal: Terminal) -> None:
    path = write(
        terminal,
        'F-1,direct,,mgtv-month,２,"￥1,039.60"',
        "F-2,direct,,mgtv-month,1,１９．８０元",
    )
    foreseen = terminal.ask("order", "file", path, "--dry-run")
    assert (foreseen["units"], foreseen["amount"]) == (3, "1059.40")


def test_a_file_with_only_a_heading_is_an_error(terminal: Terminal) -> None:
    assert "order_file_without_orders" in terminal.refused("order", "file", write(terminal))


def test_the_counter_is_the_store_of_orders_that_name_none(terminal: Terminal) -> None:
    terminal.stock(2)
    path = write(terminal, "F-1,direct,,mgtv-month,1,1", "F-1,,,mgtv-month,1,1")
    assert terminal.ask("order", "file", path)["orders"] == 1
    assert rows_of(terminal, "orders.lines") == 2


def test_an_order_that_is_too_large_for_one_request_is_told_by_its_row(terminal: Terminal) -> None:
    rows = [f"F-1,,,mgtv-month,{count},1" for count in (9_000, 9_000)]
    told = terminal.refused("order", "file", write(terminal, "F-0,,,mgtv-month,1,1", *rows))
    assert "第 3 行：一个订单最多 10000 张" in told
    assert rows_of(terminal, "orders.orders") == 0


def test_a_top_up_names_its_account_in_a_column_of_its_own(terminal: Terminal) -> None:
    with psycopg.connect(terminal.url, autocommit=True) as connection:
        connection.execute(
            "UPDATE catalog.skus SET fulfilment = 'topup', account_type = 'phone'"
            " WHERE code = 'iqiyi-month'"
        )
    header = "订单号,规格,数量,金额,充值账号"
    rows = ("F-1,iqiyi-month,1,19.80,{account}", "F-2,mgtv-month,1,19.80,")
    wrong = write(terminal, *rows, header=header)
    told = terminal.refused("order", "file", wrong)
    assert "充值账号" in told
    assert rows_of(terminal, "orders.orders") == 0
    filled = [row.format(account="13812345678") for row in rows]
    first = terminal.ask("order", "file", write(terminal, *filled, header=header))
    assert (first["orders"], first["new"], first["waiting"]) == (2, 2, 2)
    assert rows_of(terminal, "orders.buying") == 1


def test_an_order_is_placed_with_its_account(terminal: Terminal) -> None:
    with psycopg.connect(terminal.url, autocommit=True) as connection:
        connection.execute(
            "UPDATE catalog.skus SET fulfilment = 'topup', account_type = 'phone'"
            " WHERE code = 'iqiyi-month'"
        )
    place = ("order", "place", "--sku", "iqiyi-month", "--price", "20")
    assert "--account" in terminal.refused(*place)
    assert "--account" in terminal.refused(*place, "--account", "12")
    assert rows_of(terminal, "orders.orders") == 0
    placed = terminal.ask(*place, "--account", "13812345678")
    assert "13812345678" not in str(placed)
    assert rows_of(terminal, "orders.buying") == 1
