"""Switches: faults and outages while a simulation runs, by a small web address on this machine."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from kashu.entry.simulation.town import Stall, Town
from kashu.simulators.faults import App, Fault, Receive, Scope, Send, answer, read_body

OUTAGE_MAX: Final = 24 * 60.0  # minutes
RATE_MAX: Final = 0.5


class Switched(msgspec.Struct, frozen=True):
    """How one platform is switched."""

    platform: str
    out_until: str  # empty: it works
    faults: dict[str, float]


class SwitchWrong(ValueError):
    """There is no such switch, or it has no such setting."""


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
        rates |= dict.fromkeys(faults, _number(chance, "fault", RATE_MAX))
    return rates


def switchboard(town: Town) -> App:
    """Make the address: GET / tells; POST /outage?minutes=… and POST /faults?all=… set."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await read_body(receive)
        told: object
        status = 200
        try:
            _set(town, scope)
            told = {"platforms": switched(town)}
        except SwitchWrong as error:
            status, told = 400, {"wrong": str(error)}
        await answer(send, msgspec.json.encode(told) + b"\n", status=status)

    return app


def _set(town: Town, scope: Scope) -> None:
    asked: dict[str, list[str]] = parse_qs(scope["query_string"].decode("ascii", "replace"))
    match scope["method"], scope["path"]:
        case "GET", "/":
            return
        case "POST", "/outage":
            minutes = _number(asked.get("minutes", ["30"])[0], "minutes", OUTAGE_MAX)
            switch_outage(town, minutes, asked.get("platform", ()))
        case "POST", "/faults":
            town.set_rates(rates_of({name: chances[0] for name, chances in asked.items()}))
        case _:
            raise SwitchWrong("GET /, POST /outage?minutes=30&platform=jd, POST /faults?all=0.02")


def _number(written: str, name: str, most: float) -> float:
    try:
        number = float(written)
    except ValueError as error:
        raise SwitchWrong(f"{name}: a number") from error
    if not 0 <= number <= most:
        raise SwitchWrong(f"{name}: 0 to {most:g}")
    return number


def _switched(stall: Stall) -> Switched:
    until: Any = stall.faults.outage_until
    is_out = stall.faults.is_out(stall.shop.now())
    rates = {fault.value: rate for fault, rate in stall.faults.rates.items()}
    return Switched(stall.channel.value, until.isoformat() if is_out else "", rates)
