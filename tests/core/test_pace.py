"""Calls leave no faster than a platform allows the application, and each of its shops."""

import asyncio
import math
from collections.abc import Mapping

import pytest

from kashu.core.http import DEADLINE_S, Answer, Http
from kashu.core.pace import BURST, Pace, PacedHttp


class Nowhere(Http):
    """Answers at once, and counts."""

    def __init__(self) -> None:
        self.calls = 0

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        del method, url, content, headers, deadline_s
        self.calls += 1
        return Answer(200, {}, b"")


async def seconds_of(calls: int, *paced: PacedHttp) -> float:
    begin = asyncio.get_running_loop().time()
    await asyncio.gather(*(http.call("GET", "http://x") for http in paced for _ in range(calls)))
    return asyncio.get_running_loop().time() - begin


@pytest.mark.parametrize(("share", "least_s"), [(1.0, 0.02), (0.1, 0.2)])
async def test_a_process_keeps_to_its_share_of_the_calls(share: float, least_s: float) -> None:
    http = PacedHttp(Nowhere(), Pace(share), [("app", 1_000)])
    assert await seconds_of(BURST + 20, http) >= least_s


async def test_what_one_shop_may_does_not_slow_another_down() -> None:
    pace, there = Pace(), Nowhere()
    busy = PacedHttp(there, pace, [("app:1", 10), ("app", math.inf)])
    other = PacedHttp(there, pace, [("app:2", 10), ("app", math.inf)])
    waits = asyncio.create_task(seconds_of(BURST + 3, busy))
    await asyncio.sleep(0)
    await seconds_of(BURST, other)
    assert not waits.done()
    assert await waits >= 0.2


async def test_shops_of_one_application_share_what_it_may() -> None:
    pace, there = Pace(), Nowhere()
    shops = [PacedHttp(there, pace, [(f"app:{n}", math.inf), ("app", 100)]) for n in range(5)]
    assert await seconds_of(5, *shops) >= 0.19
    assert there.calls == 25


async def test_an_operation_with_a_limit_of_its_own_leaves_the_others_alone() -> None:
    there = Nowhere()
    http = PacedHttp(there, Pace(), [("app", math.inf)], paths={"/list": 10})
    begin = asyncio.get_running_loop().time()
    await asyncio.gather(*(http.call("GET", "http://x/list?page=1") for _ in range(3)))
    took_s = asyncio.get_running_loop().time() - begin
    assert took_s >= 0.19  # the first leaves at once, and never two together
    waits = asyncio.create_task(http.call("GET", "http://x/list"))
    await asyncio.sleep(0)
    await asyncio.gather(*(http.call("GET", "http://x/listed") for _ in range(BURST * 2)))
    assert not waits.done()
    await waits


async def test_a_call_waits_for_the_turn_of_its_name_and_no_other_does() -> None:
    there, pace = Nowhere(), Pace(0.5)
    shops = [PacedHttp(there, pace, [(name, math.inf)], names={"list": 20}) for name in ("a", "b")]
    begin = asyncio.get_running_loop().time()
    await asyncio.gather(*(shops[0].turn("list") for _ in range(BURST + 2)))
    took_s = asyncio.get_running_loop().time() - begin
    assert took_s >= 0.19  # two beyond the burst, each a tenth of a second at our half
    begin = asyncio.get_running_loop().time()
    await asyncio.gather(*(shops[1].turn("list") for _ in range(BURST)))
    await asyncio.gather(*(shops[0].turn("order") for _ in range(BURST * 10)))
    assert asyncio.get_running_loop().time() - begin < 0.1  # of another shop, of another name
