"""Faults between us and a simulated supplier: which call meets them, and what was done."""

import json
from datetime import timedelta

import pytest

from kashu.core.errors import Unclear
from kashu.core.http import Answer, Http
from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.faults import OWN, Fault, Faults
from kashu.simulators.suppliers.house import House
from kashu.simulators.suppliers.simulator import SupplierSimulator

TOLD = {"code": 0, "data": {"rows": [{"name": "月卡"}, 7]}}


class Plain(SupplierSimulator):
    """Tells the same to everybody, and counts what was done."""

    done = 0

    def _places(self, scope: Scope, body: bytes) -> bool:
        return scope["path"] == "/orders" and body == b"order"

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert await read_body(receive) in {b"", b"order"}
        self.done += 1
        fault = scope["kashu.fault"]
        await answer(send, json.dumps({**TOLD, "code": fault.value if fault else 0}).encode())


async def met(fault: Fault) -> tuple[Answer | None, int]:
    """What the next call gets, and how much was done."""
    simulator = Plain(House(), Faults(silent_s=0.01, drip_s=0.005))
    simulator.faults.order(fault)
    http = Http(private_allowed=True)
    async with serving(simulator) as url:
        try:
            told = await http.call("POST", f"{url}/orders", content=b"order")
        except Unclear:
            told = None
        finally:
            await http.close()
    return told, simulator.done


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        (Fault.SILENT_BEFORE, 500, 0),
        (Fault.SILENT_AFTER, 500, 1),
        (Fault.ERROR_BEFORE, 500, 0),
        (Fault.ERROR_AFTER, 500, 1),
        (Fault.HTML, 200, 0),
        (Fault.REDIRECT, 302, 0),
        (Fault.EMPTY, 200, 1),
        (Fault.CUT, 200, 1),
        (Fault.DRIP, 200, 1),
        (Fault.NULLS, 200, 1),
        (Fault.WRONG_TYPES, 200, 1),
    ],
)
async def test_a_fault_spoils_the_answer_before_or_after_it_is_done(
    fault: Fault, status: int, done: int
) -> None:
    told, was_done = await met(fault)
    assert told is not None
    assert (told.status, was_done) == (status, done)


async def test_more_than_anybody_reads_is_sent_after_it_was_done() -> None:
    assert await met(Fault.HUGE) == (None, 1)


async def test_a_spoilt_answer_keeps_its_names() -> None:
    nulls, _ = await met(Fault.NULLS)
    types, _ = await met(Fault.WRONG_TYPES)
    assert nulls is not None
    assert types is not None
    assert json.loads(nulls.body) == {"code": None, "data": {"rows": [{"name": None}, None]}}
    wrong: dict[str, list[object]] = {"value": []}
    assert json.loads(types.body) == {"code": wrong, "data": {"rows": [{"name": wrong}, wrong]}}


async def test_half_an_answer_is_the_first_half() -> None:
    told, _ = await met(Fault.CUT)
    whole = json.dumps(TOLD).encode()
    assert told is not None
    assert told.body == whole[: len(whole) // 2]


@pytest.mark.parametrize("fault", sorted(OWN))
async def test_what_is_told_in_their_own_words_is_left_to_the_simulator(fault: Fault) -> None:
    told, _ = await met(fault)
    assert told is not None
    assert json.loads(told.body)["code"] == fault.value


def test_a_fault_for_ordering_waits_for_a_call_that_orders() -> None:
    faults, now = Faults(), House().now()
    faults.order(Fault.HTML, placing=True)
    assert faults.draw(now, places=False) is None
    assert faults.draw(now, places=True) is Fault.HTML
    assert faults.draw(now, places=True) is None


def test_rates_of_ordering_leave_other_calls_alone() -> None:
    faults, now = Faults(seed=7), House().now()
    faults.placing_rates = {Fault.SILENT_AFTER: 0.2}
    drawn = [faults.draw(now, places=True) for _ in range(1_000)]
    assert 150 < drawn.count(Fault.SILENT_AFTER) < 250
    assert not any(faults.draw(now, places=False) for _ in range(100))


def test_an_outage_ends_by_itself() -> None:
    faults, now = Faults(), House().now()
    faults.break_for(now, timedelta(minutes=1))
    assert faults.draw(now, places=False) is Fault.ERROR_BEFORE
    assert faults.draw(now + timedelta(minutes=1), places=False) is None
