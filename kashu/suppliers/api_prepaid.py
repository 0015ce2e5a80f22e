"""HTTP of our money with suppliers: what is there, its limits, dues, freezes."""

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, UnsetType

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import format_amount, parse_amount
from kashu.ledger.supplier_money import SupplierMoney
from kashu.suppliers.alerts import Alert, alert_list
from kashu.suppliers.api_balances import ReadingShown, reading_shown
from kashu.suppliers.dues import dues
from kashu.suppliers.freeze import freeze_supplier, unfreeze_supplier
from kashu.suppliers.kinds import Settlement
from kashu.suppliers.kinds_prepaid import AlertKind
from kashu.suppliers.limits import Days, LimitChanges, change_limits
from kashu.suppliers.prepaid import Standing, standings
from kashu.suppliers.reads import supplier_by_code

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Amount = Annotated[str, msgspec.Meta(max_length=24)]


class SupplierAlertShown(msgspec.Struct, frozen=True):
    """Something that people were told of a supplier."""

    id: UUID
    supplier_id: UUID
    kind: AlertKind
    subject_id: UUID
    facts: dict[str, Any]
    raised_at: datetime
    cleared_at: datetime | None


class OtherMoney(msgspec.Struct, frozen=True):
    """Our money with a supplier in a currency that it isn't paid in."""

    currency: str
    available: str
    in_doubt: str
    payable: str
    recoveries: str


class PrepaidShown(msgspec.Struct, frozen=True):
    """Our money with a supplier: what there is, its limits, how long it lasts, what they say.

    All in `currency`, that it is paid in; `others`: what is there in others, never added to it.
    `room`: what may be sent for purchases now; null: any amount. `hours_left`: null: it isn't used.
    """

    supplier: str
    name: str
    settlement: Settlement
    available: str
    in_doubt: str
    payable: str
    recoveries: str
    room: str | None
    credit_max: str | None
    exposure_max: str | None
    balance_low: str | None
    tolerance: str
    frozen_because: str | None
    spent_today: str
    recent_a_day: str
    average_a_day: str
    hours_left: int | None
    suggested_deposit: str
    theirs: ReadingShown | None
    alerts: list[SupplierAlertShown]
    currency: str
    others: list[OtherMoney]


class PrepaidPage(msgspec.Struct, frozen=True):
    """Our money with all suppliers, by code: each in what it is paid in."""

    suppliers: list[PrepaidShown]


class LimitsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays. null takes a limit away."""

    settlement: Settlement | UnsetType = UNSET
    settle_days: Days | UnsetType = UNSET
    credit_max: Amount | UnsetType | None = UNSET
    exposure_max: Amount | UnsetType | None = UNSET
    balance_low: Amount | UnsetType | None = UNSET
    tolerance: Amount | UnsetType = UNSET


class Because(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


class DueShown(msgspec.Struct, frozen=True):
    """What is still owed for one day's goods."""

    posted_on: date
    due_on: date
    amount: str


class DuesShown(msgspec.Struct, frozen=True):
    """What is owed to a supplier, oldest first."""

    supplier: str
    name: str
    settle_days: int
    payable: str
    overdue: str
    open: list[DueShown]
    currency: str


class DuesPage(msgspec.Struct, frozen=True):
    """All that is owed to suppliers that are paid afterwards."""

    suppliers: list[DuesShown]


class SupplierAlertPage(msgspec.Struct, frozen=True):
    """Alerts, the latest first."""

    alerts: list[SupplierAlertShown]


_READ: Final = [requires(Permission.PREPAID_READ)]


@get("/v1/prepaid", operation_id="listPrepaid", guards=_READ)
async def list_prepaid(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> PrepaidPage:
    """Read our money with every supplier: available, in doubt, owed, to be got back, forecast."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await standings(tx, caller.tenant_id, now(), caller.timezone)
    return PrepaidPage([standing_shown(each) for each in found])


@get(
    "/v1/suppliers/{code:str}/prepaid",
    operation_id="readPrepaid",
    guards=_READ,
    responses=problems(404),
)
async def read_prepaid(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> PrepaidShown:
    """Read our money with one supplier."""
    return await _standing(database, caller, code)


@patch(
    "/v1/suppliers/{code:str}/prepaid",
    operation_id="changeSupplierLimits",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404),
)
async def patch_limits(
    code: FromPath[str],
    data: JSONBody[LimitsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PrepaidShown:
    """Change how much of our money may be there, and whether it is paid before or afterwards."""
    changes = LimitChanges(
        settlement=data.settlement,
        settle_days=data.settle_days,
        credit_max_e4=_e4(data.credit_max),
        exposure_max_e4=_e4(data.exposure_max),
        balance_low_e4=_e4(data.balance_low),
        tolerance_e4=parse_amount(data.tolerance) if isinstance(data.tolerance, str) else UNSET,
    )
    async with database.transaction(caller.tenant_id) as tx:
        await change_limits(tx, caller.tenant_id, caller.actor, code, changes)
    return await _standing(database, caller, code)


@post(
    "/v1/suppliers/{code:str}/freeze",
    operation_id="freezeSupplier",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    responses=problems(404),
    status_code=200,
)
async def post_freeze(
    code: FromPath[str],
    data: JSONBody[Because],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PrepaidShown:
    """Buy nothing there by itself any more; orders under way go on."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        await freeze_supplier(tx, caller.tenant_id, caller.actor, supplier.id, data.reason)
    return await _standing(database, caller, code)


@post(
    "/v1/suppliers/{code:str}/unfreeze",
    operation_id="unfreezeSupplier",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_unfreeze(
    code: FromPath[str],
    data: JSONBody[Because],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PrepaidShown:
    """Let it be bought from again; its quality is judged from tomorrow on."""
    async with database.transaction(caller.tenant_id) as tx:
        await unfreeze_supplier(tx, caller.tenant_id, caller.actor, code, data.reason)
    return await _standing(database, caller, code)


@get("/v1/prepaid/dues", operation_id="listDues", guards=_READ)
async def list_dues(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> DuesPage:
    """Read what is owed to suppliers that are paid afterwards, and what is overdue."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await dues(tx, caller.tenant_id, day_of(now(), caller.timezone))
    return DuesPage(
        [
            DuesShown(
                each.code,
                each.name,
                each.settle_days,
                format_amount(each.payable_e4),
                format_amount(each.overdue_e4),
                [
                    DueShown(due.posted_on, due.due_on, format_amount(due.amount_e4))
                    for due in each.open
                ],
                each.currency,
            )
            for each in found
        ]
    )


@get("/v1/prepaid/alerts", operation_id="listSupplierAlerts", guards=_READ)
async def list_alerts(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    standing: FromQuery[bool] = True,
) -> SupplierAlertPage:
    """Read what people were told of suppliers: what stands, or all with `standing=false`."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await alert_list(tx, caller.tenant_id, standing=standing)
    return SupplierAlertPage([_alert(each) for each in found])


async def _standing(database: Database, caller: Caller, code: str) -> PrepaidShown:
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        [found] = await standings(
            tx, caller.tenant_id, now(), caller.timezone, supplier_ids=[supplier.id]
        )
    return standing_shown(found)


def standing_shown(found: Standing) -> PrepaidShown:
    """Write our money with a supplier as it is answered."""
    money, burn = found.exposure, found.burn
    return PrepaidShown(
        supplier=found.code,
        name=found.name,
        settlement=money.settlement,
        available=format_amount(money.available_e4),
        in_doubt=format_amount(money.in_doubt_e4),
        payable=format_amount(money.payable_e4),
        recoveries=format_amount(money.recoveries_e4),
        room=_amount(money.room_e4),
        credit_max=_amount(money.credit_max_e4),
        exposure_max=_amount(money.exposure_max_e4),
        balance_low=_amount(money.balance_low_e4),
        tolerance=format_amount(money.tolerance_e4),
        frozen_because=money.frozen_because,
        spent_today=format_amount(burn.today_e4),
        recent_a_day=format_amount(burn.recent_a_day_e4),
        average_a_day=format_amount(burn.average_a_day_e4),
        hours_left=burn.hours_left,
        suggested_deposit=format_amount(burn.suggested_e4),
        theirs=None if found.theirs is None else reading_shown(found.theirs),
        alerts=[_alert(each) for each in found.alerts],
        currency=money.currency,
        others=[_other(each) for each in found.others],
    )


def _other(money: SupplierMoney) -> OtherMoney:
    return OtherMoney(
        money.currency,
        format_amount(money.prepaid_e4),
        format_amount(money.in_doubt_e4),
        format_amount(money.payable_e4),
        format_amount(money.recoveries_e4),
    )


def _e4(written: str | UnsetType | None) -> int | UnsetType | None:
    return parse_amount(written) if isinstance(written, str) else written


def _amount(amount_e4: int | None) -> str | None:
    return None if amount_e4 is None else format_amount(amount_e4)


def _alert(alert: Alert) -> SupplierAlertShown:
    return SupplierAlertShown(
        alert.id,
        alert.supplier_id,
        alert.kind,
        alert.subject_id,
        dict(alert.facts),
        alert.raised_at,
        alert.cleared_at,
    )


routes: Final = (
    list_prepaid,
    read_prepaid,
    patch_limits,
    post_freeze,
    post_unfreeze,
    list_dues,
    list_alerts,
)
