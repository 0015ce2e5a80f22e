"""HTTP of price rules: how offers are compared, which prices are believed, what currencies cost."""

from typing import Annotated, Final

import msgspec
from litestar import delete, get, patch, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.money import format_amount, parse_amount
from kashu.suppliers.rates import Rate, drop_rate, rate_list, set_rate
from kashu.suppliers.rules import (
    Days,
    Ppm,
    PriceRules,
    PriceRulesChanges,
    change_price_rules,
    price_rules,
)


class PriceRulesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays. Shares in parts per million."""

    stale_s: Annotated[int, msgspec.Meta(ge=30, le=604_800)] | UnsetType = UNSET
    file_stale_s: Annotated[int, msgspec.Meta(ge=60, le=31_536_000)] | UnsetType = UNSET
    rise_ppm: Annotated[int, msgspec.Meta(ge=1_000, le=100_000_000)] | UnsetType = UNSET
    drop_ppm: Annotated[int, msgspec.Meta(ge=1_000, le=1_000_000)] | UnsetType = UNSET
    move_ppm: Ppm | UnsetType = UNSET
    failure_cost: str | UnsetType = UNSET
    invalid_cost: str | UnsetType = UNSET
    usual_failure_ppm: Ppm | UnsetType = UNSET
    usual_invalid_ppm: Ppm | UnsetType = UNSET
    capital_ppm: Ppm | UnsetType = UNSET
    prepaid_days: Days | UnsetType = UNSET
    stock_days: Days | UnsetType = UNSET


class PriceRulesShown(msgspec.Struct, frozen=True):
    """How offers are compared, and which prices are believed."""

    stale_s: int
    file_stale_s: int
    rise_ppm: int
    drop_ppm: int
    move_ppm: int
    failure_cost: str
    invalid_cost: str
    usual_failure_ppm: int
    usual_invalid_ppm: int
    capital_ppm: int
    prepaid_days: int
    stock_days: int


class RateBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one unit of a currency costs in yuan: up to six decimals."""

    rate: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,6})?$")]


@get("/v1/price-rules", operation_id="readPriceRules", guards=[requires(Permission.SUPPLIERS_READ)])
async def get_rules(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> PriceRulesShown:
    """How offers are compared, and which prices are believed."""
    async with database.transaction(caller.tenant_id) as tx:
        return _rules(await price_rules(tx, caller.tenant_id))


@patch(
    "/v1/price-rules",
    operation_id="changePriceRules",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
)
async def patch_rules(
    data: JSONBody[PriceRulesBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PriceRulesShown:
    """Change what is given, from the next comparison and the next price on."""
    wanted = {name: getattr(data, name) for name in data.__struct_fields__}
    for name in ("failure_cost", "invalid_cost"):
        amount = wanted.pop(name)
        wanted[f"{name}_e4"] = amount if amount is UNSET else parse_amount(amount)
    async with database.transaction(caller.tenant_id) as tx:
        changes = PriceRulesChanges(**wanted)
        return _rules(await change_price_rules(tx, caller.tenant_id, caller.actor, changes))


@get("/v1/exchange-rates", operation_id="listRates", guards=[requires(Permission.SUPPLIERS_READ)])
async def list_rates(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> list[Rate]:
    """List what foreign currencies cost, as they were entered."""
    async with database.transaction(caller.tenant_id) as tx:
        return await rate_list(tx, caller.tenant_id)


@put(
    "/v1/exchange-rates/{currency:str}",
    operation_id="setRate",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
)
async def put_rate(
    currency: FromPath[str],
    data: JSONBody[RateBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Rate:
    """Enter what one unit of a currency costs in yuan; offers in it are compared by that."""
    async with database.transaction(caller.tenant_id) as tx:
        return await set_rate(tx, caller.tenant_id, caller.actor, currency, data.rate)


@delete(
    "/v1/exchange-rates/{currency:str}",
    operation_id="dropRate",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=204,
    responses=problems(404),
)
async def delete_rate(
    currency: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> None:
    """Forget a rate: nothing is bought in that currency by itself any more."""
    async with database.transaction(caller.tenant_id) as tx:
        await drop_rate(tx, caller.tenant_id, caller.actor, currency)


def _rules(rules: PriceRules) -> PriceRulesShown:
    return PriceRulesShown(
        rules.stale_s,
        rules.file_stale_s,
        rules.rise_ppm,
        rules.drop_ppm,
        rules.move_ppm,
        format_amount(rules.failure_cost_e4),
        format_amount(rules.invalid_cost_e4),
        rules.usual_failure_ppm,
        rules.usual_invalid_ppm,
        rules.capital_ppm,
        rules.prepaid_days,
        rules.stock_days,
    )


routes: Final = (get_rules, patch_rules, list_rates, put_rate, delete_rate)
