"""`kashu imports`: past imports, and taking one back."""

from pathlib import Path

import pytest

from tests.entry.conftest import Terminal
from tests.entry.test_cli import rows_of

TERMS = ("--sku", "mgtv-month", "--warehouse", "main", "--supplier", "alpha", "--cost", "14.125")


def bring_in(terminal: Terminal, name: str, *cards: str, exits: int = 0) -> None:
    path = terminal.folder / name
    path.write_text("\n".join(cards) + "\n")
    assert terminal.run("import", str(path), *TERMS, "--yes").exit_code == exits


@pytest.fixture
def supplied(terminal: Terminal) -> Terminal:
    terminal.ask("supplier", "add", "alpha", "--name", "甲")
    bring_in(terminal, "first.txt", "MG000000000001", "MG000000000002")
    bring_in(terminal, "second.txt", "MG000000000003", "#N/A", exits=3)
    return terminal


def test_imports_are_listed_latest_first_by_their_codes(supplied: Terminal) -> None:
    page = supplied.ask("imports", "list")
    told = [
        (each["file_name"], each["sku"], each["warehouse"], each["supplier"], each["state"])
        for each in page["imports"]
    ]
    assert told == [
        ("second.txt", "mgtv-month", "main", "alpha", "done"),
        ("first.txt", "mgtv-month", "main", "alpha", "done"),
    ]
    assert page["imports"][0]["classes"] == {"error_value": 1}
    first = supplied.ask("imports", "list", "--limit", "1")
    assert len(first["imports"]) == 1
    rest = supplied.ask("imports", "list", "--before", first["next_before"])
    assert [each["file_name"] for each in rest["imports"]] == ["first.txt"]
    assert rest["next_before"] is None


def test_an_import_is_taken_back_and_its_file_can_come_again(supplied: Terminal) -> None:
    first = supplied.ask("imports", "list")["imports"][1]
    undone = supplied.ask("imports", "undo", first["id"])
    assert (undone["id"], undone["state"]) == (first["id"], "undone")
    assert rows_of(supplied, "stock.cards") == 1
    assert supplied.ask("stock")[0]["held"] == 1
    assert "已撤销" in supplied.refused("imports", "undo", first["id"])
    bring_in(supplied, "first.txt", "MG000000000001", "MG000000000002")
    assert supplied.ask("stock")[0]["held"] == 3


def test_the_end_of_an_id_names_an_import(supplied: Terminal) -> None:
    first = supplied.ask("imports", "list")["imports"][1]
    assert supplied.ask("imports", "undo", first["id"][-8:])["id"] == first["id"]


def test_an_import_of_which_a_card_was_given_stays(supplied: Terminal) -> None:
    supplied.ask("order", "place", "--sku", "mgtv-month", "--price", "19.80")
    first = supplied.ask("imports", "list")["imports"][1]
    assert "import_in_use" in supplied.refused("imports", "undo", first["id"])
    assert rows_of(supplied, "stock.cards") == 3


def test_an_id_that_names_none_is_refused(supplied: Terminal) -> None:
    for which in ("nothing", "0", "00000000-0000-7000-8000-000000000000", "%"):
        assert "unknown_import" in supplied.refused("imports", "undo", which)
    assert rows_of(supplied, "stock.cards") == 3


def test_a_person_sees_what_is_undone_and_is_asked(supplied: Terminal) -> None:
    first = supplied.ask("imports", "list")["imports"][1]["id"][-8:]
    code, screen = supplied.see("imports", "list")
    assert code == 0
    assert first in screen
    assert "已完成" in screen
    assert "done" not in screen
    code, screen = supplied.see("imports", "undo", first, answer="n")
    assert code == 1
    assert "删除它的 2 张卡密" in screen
    assert rows_of(supplied, "stock.cards") == 3


def test_nothing_imported_is_said(terminal: Terminal) -> None:
    done = terminal.run("imports", "list")
    assert done.exit_code == 0
    assert "还没有导入过" in done.stderr


def test_a_file_that_is_called_list_can_be_imported(
    supplied: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(supplied.folder)
    Path("list").write_text("MG000000000009\n")
    assert supplied.ask("import", "list", *TERMS)["accepted"] == 1


def test_ctrl_c_instead_of_an_answer_ends_it_and_changes_nothing(supplied: Terminal) -> None:
    first = supplied.ask("imports", "list")["imports"][1]["id"]
    code, screen = supplied.see("imports", "undo", first, interrupt_at=b"[y/N]")
    assert code == 130
    assert "已中断" in screen
    path = supplied.folder / "third.txt"
    path.write_text("MG000000000007\n")
    code, screen = supplied.see("import", str(path), *TERMS, interrupt_at=b"[y/N]")
    assert code == 130
    assert rows_of(supplied, "stock.cards") == 3


def test_an_import_at_a_terminal_is_previewed_asked_about_and_told(supplied: Terminal) -> None:
    path = supplied.folder / "third.txt"
    path.write_text("MG000000000007\n#N/A\n")
    code, screen = supplied.see("import", str(path), *TERMS, answer="n")
    assert code == 1
    assert "导入 1 张卡密？" in screen
    assert rows_of(supplied, "stock.cards") == 3
    code, screen = supplied.see("import", str(path), *TERMS, answer="是")
    assert code == 3
    assert "错误值：" in screen
    assert "error_value" not in screen
    undo = f"kashu imports undo {supplied.ask('imports', 'list')['imports'][0]['id'][-8:]}"
    assert undo in screen
    assert rows_of(supplied, "stock.cards") == 4
