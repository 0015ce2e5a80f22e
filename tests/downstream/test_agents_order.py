import asyncio

from tests.api.calls import problem
from tests.api.snapshot import snapshot
from tests.downstream.agents import Selling


async def test_an_agent_pays_its_list_price_from_its_wallet(selling: Selling) -> None:
    await selling.deposit("100.00")
    answer = await selling.order("A1", 2)
    assert answer.status_code == 200, answer.text
    [order] = answer.json()["orders"]
    assert order["state"] == "filled"
    assert len(order["lines"][0]["cards"]) == 2
    assert await selling.wallet() == "70.00"
    await selling.is_sound()


async def test_what_wallet_and_credit_do_not_cover_is_refused_and_changes_nothing(
    selling: Selling,
) -> None:
    await selling.deposit("29.99")
    before = await snapshot(selling.database, selling.tenant.id)
    problem(await selling.order("A1", 2), 409, "wallet_short")
    assert await snapshot(selling.database, selling.tenant.id) == before
    await selling.ask("PUT", "/v1/customers/acme/agent", {"credit_max": "0.01"})
    assert (await selling.order("A1", 2)).status_code == 200
    assert await selling.wallet() == "-0.01"
    await selling.is_sound()


async def test_a_repeat_of_what_was_ordered_is_answered_though_the_wallet_is_empty(
    selling: Selling,
) -> None:
    await selling.deposit("15.00")
    first = await selling.order("A1", key="k1")
    again = await selling.order("A1", key="k1")
    other = await selling.order("A1", key="k2")
    assert first.json() == again.json()
    assert other.json()["orders"][0]["new"] is False
    assert await selling.wallet() == "0.00"


async def test_two_hundred_buyers_at_once_spend_no_more_than_there_is(selling: Selling) -> None:
    await selling.deposit("300.00")  # twenty cards' worth; there are forty
    answers = await asyncio.gather(*(selling.order(f"A{n}") for n in range(200)))
    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(409)) == (20, 180)
    refused = {answer.json()["code"] for answer in answers if answer.status_code == 409}
    assert refused == {"wallet_short"}
    assert await selling.wallet() == "0.00"
    await selling.is_sound()


async def test_a_price_that_the_agent_says_must_be_its_own(selling: Selling) -> None:
    await selling.deposit("100.00")
    before = await snapshot(selling.database, selling.tenant.id)
    told = problem(await selling.order("A1", 2, price="29.00"), 422, "order_wrong")
    assert [each["code"] for each in told["problems"]] == ["price_differs"]
    assert await snapshot(selling.database, selling.tenant.id) == before
    assert (await selling.order("A1", 2, price="30.00")).status_code == 200


async def test_what_is_not_on_sale_to_agents_or_has_no_price_is_unknown_to_them(
    selling: Selling,
) -> None:
    await selling.deposit("100.00")
    good = {"sku": selling.sku, "on_sale": False}
    await selling.ask("PUT", "/v1/agent-goods", {"goods": [good]})
    told = problem(await selling.order("A1"), 422, "order_wrong")
    assert [each["code"] for each in told["problems"]] == ["unknown_sku"]
    catalogue = await selling.agent.call("GET", "/v1/customers/acme/catalogue")
    assert catalogue.json()["offers"] == []
    assert await selling.wallet() == "100.00"


async def test_more_units_cost_less_each_and_fewer_than_the_least_are_refused(
    selling: Selling,
) -> None:
    await selling.deposit("1000.00")
    rows = [
        {"sku": selling.sku, "unit_price": None},
        {"sku": selling.sku, "unit_price": "14.00", "from_units": 5},
        {"sku": selling.sku, "unit_price": "12.00", "from_units": 10},
    ]
    await selling.ask("PUT", "/v1/customers/acme/prices", {"prices": rows})
    told = problem(await selling.order("A1", 4), 422, "order_wrong")
    assert [each["code"] for each in told["problems"]] == ["below_minimum"]
    assert (await selling.order("A2", 9)).status_code == 200
    assert (await selling.order("A3", 10)).status_code == 200
    assert await selling.wallet() == "754.00"  # 9 × 14 + 10 × 12 = 246


async def test_a_price_that_is_over_or_to_come_is_none(selling: Selling) -> None:
    await selling.deposit("100.00")
    times = {"since": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00Z"}
    rows = [{"sku": selling.sku, "unit_price": "1.00", **times}]
    await selling.ask("PUT", "/v1/customers/acme/prices", {"prices": rows})
    problem(await selling.order("A1"), 422, "order_wrong")
    rows = [{"sku": selling.sku, "unit_price": "1.00", "since": "2099-01-01T00:00:00Z"}]
    await selling.ask("PUT", "/v1/customers/acme/prices", {"prices": rows})
    problem(await selling.order("A1"), 422, "order_wrong")


async def test_what_waits_is_paid_for_and_what_is_cancelled_comes_back(selling: Selling) -> None:
    await selling.deposit("900.00")
    answer = await selling.order("A1", 60)  # of forty
    [order] = answer.json()["orders"]
    assert order["state"] == "short"
    assert await selling.wallet() == "0.00"
    await selling.is_sound()
    await selling.ask("POST", f"/v1/orders/{order['order_id']}/cancel")
    assert await selling.wallet() == "900.00"
    await selling.is_sound()


async def test_a_refund_goes_to_the_wallet_once(selling: Selling) -> None:
    await selling.deposit("45.00")
    [order] = (await selling.order("A1", 3)).json()["orders"]
    body = {"refund_id": "R1", "lines": [{"line": 1, "quantity": 1}]}
    for _ in range(2):
        await selling.ask("POST", f"/v1/orders/{order['order_id']}/refunds", body)
    assert await selling.wallet() == "15.00"
    await selling.is_sound()


async def test_an_agent_that_is_suspended_orders_nothing(selling: Selling) -> None:
    await selling.deposit("100.00")
    await selling.ask("PUT", "/v1/customers/acme/agent", {"state": "suspended"})
    before = await snapshot(selling.database, selling.tenant.id)
    problem(await selling.order("A1"), 409, "agent_suspended")
    assert await snapshot(selling.database, selling.tenant.id) == before


async def test_credit_that_is_used_cannot_be_taken_away(selling: Selling) -> None:
    await selling.ask("PUT", "/v1/customers/acme/agent", {"credit_max": "50.00"})
    assert (await selling.order("A1", 2)).status_code == 200
    less = {"credit_max": "29.99"}
    answer = await selling.merchant.call("PUT", "/v1/customers/acme/agent", less)
    assert problem(answer, 409, "credit_in_use")["facts"]["used"] == "30.00"
    await selling.ask("PUT", "/v1/customers/acme/agent", {"credit_max": "30.00"})
    problem(await selling.order("A2"), 409, "wallet_short")


async def test_a_customer_who_has_bought_becomes_an_agent_with_what_it_owes(
    selling: Selling,
) -> None:
    await selling.ask("POST", "/v1/customers", {"code": "old", "name": "老客户"})
    line = {"sku": selling.sku, "quantity": 50, "price": "500.00"}
    body = {"orders": [{"external_id": "O1", "customer": "old", "lines": [line]}]}
    body["orders"].append(
        {"external_id": "O2", "customer": "old", "lines": [{**line, "quantity": 5}]}
    )
    await selling.ask("POST", "/v1/orders", body, **{"Idempotency-Key": "k"})
    told = await selling.ask("PUT", "/v1/customers/old/agent", {})
    assert (told["wallet"], told["credit_max"]) == ("-1000.00", "1000.00")
    await selling.is_sound()


async def test_an_agent_sees_its_own_and_nothing_of_another(selling: Selling) -> None:
    await selling.ask("POST", "/v1/customers", {"code": "other", "name": "别家"})
    await selling.ask("PUT", "/v1/customers/other/agent", {})
    for what in ("agent", "catalogue", "wallet-statement"):
        own = await selling.agent.call("GET", f"/v1/customers/acme/{what}")
        assert own.status_code == 200, own.text
        answer = await selling.agent.call("GET", f"/v1/customers/other/{what}")
        problem(answer, 404, "not_an_agent")
    assert (await selling.agent.call("GET", "/v1/customers/acme/agent")).json()["alone_max"] is None


async def test_stock_is_shown_less_the_buffer_or_as_a_band(selling: Selling) -> None:
    good = {"sku": selling.sku, "on_sale": True, "buffer": 30}
    await selling.ask("PUT", "/v1/agent-goods", {"goods": [good]})
    [offer] = (await selling.agent.call("GET", "/v1/customers/acme/catalogue")).json()["offers"]
    assert (offer["stock"], offer["band"]) == (10, "low")
    await selling.ask("PUT", "/v1/customers/acme/agent", {"stock_shown": "banded"})
    [offer] = (await selling.agent.call("GET", "/v1/customers/acme/catalogue")).json()["offers"]
    assert (offer["stock"], offer["band"]) == (None, "low")
    good = {"sku": selling.sku, "on_sale": True, "buffer": 40}
    await selling.ask("PUT", "/v1/agent-goods", {"goods": [good]})
    [offer] = (await selling.agent.call("GET", "/v1/customers/acme/catalogue")).json()["offers"]
    assert offer["band"] == "out"


async def test_a_price_is_needed_of_all_who_have_no_list(selling: Selling) -> None:
    body = {"orders": [{"external_id": "A1", "lines": [{"sku": selling.sku, "quantity": 1}]}]}
    answer = await selling.merchant.call("POST", "/v1/orders", body, **{"Idempotency-Key": "k"})
    told = problem(answer, 422, "order_wrong")
    assert [each["code"] for each in told["problems"]] == ["price_missing"]
