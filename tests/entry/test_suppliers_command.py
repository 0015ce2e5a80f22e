"""Suppliers at the command line: connected without a secret on the screen, compared, imported."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kashu.entry.cli import main
from tests.entry.conftest import Terminal

LIST = "编号,名称,价格,规格编码\nA1,芒果TV会员月卡,14.80,mgtv-month\nA2,坏的,0,\n"


@pytest.fixture
def alpha(terminal: Terminal) -> Terminal:
    terminal.ask("supplier", "add", "alpha", "--name", "甲")
    return terminal


def test_a_supplier_is_connected_and_its_key_is_never_shown(
    alpha: Terminal, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("s3cret-key\n")
    command = ["supplier", "connect", "alpha", "--protocol", "fulu", "--account", "10001"]
    done = alpha.run(*command, "--base-url", "https://fulu.example.com", "--secret-file", str(key))
    assert done.exit_code == 0, done.stderr
    assert "s3cret-key" not in done.stdout + done.stderr
    assert alpha.ask("supplier", "stop", "alpha")["state"] == "stopped"
    assert alpha.ask("supplier", "open", "alpha")["state"] == "open"
    tried = alpha.run("supplier", "test", "alpha")
    assert tried.exit_code == 1, "nobody is there"
    assert "not_reached" in tried.stdout or "address_forbidden" in tried.stdout


def test_a_secret_is_not_taken_from_the_command_line(alpha: Terminal) -> None:
    command = ["supplier", "connect", "alpha", "--protocol", "fulu", "--account", "10001"]
    refused = alpha.run(*command, "--option", "notify_secret=hidden")
    assert refused.exit_code == 2
    assert "hidden" not in refused.stderr.replace("notify_secret", "")


def test_protocols_are_listed(alpha: Terminal) -> None:
    assert "fulu" in [each["protocol"] for each in alpha.ask("supplier", "protocols")]


def test_an_unknown_protocol_is_refused(alpha: Terminal, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("s3cret-key\n")
    command = ["supplier", "connect", "alpha", "--protocol", "smoke", "--account", "10001"]
    assert "smoke" in alpha.refused(*command, "--secret-file", str(key))
    assert "接入" in alpha.refused("supplier", "stop", "alpha")


def test_a_price_list_is_tried_imported_and_compared(alpha: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(LIST)
    dry = alpha.ask("supplier", "offers", "alpha", str(path), "--dry-run")
    assert dry["counts"] == {"added": 1, "bad_price": 1}
    assert alpha.ask("prices", "mgtv-month")[0]["offers"] == []
    done = alpha.ask("supplier", "offers", "alpha", str(path))
    assert done["rows"] == dry["rows"]
    (offer,) = alpha.ask("prices", "mgtv-month")[0]["offers"]
    assert offer["landed"]["price"] == "14.80"
    assert [each["code"] for each in offer["why_not"]] == ["not_connected"]
    assert [each["sku"] for each in alpha.ask("prices")] == ["mgtv-month"]
    code, screen = alpha.see("prices", "mgtv-month")
    assert (code, "14.80" in screen) == (0, True)
    assert "mgtv-nothing" in alpha.refused("prices", "mgtv-nothing")


@pytest.mark.usefixtures("alpha")
def test_an_account_may_be_typed_instead_of_written_on_the_command_line() -> None:
    command = ["supplier", "connect", "alpha", "--protocol", "fulu", "--account", "-", "--json"]
    typed = CliRunner().invoke(main, [*command], input="10001\ns3cret-key\n")
    assert typed.exit_code == 0, typed.output
    assert json.loads(typed.stdout)["account"] == "10001"
    assert "s3cret-key" not in typed.output

    empty = CliRunner().invoke(main, [*command], input="\ns3cret-key\n")
    assert empty.exit_code == 2
    assert "账号是空的" in empty.stderr


def test_a_breaker_is_seen_opened_and_closed(alpha: Terminal, tmp_path: Path) -> None:
    assert "supplier_not_connected" in alpha.refused("supplier", "breaker", "alpha")
    key = tmp_path / "key"
    key.write_text("s3cret-key\n")
    command = ["supplier", "connect", "alpha", "--protocol", "fulu", "--account", "10001"]
    alpha.ask(*command, "--secret-file", str(key))
    closed = {"supplier": "alpha", "state": "closed", "until": None, "breaks": 0, "because": ""}
    assert alpha.ask("supplier", "breaker", "alpha") == closed

    opened = alpha.ask("supplier", "breaker", "alpha", "open", "--minutes", "90")

    assert (opened["state"], opened["because"]) == ("open", "by_hand")
    assert alpha.ask("supplier", "breaker", "alpha") == opened
    for wrong in (("close", "--minutes", "5"), ("open", "--minutes", "20000"), ("shut",)):
        assert alpha.run("supplier", "breaker", "alpha", *wrong).exit_code == 2
    assert alpha.ask("supplier", "breaker", "alpha") == opened
    assert alpha.ask("supplier", "breaker", "alpha", "close") == closed
