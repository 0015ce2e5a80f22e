"""The switches of a running simulation: outages and faults, by platform."""

import json
from typing import Any

import httpx
import pytest

from kashu.entry.simulation.switches import SwitchWrong, rates_of, switchboard
from kashu.entry.simulation.town import Town, open_town
from kashu.simulators.faults import Fault
from kashu.simulators.serving import serving


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
