"""`kashu order list`: orders by what became of them."""

import json
from datetime import timedelta

import psycopg
import pytest

from kashu.core.clock import day_of, now
from kashu.orders.reads import CAME_TO
from tests.entry.conftest import Terminal


@pytest.fixture
def trading(terminal: Terminal) -> Terminal:
    """A shop with an order in each state, oldest first: filled, refunded, short, …"""
    for kind, code in (("customer", "zhonghai"), ("store", "taobao-1")):
        terminal.ask(kind, "add", code, "--name", code)
    terminal.stock(4)
    place = ["order", "place", "--sku", "mgtv-month", "--external-id"]
    terminal.ask(*place, "filled-1", "--price", "1")
    terminal.ask(*place, "refunded-1", "--price", "1")
    terminal.ask("order", "refund", "refunded-1")
    terminal.ask(*place, "short-1", "--price", "9", "--quantity", "9", "--store", "taobao-1")
    with psycopg.connect(terminal.url, autocommit=True) as connection:
        connection.execute("UPDATE catalog.skus SET partial_allowed = true WHERE code = %s", [
            "mgtv-month"
        ])  # fmt: skip
        terminal.ask(*place, "partly_filled-1", "--price", "5", "--quantity", "5")
        connection.execute(
            "UPDATE catalog.skus SET shortage_policy = 'refuse', partial_allowed = false"
        )
    terminal.ask(*place, "refused-1", "--price", "1", "--customer", "zhonghai")
    return terminal


def numbers(terminal: Terminal, *filters: str) -> list[str]:
    page = terminal.ask("order", "list", *filters)
    return [order["external_id"] for order in page["orders"]]


def test_each_state_lists_the_orders_that_say_they_are_in_it(trading: Terminal) -> None:
    page = trading.ask("order", "list")
    assert [order["external_id"] for order in page["orders"]] == [
        "refused-1",
        "partly_filled-1",
        "short-1",
        "refunded-1",
        "filled-1",
    ]
    for order in page["orders"]:
        assert order["external_id"] == f"{order['state']}-1"
    assert page["next_before"] is None
    for state in CAME_TO:
        assert numbers(trading, "--state", state) == [f"{state}-1"]


def test_orders_are_found_by_store_customer_number_and_day(trading: Terminal) -> None:
    assert numbers(trading, "--store", "taobao-1") == ["short-1"]
    assert numbers(trading, "--customer", "zhonghai") == ["refused-1"]
    assert numbers(trading, "--external-id", "filled-1") == ["filled-1"]
    assert numbers(trading, "--external-id", "filled-2") == []
    today = day_of(now())
    assert len(numbers(trading, "--since", today.isoformat())) == 5
    assert numbers(trading, "--since", (today + timedelta(days=1)).isoformat()) == []
    with psycopg.connect(trading.url, autocommit=True) as connection:
        connection.execute(
            "UPDATE orders.orders SET accepted_at = accepted_at - interval '2 days'"
            " WHERE external_id <> 'refused-1'"
        )
    assert numbers(trading, "--since", today.isoformat()) == ["refused-1"]


def test_pages_follow_each_other_without_a_gap(trading: Terminal) -> None:
    found: list[str] = []
    more: list[str] = []
    pages = 0
    while pages == 0 or more:
        page = trading.ask("order", "list", "--limit", "2", *more)
        found += [order["external_id"] for order in page["orders"]]
        more = ["--before", page["next_before"]] if page["next_before"] else []
        pages += 1
    assert found == numbers(trading)
    assert pages == 3


def test_what_is_not_there_is_refused_by_name(trading: Terminal) -> None:
    assert "nowhere" in trading.refused("order", "list", "--store", "nowhere")
    assert "nobody" in trading.refused("order", "list", "--customer", "nobody")
    nothing = "00000000-0000-7000-8000-000000000000"
    assert nothing in trading.refused("order", "list", "--before", nothing)


def test_a_person_reads_chinese_states_and_how_to_go_on(trading: Terminal) -> None:
    code, screen = trading.see("order", "list", "--limit", "4")
    assert code == 0
    for word in ("缺货", "部分发出", "已拒绝", "已退", "客户", "--before"):
        assert word in screen
    assert "short " not in screen
    code, screen = trading.see("order", "show", "short-1")
    assert "缺货，等待补发" in screen
    assert "命令行" in screen
    assert "order.short" not in screen
    assert json.loads(trading.run("order", "show", "short-1").stdout)[0]["order"]["state"] == (
        "short"
    )


def test_no_orders_are_said_to_be_none(terminal: Terminal) -> None:
    done = terminal.run("order", "list")
    assert json.loads(done.stdout) == {"orders": [], "next_before": None}
    assert "没有这样的订单" in done.stderr
