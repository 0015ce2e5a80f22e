import asyncio
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from kashu.access.permissions import Role
from tests.api.calls import add_staff, client_of_staff, problem
from tests.api.snapshot import snapshot
from tests.downstream.agents import Selling


@pytest.fixture
async def finance(selling: Selling) -> httpx.AsyncClient:
    """Somebody else who may approve."""
    caller = await add_staff(selling.database, selling.tenant.id, Role.FINANCE)
    return await client_of_staff(selling.app, selling.database, caller)


def money(amount: str = "100.00", **more: str) -> dict[str, str]:
    return {
        "kind": "deposit",
        "amount": amount,
        "method": "alipay",
        "reference": uuid4().hex,
        **more,
    }


async def asked(selling: Selling, told: dict[str, str]) -> Any:  # noqa: ANN401
    return await selling.ask("POST", "/v1/customers/acme/wallet-moves", told)


async def refused(selling: Selling, told: dict[str, str]) -> httpx.Response:
    return await selling.merchant.call("POST", "/v1/customers/acme/wallet-moves", told)


async def test_up_to_the_limit_one_persons_word_is_enough(selling: Selling) -> None:
    done = await asked(selling, money("100000.00"))
    assert (done["state"], done["can"]) == ("posted", [])
    assert done["transfer_id"]
    assert await selling.wallet() == "100000.00"
    await selling.is_sound()


async def test_above_the_limit_another_approves_and_the_asker_cannot(
    selling: Selling, finance: httpx.AsyncClient
) -> None:
    waits = await asked(selling, money("100000.01"))
    assert (waits["state"], waits["can"]) == ("asked", ["refuse"])
    assert await selling.wallet() == "0.00"
    path = f"/v1/wallet-moves/{waits['id']}/approval"
    problem(await selling.merchant.call("POST", path), 403, "wallet_move_needs_another")
    assert (await finance.post(path)).json()["state"] == "posted"
    problem(await finance.post(path), 409, "wallet_move_decided")
    assert await selling.wallet() == "100000.01"
    await selling.is_sound()


async def test_two_who_approve_at_once_post_it_once(selling: Selling) -> None:
    waits = await asked(selling, money("200000.00"))
    people = [
        await client_of_staff(
            selling.app,
            selling.database,
            await add_staff(selling.database, selling.tenant.id, Role.FINANCE),
        )
        for _ in range(4)
    ]
    path = f"/v1/wallet-moves/{waits['id']}/approval"
    answers = await asyncio.gather(*(person.post(path) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await selling.wallet() == "200000.00"
    await selling.is_sound()


async def test_what_is_refused_is_not_posted(selling: Selling, finance: httpx.AsyncClient) -> None:
    told = money("100000.01")
    waits = await asked(selling, told)
    done = await finance.post(f"/v1/wallet-moves/{waits['id']}/refusal")
    assert done.json()["state"] == "refused"
    assert await selling.wallet() == "0.00"
    again = await asked(selling, told)  # the same slip, shown once more
    assert again["state"] == "asked"


async def test_moves_are_listed_by_state_with_who_did_what(
    selling: Selling, finance: httpx.AsyncClient
) -> None:
    waits = await asked(selling, money("100000.01"))
    await asked(selling, money("1.00"))

    async def listed(state: str) -> list[Any]:
        told = await finance.get(f"/v1/wallet-moves?state={state}&customer=acme")
        return list(told.json()["moves"])

    [one] = await listed("asked")
    assert (one["id"], one["customer_name"]) == (waits["id"], waits["customer_name"])
    assert (one["asked_by_name"], one["decided_by_name"]) == (waits["asked_by_name"], None)
    await finance.post(f"/v1/wallet-moves/{waits['id']}/approval")
    assert await listed("asked") == []
    assert (await listed("posted"))[1]["decided_by_name"] is not None


async def test_one_slip_is_booked_once(selling: Selling) -> None:
    told = money()
    await asked(selling, told)
    before = await snapshot(selling.database, selling.tenant.id)
    problem(await refused(selling, told), 409, "wallet_move_shown_before")
    assert await snapshot(selling.database, selling.tenant.id) == before


async def test_only_what_is_there_is_paid_back_and_never_credit(selling: Selling) -> None:
    await selling.ask("PUT", "/v1/customers/acme/agent", {"credit_max": "500.00"})
    await asked(selling, money("100.00"))
    before = await snapshot(selling.database, selling.tenant.id)
    back = money("100.01", kind="withdrawal")
    problem(await refused(selling, back), 409, "wallet_short")
    assert await snapshot(selling.database, selling.tenant.id) == before
    await asked(selling, money("100.00", kind="withdrawal"))
    assert await selling.wallet() == "0.00"
    await selling.is_sound()


@pytest.mark.parametrize("amount", ["0", "0.00"])
async def test_nothing_is_no_movement(selling: Selling, amount: str) -> None:
    before = await snapshot(selling.database, selling.tenant.id)
    problem(await refused(selling, money(amount)), 422, "wallet_move_wrong")
    assert await snapshot(selling.database, selling.tenant.id) == before


async def test_the_statement_tells_all_that_moved_the_wallet(selling: Selling) -> None:
    await asked(selling, money("100.00"))
    [order] = (await selling.order("A1", 2)).json()["orders"]
    back = {"refund_id": "R1", "lines": [{"line": 1, "quantity": 1}]}
    await selling.ask("POST", f"/v1/orders/{order['order_id']}/refunds", back)
    told = (await selling.agent.call("GET", "/v1/customers/acme/wallet-statement")).json()
    said = ("reason", "order_number", "amount", "balance")
    assert told["opening"] == "0.00"
    assert [tuple(each[name] for name in said) for each in told["entries"]] == [
        ("agent_deposit", None, "100.00", "100.00"),
        ("sale", "A1", "-30.00", "70.00"),
        ("refund", "A1", "15.00", "85.00"),
    ]
    path = "/v1/customers/acme/wallet-statement?limit=2"
    first = (await selling.agent.call("GET", path)).json()
    assert [each["reason"] for each in first["entries"]] == ["agent_deposit", "sale"]
    rest = (await selling.agent.call("GET", f"{path}&after={quote(first['next'])}")).json()
    assert (rest["opening"], rest["entries"][0]["balance"]) == ("70.00", "85.00")
    written = await selling.agent.call("GET", "/v1/customers/acme/wallet-statement?format=csv")
    assert written.headers["content-type"].startswith("text/csv")
    lines = written.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert lines[2].split(",")[2:] == ["发货", "A1", selling.sku, "2", "-30", "70"]
