"""The switches of a running simulation: outages and faults, by platform."""

import json
from typing import Any

import httpx
import pytest

from kashu.entry.simulation.switches import SwitchWrong, rates_of, switchboard
from kashu.entry.simulation.town import Town, open_town
from kashu.entry.simulation.wholesale import FLAKY, Ware, Wholesale, open_wholesale
from kashu.simulators.faults import Fault
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.faults import Fault as SupplierFault

WARE = Ware("mgtv-month", "芒果TV会员 月卡", 200_000)


async def ask(town: Town, method: str, path: str) -> tuple[int, Any]:
    async with serving(switchboard(town)) as url, httpx.AsyncClient() as client:
        told = await client.request(method, url + path)
    return told.status_code, json.loads(told.content)


async def statuses(town: Town) -> list[int]:
    """What each platform answers to whoever calls."""
    async with httpx.AsyncClient() as client:
        told = [await client.post(stall.base_url + "/router/rest") for stall in town.stalls]
    return [each.status_code for each in told]


async def test_an_outage_of_one_platform_begins_and_ends() -> None:
    async with open_town() as town:
        assert 500 not in await statuses(town)
        status, told = await ask(town, "POST", "/outage?minutes=30&platform=jd")
        assert status == 200
        assert [bool(each["out_until"]) for each in told["platforms"]] == [0, 1, 0, 0, 0]
        assert [each == 500 for each in await statuses(town)] == [0, 1, 0, 0, 0]
        assert [stall.box.faults.away for stall in town.stalls if stall.box] == [False, False]
        await ask(town, "POST", "/outage?minutes=0&platform=jd")
        assert 500 not in await statuses(town)


async def test_an_outage_of_no_platform_is_of_all() -> None:
    async with open_town() as town:
        await ask(town, "POST", "/outage")
        assert await statuses(town) == [500] * 5
        assert [stall.box.faults.away for stall in town.stalls if stall.box] == [True, True]
        await ask(town, "POST", "/outage?minutes=0")
        assert [stall.box.faults.away for stall in town.stalls if stall.box] == [False, False]


async def test_faults_are_set_and_cleared() -> None:
    async with open_town() as town:
        await ask(town, "POST", "/faults?throttled=0.1&html=0.2")
        for stall in town.stalls:
            assert stall.faults.rates == {Fault.THROTTLED: 0.1, Fault.HTML: 0.2}
        _, told = await ask(town, "POST", "/faults")
        assert all(each["faults"] == {} for each in told["platforms"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/outage?platform=amazon"),
        ("POST", "/outage?minutes=soon"),
        ("POST", "/outage?minutes=-1"),
        ("POST", "/faults?tired=0.1"),
        ("POST", "/faults?html=2"),
        ("POST", "/nothing"),
        ("GET", "/outage"),
    ],
)
async def test_what_is_no_switch_changes_nothing_and_says_so(method: str, path: str) -> None:
    async with open_town() as town:
        status, told = await ask(town, method, path)
        assert status == 400
        assert told["wrong"]
        _, told = await ask(town, "GET", "/")
        assert not any(each["out_until"] or each["faults"] for each in told["platforms"])


def test_all_is_every_fault() -> None:
    assert rates_of({"all": "0.01", "html": "0.2"}) == dict.fromkeys(Fault, 0.01) | {
        Fault.HTML: 0.2
    }
    with pytest.raises(SwitchWrong):
        rates_of({"all": "nan"})


async def ask_with_suppliers(
    town: Town, wholesale: Wholesale, method: str, path: str
) -> tuple[int, Any]:
    board = switchboard(town, wholesale)
    async with serving(board) as url, httpx.AsyncClient() as client:
        told = await client.request(method, url + path)
    return told.status_code, json.loads(told.content)


async def test_suppliers_are_switched_one_by_one_or_all() -> None:
    async with open_town() as town, open_wholesale([WARE], 5) as wholesale:
        flaky = wholesale.by_code(FLAKY)
        status, told = await ask_with_suppliers(town, wholesale, "GET", "/")
        assert status == 200
        assert [each["stock"] for each in told["suppliers"]] == [{"mgtv-month": 5}] * 3
        assert [each["prices"]["mgtv-month"] for each in told["suppliers"]] == [
            "20.00",
            "19.40",
            "18.80",
        ]

        only = f"supplier={FLAKY}"
        for path in (
            f"/suppliers/outage?minutes=5&{only}",
            f"/suppliers/faults?silent_after=0.2&{only}",
            f"/suppliers/price?percent=10&{only}&sku=mgtv-month",
            f"/suppliers/stock?count=0&{only}",
        ):
            status, told = await ask_with_suppliers(town, wholesale, "POST", path)
            assert status == 200, told

        assert [bool(each["out_until"]) for each in told["suppliers"]] == [False, False, True]
        assert flaky.shop.faults.placing_rates == {SupplierFault.SILENT_AFTER: 0.2}
        assert [each["prices"]["mgtv-month"] for each in told["suppliers"]] == [
            "20.00",
            "19.40",
            "20.68",
        ]
        assert [each["stock"]["mgtv-month"] for each in told["suppliers"]] == [5, 5, 0]
        await ask_with_suppliers(town, wholesale, "POST", "/suppliers/faults")
        assert flaky.shop.faults.placing_rates == {}


@pytest.mark.parametrize(
    "path",
    [
        "/suppliers/outage?supplier=nobody",
        "/suppliers/faults?tired=0.1",
        "/suppliers/faults?silent_after=2",
        "/suppliers/price?percent=much",
        "/suppliers/price?percent=200",
        "/suppliers/price?percent=2&sku=nothing",
        "/suppliers/stock?count=-1",
        "/suppliers/explode",
    ],
)
async def test_a_wrong_switch_of_suppliers_is_told_and_sets_nothing(path: str) -> None:
    async with open_town() as town, open_wholesale([WARE], 5) as wholesale:
        _, before = await ask_with_suppliers(town, wholesale, "GET", "/")
        status, told = await ask_with_suppliers(town, wholesale, "POST", path)
        assert status == 400
        assert told["wrong"]
        assert await ask_with_suppliers(town, wholesale, "GET", "/") == (200, before)


async def test_suppliers_that_there_are_none_of_have_no_switches() -> None:
    async with open_town() as town:
        assert (await ask(town, "POST", "/suppliers/outage?minutes=5"))[0] == 400


async def knock(url: str) -> int:
    """Call somebody over a line of its own."""
    async with httpx.AsyncClient() as client:
        return (await client.post(url)).status_code


async def test_a_supplier_that_is_shut_lets_nobody_in_until_it_opens_again() -> None:
    async with open_wholesale([WARE], 5) as wholesale:
        flaky = wholesale.by_code(FLAKY)
        assert await knock(flaky.url) == 200
        await flaky.shut()
        with pytest.raises(httpx.ConnectError):
            await knock(flaky.url)
        await flaky.open()
        assert await knock(flaky.url) == 200
