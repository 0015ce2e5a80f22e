import pytest

from tests.entry.conftest import Terminal


@pytest.mark.parametrize("kind", ["supplier", "store", "warehouse", "customer"])
def test_what_is_added_is_listed(terminal: Terminal, kind: str) -> None:
    added = terminal.ask(kind, "add", "alpha", "--name", "甲")
    assert (added["code"], added["name"]) == ("alpha", "甲")
    assert "alpha" in [each["code"] for each in terminal.ask(kind, "list")]


@pytest.mark.parametrize("kind", ["supplier", "store", "warehouse", "customer"])
def test_a_code_that_is_taken_is_refused_and_changes_nothing(terminal: Terminal, kind: str) -> None:
    terminal.ask(kind, "add", "alpha", "--name", "甲")
    before = terminal.ask(kind, "list")
    refused = terminal.run(kind, "add", "alpha", "--name", "乙")
    assert refused.exit_code == 1
    assert "编码" in refused.stderr
    assert terminal.ask(kind, "list") == before


def test_a_new_key_is_told_once_with_what_it_may_do(terminal: Terminal) -> None:
    made = terminal.ask("keys", "add", "--name", "web", "--scope", "orders.write")
    assert made["scopes"] == ["orders.write"]
    assert made["key"].startswith("ak_")
    assert made["secret"].startswith("sk_")


def test_a_secret_on_a_terminal_is_in_one_line_however_long(terminal: Terminal) -> None:
    scopes = [f"--scope={scope}" for scope in ("orders.write", "orders.read", "stock.reveal")]
    code, screen = terminal.see("keys", "add", "--name", "web", *scopes)
    assert code == 0
    facts = dict(line.split("  ", 1) for line in screen.splitlines() if "  " in line)
    assert facts["密文"].startswith("sk_")
    assert facts["权限"] == "orders.read orders.write stock.reveal"


def test_the_first_command_on_an_empty_database_begins_a_shop(terminal: Terminal) -> None:
    told = terminal.run("catalog", "list")
    assert told.exit_code == 0
    assert "mgtv-month" in told.stdout
