"""Switches: faults and outages while a simulation runs, by a small web address on this machine."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from kashu.entry.simulation.switched import OUTAGE_MAX, RATE_MAX, SwitchWrong, number
from kashu.entry.simulation.switches_suppliers import HOW as SUPPLIERS_HOW
from kashu.entry.simulation.switches_suppliers import PATH, suppliers_switched, switch_suppliers
from kashu.entry.simulation.town import Stall, Town
from kashu.entry.simulation.wholesale import Wholesale
from kashu.simulators.faults import App, Fault, Receive, Scope, Send, answer, read_body

__all__ = ["SwitchWrong", "rates_of", "switch_outage", "switchboard", "switched"]

HOW: Final = "GET /, POST /outage?minutes=30&platform=jd, POST /faults?all=0.02"


class Switched(msgspec.Struct, frozen=True):
    """How one platform is switched."""

    platform: str
    out_until: str  # empty: it works
    faults: dict[str, float]


def switched(town: Town) -> list[Switched]:
    """Say how each platform is switched."""
    return [_switched(stall) for stall in town.stalls]


def switch_outage(town: Town, minutes: float, platforms: Iterable[str] = ()) -> None:
    """Have platforms, or all of them, be out of order for so long; 0 ends it.

    Raises: SwitchWrong.
    """
    known = [stall.channel.value for stall in town.stalls]
    wanted = list(platforms) or known
    for each in wanted:
        if each not in known:
            raise SwitchWrong(f"platform: one of {', '.join(known)}")
    if not 0 <= minutes <= OUTAGE_MAX:
        raise SwitchWrong(f"minutes: 0 to {OUTAGE_MAX:.0f}")
    town.break_for(timedelta(minutes=minutes), wanted)


def rates_of(written: Mapping[str, str]) -> dict[Fault, float]:
    """Read the chance of faults by their names; "all" is each of them. Raises: SwitchWrong."""
    rates: dict[Fault, float] = {}
    for name, chance in written.items():
        try:
            faults = list(Fault) if name == "all" else [Fault(name)]
        except ValueError as error:
            raise SwitchWrong(f"fault: one of all, {', '.join(Fault)}") from error
        rates |= dict.fromkeys(faults, number(chance, "fault", RATE_MAX))
    return rates


def switchboard(town: Town, wholesale: Wholesale | None = None) -> App:
    """Make the address: GET / tells; POST /outage?minutes=… and POST /faults?all=… set.

    Those of suppliers, where there are any, stand below /suppliers/.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive)
        told: dict[str, object]
        status = 200
        try:
            _set(town, wholesale, scope)
            told = {"platforms": switched(town)}
            if wholesale is not None:
                told |= {"suppliers": suppliers_switched(wholesale)}
        except SwitchWrong as error:
            status, told = 400, {"wrong": str(error)}
        await answer(send, msgspec.json.encode(told) + b"\n", status=status)

    return app


def _set(town: Town, wholesale: Wholesale | None, scope: Scope) -> None:
    asked: dict[str, list[str]] = parse_qs(scope["query_string"].decode("ascii", "replace"))
    match scope["method"], scope["path"]:
        case "GET", "/":
            return
        case "POST", "/outage":
            minutes = number(asked.get("minutes", ["30"])[0], "minutes", OUTAGE_MAX)
            switch_outage(town, minutes, asked.get("platform", ()))
        case "POST", "/faults":
            town.set_rates(rates_of({name: chances[0] for name, chances in asked.items()}))
        case "POST", str(path) if wholesale is not None and path.startswith(PATH):
            switch_suppliers(wholesale, path, asked)
        case _:
            raise SwitchWrong(HOW if wholesale is None else f"{HOW}, {SUPPLIERS_HOW}")


def _switched(stall: Stall) -> Switched:
    until: Any = stall.faults.outage_until
    is_out = stall.faults.is_out(stall.shop.now())
    rates = {fault.value: rate for fault, rate in stall.faults.rates.items()}
    return Switched(stall.channel.value, until.isoformat() if is_out else "", rates)
