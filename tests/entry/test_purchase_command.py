"""`kashu purchase` and `kashu reorder`: want, look, decide, buy again."""

import psycopg

from tests.entry.conftest import Terminal


def test_a_purchase_is_wanted_listed_shown_and_cancelled(terminal: Terminal) -> None:
    terminal.stock(1)  # and with it the warehouse
    made = terminal.ask("purchase", "want", "mgtv-month", "5", "--warehouse", "main")
    assert (made["state"], made["quantity"], made["actor"]) == ("wanted", 5, "cli")
    [listed] = terminal.ask("purchase", "list", "--state", "wanted")["purchases"]
    assert listed["id"] == made["id"]
    whole = terminal.ask("purchase", "show", made["id"])
    assert [event["kind"] for event in whole["events"]] == ["purchase.wanted"]
    ended = terminal.ask("purchase", "cancel", made["id"], "--reason", "no")
    assert ended["state"] == "cancelled"
    assert terminal.ask("purchase", "list", "--state", "wanted")["purchases"] == []


def test_what_was_wanted_here_is_not_approved_here(terminal: Terminal) -> None:
    terminal.stock(1)
    draft = terminal.ask("purchase", "want", "mgtv-month", "5", "--warehouse", "main", "--draft")
    assert draft["state"] == "draft"
    with psycopg.connect(terminal.url, autocommit=True) as connection:
        connection.execute("UPDATE purchases.purchases SET state = 'asked'")
    refused = terminal.run("purchase", "approve", draft["id"])
    assert refused.exit_code == 1
    assert "purchase_own" in refused.output
    [listed] = terminal.ask("purchase", "list")["purchases"]
    assert listed["state"] == "asked"


def test_nothing_is_suggested_where_nothing_sells(terminal: Terminal) -> None:
    terminal.stock(1)
    assert terminal.ask("reorder") == {"suggestions": []}
    [one] = terminal.ask("reorder", "mgtv-month")["suggestions"]
    assert (one["quantity"], one["why"]) == (0, "no_sales")
    refused = terminal.run("reorder", "mgtv-month", "--want")
    assert refused.exit_code == 1
    assert "nothing_to_reorder" in refused.output
    assert terminal.ask("purchase", "list")["purchases"] == []
