"""Matters of suppliers: prices nobody believes, prices that moved, logins lost, money to move."""

from typing import Any, Final

from sqlalchemy import Select, case, func, literal

from kashu.core.matters import Matter, facts, matters
from kashu.suppliers.kinds import ConnectionState, OfferState
from kashu.suppliers.kinds_prepaid import MovementState
from kashu.suppliers.rates import at_rate, rate_in_force
from kashu.suppliers.tables import connections, offers, price_alerts
from kashu.suppliers.tables_prepaid import alerts, movements

# Written into the statement: so that the partial index of these states serves it.
_OPEN: Final = tuple(
    literal(each.value, literal_execute=True)
    for each in (MovementState.ASKED, MovementState.APPROVED, MovementState.PAID)
)


def movement_matters(tenant_id: int) -> Select[Any]:
    """Money to or from suppliers that waits for a second person, or to be paid and posted.

    The amount is in ours as the rate was last entered; `moved_e4` is what moves, in `currency`.
    """
    state = movements.c.state
    rate_e6 = rate_in_force(tenant_id, movements.c.currency)
    asked = state == MovementState.ASKED
    return matters(
        case((asked, Matter.MOVEMENT_TO_APPROVE), else_=Matter.MOVEMENT_TO_FINISH),
        movements.c.id,
        func.coalesce(movements.c.paid_at, movements.c.approved_at, movements.c.asked_at),
        said=state,
        supplier_id=movements.c.supplier_id,
        amount_e4=at_rate(movements.c.amount_e4, rate_e6),
        asked_by=case((asked, movements.c.asked_by), else_=None),
        facts=facts(
            movement=movements.c.kind,
            moved_e4=movements.c.amount_e4,
            currency=movements.c.currency,
        ),
    ).where(movements.c.tenant_id == tenant_id, state.in_(_OPEN))


def offer_matters(tenant_id: int) -> list[Select[Any]]:
    """Prices that are held, and best prices that moved and nobody has seen."""
    held = (
        matters(
            Matter.OFFER_HELD,
            offers.c.id,
            offers.c.changed_at,
            said=offers.c.held_because,
            number=offers.c.title,
            sku_id=offers.c.sku_id,
            supplier_id=offers.c.supplier_id,
            amount_e4=offers.c.held_cost_e4,
            facts=facts(before_e4=offers.c.unit_cost_e4, currency=offers.c.currency),
        )
        .where(offers.c.tenant_id == tenant_id, offers.c.sku_id.is_not(None))
        .where(offers.c.state == literal(OfferState.HELD.value, literal_execute=True))
        # Whose price a person didn't believe waits for the supplier to tell another one.
        .where(offers.c.held_because != "refused")
    )
    moved = matters(
        Matter.PRICE_MOVED,
        price_alerts.c.id,
        price_alerts.c.at,
        sku_id=price_alerts.c.sku_id,
        amount_e4=price_alerts.c.new_e4,
        facts=facts(
            before_e4=price_alerts.c.old_e4,
            offer_id=price_alerts.c.offer_id,
            losses=price_alerts.c.loss_count,
        ),
    ).where(price_alerts.c.tenant_id == tenant_id, price_alerts.c.seen_at.is_(None))
    return [held, moved]


def supplier_matters(tenant_id: int) -> list[Select[Any]]:
    """Suppliers that don't accept our login, and alerts that stand."""
    locked = matters(
        Matter.SUPPLIER_LOCKED_OUT,
        connections.c.supplier_id,
        func.coalesce(connections.c.prices_ok_at, connections.c.prices_at),
        said=connections.c.prices_said,
        supplier_id=connections.c.supplier_id,
    ).where(
        connections.c.tenant_id == tenant_id,
        connections.c.state == ConnectionState.LOCKED_OUT,
    )
    alert = matters(
        Matter.SUPPLIER_ALERT,
        alerts.c.id,
        alerts.c.raised_at,
        said=alerts.c.kind,
        supplier_id=alerts.c.supplier_id,
        facts=alerts.c.facts,
    ).where(alerts.c.tenant_id == tenant_id, alerts.c.cleared_at.is_(None))
    return [locked, alert]
