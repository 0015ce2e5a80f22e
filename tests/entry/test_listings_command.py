"""Mapping by file, and bundles, from the command line."""

from pathlib import Path

import psycopg

from tests.entry.conftest import Terminal


def test_listings_are_written_filled_in_and_read_again(terminal: Terminal, tmp_path: Path) -> None:
    terminal.ask("store", "add", "tb", "--name", "淘宝店", "--channel", "taobao")
    file = tmp_path / "m.csv"
    file.write_text("商品ID,规格ID,规格编码,数量\n6834,1,mgtv-month,2\n6834,2,nothing,1\n")
    foreseen = terminal.ask("listings", "import", "--store", "tb", str(file), "--dry-run")
    assert foreseen["counts"] == {"learns": 1, "unknown_sku": 1}
    done = terminal.ask("listings", "import", "--store", "tb", str(file))
    assert [row["outcome"] for row in done["rows"]] == ["learns", "unknown_sku"]
    out = tmp_path / "out.xlsx"
    assert terminal.ask("listings", "export", "--store", "tb", str(out))["listings"] == 1
    again = terminal.ask("listings", "import", "--store", "tb", str(out))
    assert again["counts"] == {"same": 1}
    assert "已经存在" in terminal.refused("listings", "export", "--store", "tb", str(out))


def test_a_bundle_is_shown_and_set(terminal: Terminal) -> None:
    assert [part["sku"] for part in terminal.ask("catalog", "parts", "mgtv-month")] == [
        "mgtv-month"
    ]
    refused = terminal.refused("catalog", "parts", "mgtv-month", "iqiyi-month=2")
    assert "不是组合" in refused


def test_what_came_of_each_row_can_be_read_on_a_terminal(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.ask("store", "add", "tb", "--name", "淘宝店", "--channel", "taobao")
    file = tmp_path / "m.csv"
    file.write_text("item_id,variant_id,sku,units\n6834,1,mgtv-month,2\n6834,2,nothing,1\n")
    code, screen = terminal.see("listings", "import", "--store", "tb", str(file), "--dry-run")
    assert code == 0
    assert "什么都没有写入" in screen
    assert "mgtv-month" in screen


def test_a_bundle_is_sold_by_hand_and_by_file(terminal: Terminal, tmp_path: Path) -> None:
    terminal.stock(4)
    with psycopg.connect(terminal.url, autocommit=True) as connection:
        connection.execute("UPDATE catalog.skus SET fulfilment = 'bundle' WHERE code = 'mgtv-year'")
    wanted = ["mgtv-month=1", "iqiyi-month=2"]
    parts = terminal.ask("catalog", "parts", "mgtv-year", *wanted)
    assert [(part["sku"], part["units"]) for part in parts] == [
        ("mgtv-month", 1),
        ("iqiyi-month", 2),
    ]
    file = tmp_path / "orders.csv"
    file.write_text("external_id,sku,quantity,price\nF-1,mgtv-year,2,100\n")
    foreseen = terminal.ask("order", "file", str(file), "--dry-run")
    assert foreseen["units"] == 6
    assert [(each["sku"], each["wanted"]) for each in foreseen["skus"]] == [
        ("iqiyi-month", 4),
        ("mgtv-month", 2),
    ]
    placed = terminal.ask("order", "file", str(file))
    assert (placed["new"], placed["delivered"], placed["waiting"]) == (1, 2, 4)
    again = terminal.ask("order", "file", str(file))
    assert (again["new"], again["requests_replayed"]) == (0, 1)
