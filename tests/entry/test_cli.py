import json
from base64 import b64encode
from pathlib import Path

import openpyxl
import psycopg
import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeyMissing, read_master_keys
from tests.entry.conftest import Terminal


def rows_of(terminal: Terminal, table: str) -> int:
    with psycopg.connect(terminal.url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[arg-type, unused-ignore]
        assert row is not None
        return int(row[0])


def test_help_teaches_without_a_database(terminal: Terminal) -> None:
    told = terminal.run("--help")
    assert told.exit_code == 0
    for word in ("kashu serve", "退出码", "130", "verify", "report", "backup"):
        assert word in told.stdout
    told = terminal.run("order", "place", "--help")
    assert "kashu order place --sku mgtv-month" in told.stdout


def test_every_command_explains_itself_with_its_options(terminal: Terminal) -> None:
    for command in (["serve"], ["order", "file"], ["report", "profit"], ["keys", "rotate"]):
        assert terminal.run(*command, "--help").exit_code == 0


def test_a_wrong_command_is_code_2_and_touches_nothing(terminal: Terminal) -> None:
    assert terminal.run("order", "place", "--sku", "mgtv-month").exit_code == 2
    assert terminal.run("fly").exit_code == 2
    assert terminal.run("order", "place", "--quantity", "0").exit_code == 2
    assert rows_of(terminal, "orders.orders") == 0


def test_an_order_by_hand_gets_its_cards_on_record(terminal: Terminal) -> None:
    numbers = terminal.stock(3)
    command = ["order", "place", "--sku", "mgtv-month", "--quantity", "2", "--price", "39.60"]
    answer = terminal.ask(*command, "--external-id", "A-1", "--deliver")
    (order,) = answer["orders"]
    assert order["state"] == "filled"
    assert [card["number"] for card in order["lines"][0]["cards"]] == numbers[:2]
    assert rows_of(terminal, "stock.reveals") == 2
    again = terminal.ask(*command, "--external-id", "A-1", "--deliver")
    assert again["orders"][0]["order_id"] == order["order_id"]
    assert rows_of(terminal, "orders.orders") == 1


def test_cards_are_shown_only_to_who_asks_for_them(terminal: Terminal) -> None:
    (number,) = terminal.stock(1)
    done = terminal.run("order", "place", "--sku", "mgtv-month", "--price", "19.80")
    assert done.exit_code == 0
    assert number not in done.stdout
    assert rows_of(terminal, "stock.reveals") == 0


def test_a_refusal_names_the_field_says_what_to_do_and_changes_nothing(terminal: Terminal) -> None:
    told = terminal.refused("order", "place", "--sku", "nothing", "--price", "1")
    assert "nothing" in told
    assert "--sku：" in told
    assert "/orders/0" not in told
    assert "规格" in told
    assert rows_of(terminal, "orders.orders") == 0


def test_the_reader_is_told_in_their_language(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KASHU_LANGUAGE", "en")
    told = terminal.refused("order", "show", "nothing")
    assert "order" in told.lower()
    assert not any("\u4e00" <= character <= "\u9fff" for character in told)


def test_an_unknown_shop_and_a_wrong_setting_are_refused_by_name(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "nobody" in terminal.refused("catalog", "list", "--tenant", "nobody")
    monkeypatch.setenv("KASHU_PROT", "1")
    assert "prot" in terminal.refused("verify")


def test_an_order_is_shown_with_its_story(terminal: Terminal) -> None:
    terminal.stock(1)
    place = ["order", "place", "--sku", "mgtv-month", "--price", "19.80", "--external-id", "A-1"]
    placed = terminal.ask(*place)["orders"][0]
    (by_number,) = terminal.ask("order", "show", "A-1")
    (by_id,) = terminal.ask("order", "show", placed["order_id"])
    assert by_number == by_id
    assert by_id["order"]["total"] == "19.80"
    assert "order.filled" in [event["kind"] for event in by_id["timeline"]["events"]]


def test_a_refund_is_given_once_for_each_number(terminal: Terminal) -> None:
    terminal.stock(2)
    place = ["order", "place", "--sku", "mgtv-month", "--quantity", "2", "--price", "39.60"]
    terminal.ask(*place, "--external-id", "A-1")
    command = ["order", "refund", "A-1", "--line", "1:1", "--refund-id", "R-1"]
    first, again = terminal.ask(*command), terminal.ask(*command)
    assert (first["new"], again["new"]) == (True, False)
    assert first["amount"] == again["amount"] == "19.80"
    told = terminal.refused("order", "refund", "A-1", "--line", "1:2", "--refund-id", "R-2")
    assert "refund_too_large" in told


def test_a_refund_of_nothing_is_refused_and_writes_nothing(terminal: Terminal) -> None:
    terminal.stock(2)
    place = ["order", "place", "--sku", "mgtv-month", "--quantity", "2", "--price", "39.60"]
    terminal.ask(*place, "--external-id", "A-1")
    assert terminal.ask("order", "refund", "A-1", "--line", "1:0:￥0.60")["amount"] == "0.60"
    assert terminal.ask("order", "refund", "A-1")["amount"] == "39.00"
    before = (rows_of(terminal, "orders.refunds"), rows_of(terminal, "core.events"))
    told = terminal.refused("order", "refund", "A-1")
    assert "没有可退的" in told
    assert "没有改动" in told
    terminal.refused("order", "refund", "A-1", "--line", "1:0")
    assert (rows_of(terminal, "orders.refunds"), rows_of(terminal, "core.events")) == before


def test_a_cancellation_that_finds_nothing_says_so(terminal: Terminal) -> None:
    terminal.stock(1)
    place = ["order", "place", "--sku", "mgtv-month", "--price", "19.80", "--deliver"]
    terminal.ask(*place, "--external-id", "A-1")
    done = terminal.run("order", "cancel", "A-1")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["amount"] == "0.00"
    assert "kashu order refund A-1" in done.stderr


def test_an_order_that_was_placed_before_is_said_to_be(terminal: Terminal) -> None:
    place = ["order", "place", "--sku", "mgtv-month", "--external-id", "A-1", "--price"]
    assert "之前" not in terminal.run(*place, "19.80").stderr
    told = terminal.run(*place, "29.80").stderr
    assert "之前已经下过" in told
    assert "换一个订单号" in told
    assert rows_of(terminal, "orders.orders") == 1


def test_a_price_may_be_written_as_people_do(terminal: Terminal) -> None:
    place = ["order", "place", "--sku", "mgtv-month", "--external-id", "A-1", "--price"]
    assert "千分位" in terminal.refused(*place, "1,5")
    assert rows_of(terminal, "orders.orders") == 0
    terminal.ask(*place, "￥1,019.80")
    assert terminal.ask("order", "show", "A-1")[0]["order"]["total"] == "1019.80"


def test_a_cancelled_order_gives_its_unseen_cards_back(terminal: Terminal) -> None:
    terminal.stock(1)
    place = ["order", "place", "--sku", "mgtv-month", "--price", "19.80", "--external-id"]
    terminal.ask(*place, "A-1")
    assert terminal.ask("order", "cancel", "A-1")["amount"] == "19.80"
    assert terminal.ask(*place, "A-2")["orders"][0]["state"] == "filled"


def test_profit_is_written_in_every_format(terminal: Terminal) -> None:
    terminal.stock(2)
    terminal.ask("order", "place", "--sku", "mgtv-month", "--quantity", "2", "--price", "39.60")
    report = ["report", "profit", "--by", "sku,store"]
    sheet = terminal.ask(*report)
    assert sheet["totals"][0]["profit"] == "19.60"
    assert terminal.ask(*report, "--from", "2020-01-01", "--to", "2020-01-02")["rows"] == []
    assert "mgtv-month" in terminal.run(*report, "--format", "csv").stdout
    assert "19.60" in terminal.run(*report, "--format", "table").stdout
    path = terminal.folder / "profit.xlsx"
    assert terminal.run(*report, "--format", "xlsx").exit_code == 2
    assert terminal.run(*report, "--format", "xlsx", "--output", str(path)).exit_code == 0
    sheet_of_book = openpyxl.load_workbook(path).active
    assert sheet_of_book is not None
    assert sheet_of_book.max_row == 3
    assert "moon" in terminal.refused("report", "profit", "--by", "moon")
    for empty in ("", " ", "day,", ",store"):
        assert "--by" in terminal.refused("report", "profit", "--by", empty)


def test_verify_is_clean_until_something_is_wrong(terminal: Terminal) -> None:
    terminal.stock(1)
    found = terminal.ask("verify", "--json")
    assert found["ok"] is True
    assert found["violations"] == 0
    with psycopg.connect(terminal.url, autocommit=True) as connection:
        connection.execute("UPDATE stock.lots SET available = 9")
    done = terminal.run("verify", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["ok"] is False


def test_a_preview_says_which_cards_come_next_and_hides_them(terminal: Terminal) -> None:
    numbers = terminal.stock(3)
    done = terminal.run("strategy", "preview", "--sku", "mgtv-month", "--count", "2")
    assert len(json.loads(done.stdout)["cards"]) == 2
    assert not any(number in done.stdout for number in numbers)


def test_the_catalogue_lists_what_ships(terminal: Terminal) -> None:
    skus = terminal.ask("catalog", "list")
    assert {sku["brand"] for sku in skus} >= {"mgtv", "iqiyi"}
    assert {sku["brand"] for sku in terminal.ask("catalog", "list", "--brand", "mgtv")} == {"mgtv"}


def test_a_shop_is_added_once_and_its_people_get_new_links(terminal: Terminal) -> None:
    assert "tenant_exists" in terminal.refused("tenant", "add", "main", "--name", "x")
    first = terminal.ask("tenant", "link", "owner")
    again = terminal.ask("tenant", "link", "owner")
    assert first["link"] != again["link"]
    terminal.refused("tenant", "link", "nobody")


def test_keys_are_rotated_and_what_was_sealed_still_opens(terminal: Terminal) -> None:
    (number, *_) = terminal.stock(2)
    (rotated,) = terminal.ask("keys", "rotate")
    assert (rotated["version"], rotated["rewrapped"]) == (2, 0)
    (rotated,) = terminal.ask("keys", "rotate", "--master")
    assert (rotated["version"], rotated["rewrapped"]) == (3, 3)  # two that seal, one index
    place = ["order", "place", "--sku", "mgtv-month", "--price", "19.80", "--deliver"]
    assert terminal.ask(*place)["orders"][0]["lines"][0]["cards"][0]["number"] == number


def test_a_program_that_runs_opens_what_a_newer_master_key_wraps(terminal: Terminal) -> None:
    known = read_master_keys(terminal.folder / "master.key")
    terminal.ask("keys", "rotate", "--master")

    async def sealing_key(tx: Tx, tenant_id: int, _: Keyrings) -> int:
        return (await Keyrings(known).of(tx, tenant_id)).version

    assert terminal.in_shop(sealing_key) == 2
    (terminal.folder / "master.key").write_text(b64encode(bytes(32)).decode())
    with pytest.raises(MasterKeyMissing):
        terminal.in_shop(sealing_key)


def test_a_master_key_from_the_environment_is_never_replaced(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = (terminal.folder / "master.key").read_text().strip()
    monkeypatch.setenv("KASHU_MASTER_KEY", key)
    assert "keys rewrap" in terminal.refused("keys", "rotate", "--master")
    (unchanged,) = terminal.ask("keys", "rewrap")
    assert unchanged["rewrapped"] == 0


def test_the_version_and_the_api_are_told_without_a_database(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KASHU_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert terminal.run("version").stdout.strip()
    assert "/v1/orders" in terminal.ask("openapi")["paths"]
    path = Path(terminal.folder / "openapi.json")
    assert terminal.run("openapi", "--output", str(path)).exit_code == 0
    assert "/v1/orders" in json.loads(path.read_text())["paths"]


def test_a_bug_is_told_by_its_number_and_never_by_its_values(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("SECRET-CARD")

    monkeypatch.setattr("kashu.entry.commands.about.version_of", broken)
    done = terminal.run("version")
    assert done.exit_code == 70
    assert "SECRET-CARD" not in done.stderr + done.stdout
    assert "incident" in done.stderr
