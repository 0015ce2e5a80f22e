"""Switches of the simulated suppliers: outages, lost answers, prices and stock, while they run."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec

from kashu.entry.simulation.switched import OUTAGE_MAX, RATE_MAX, SwitchWrong, number
from kashu.entry.simulation.wholesale import Wholesale, Wholesaler
from kashu.simulators.suppliers.faults import Fault

PATH: Final = "/suppliers/"
PERCENT_MAX: Final = 50.0
STOCK_MAX: Final = 10_000

HOW: Final = (
    "POST /suppliers/outage?minutes=5&supplier=sim-flaky, /suppliers/faults?silent_after=0.2, "
    "/suppliers/price?percent=2&sku=mgtv-month, /suppliers/stock?count=0&supplier=sim-flaky"
)


class SupplierSwitched(msgspec.Struct, frozen=True):
    """How one supplier is switched. `faults`: of calls that order."""

    supplier: str
    protocol: str
    out_until: str  # empty: it works
    faults: dict[str, float]
    prices: dict[str, str]  # in yuan, by SKU
    stock: dict[str, int]


def suppliers_switched(wholesale: Wholesale) -> list[SupplierSwitched]:
    """Say how each supplier is switched."""
    return [_switched(each) for each in wholesale.sellers]


def switch_suppliers(wholesale: Wholesale, path: str, asked: Mapping[str, Sequence[str]]) -> None:
    """Set one switch of some suppliers, or of all. Raises: SwitchWrong."""
    left = dict(asked)
    sellers = _sellers(wholesale, left.pop("supplier", ()))
    match path.removeprefix(PATH):
        case "outage":
            minutes = number(left.get("minutes", ["30"])[0], "minutes", OUTAGE_MAX)
            for seller in sellers:
                seller.shop.faults.break_for(seller.house.now(), timedelta(minutes=minutes))
        case "faults":
            rates = {name: chances[0] for name, chances in left.items()}
            for seller in sellers:
                seller.shop.faults.placing_rates = _rates(rates)
        case "price":
            percent = number(left.get("percent", ["2"])[0], "percent", PERCENT_MAX, -PERCENT_MAX)
            for seller, sku in _goods(sellers, left):
                seller.reprice(round(percent), sku)
        case "stock":
            count = round(number(left.get("count", ["0"])[0], "count", STOCK_MAX))
            for seller, sku in _goods(sellers, left):
                seller.restock(sku, count)
        case _:
            raise SwitchWrong(HOW)


def _sellers(wholesale: Wholesale, codes: Sequence[str]) -> Sequence[Wholesaler]:
    known = {each.code: each for each in wholesale.sellers}
    for code in codes:
        if code not in known:
            raise SwitchWrong(f"supplier: one of {', '.join(known)}")
    return [known[code] for code in codes] or list(wholesale.sellers)


def _goods(
    sellers: Sequence[Wholesaler], asked: Mapping[str, Sequence[str]]
) -> list[tuple[Wholesaler, str]]:
    """What is meant: the SKUs that are named, or all."""
    codes = asked.get("sku", ())
    known = {sku for seller in sellers for sku in seller.refs.values()}
    for code in codes:
        if code not in known:
            raise SwitchWrong(f"sku: one of {', '.join(sorted(known))}")
    return [
        (seller, sku)
        for seller in sellers
        for sku in seller.refs.values()
        if not codes or sku in codes
    ]


def _rates(written: Mapping[str, str]) -> dict[Fault, float]:
    rates: dict[Fault, float] = {}
    for name, chance in written.items():
        try:
            fault = Fault(name)
        except ValueError as error:
            raise SwitchWrong(f"fault: one of {', '.join(Fault)}") from error
        rates[fault] = number(chance, "fault", RATE_MAX)
    return rates


def _switched(seller: Wholesaler) -> SupplierSwitched:
    faults: Any = seller.shop.faults
    is_out = faults.is_out(seller.house.now())
    goods = {sku: seller.good(sku) for sku in seller.refs.values()}
    return SupplierSwitched(
        seller.code,
        seller.protocol,
        faults.outage_until.isoformat() if is_out else "",
        {fault.value: rate for fault, rate in faults.placing_rates.items()},
        {sku: f"{good.unit_cost_e4 / 10_000:.2f}" for sku, good in goods.items()},
        {sku: len(good.cards) for sku, good in goods.items()},
    )
