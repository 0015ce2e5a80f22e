"""One of everything of purchases, suppliers, stock and books that waits for a person."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from kashu.core.clock import now
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.purchases.approve import approve
from kashu.purchases.cancel import cancel
from kashu.purchases.matters import ASKING_TAKES
from kashu.reports.health import DONE, SUBJECT, VIOLATED
from kashu.suppliers.held_offers import release_offer
from kashu.suppliers.price_alerts import see_alert
from tests.desk.floor import ANN, BEN, Floor, Make, Solve
from tests.purchases.ordered import Ordered, put_orders


async def put_purchase(floor: Floor, state: str, *, due_at: Any = None) -> UUID:  # noqa: ANN401
    id_ = new_id()
    await floor.run(
        "INSERT INTO purchases.purchases (tenant_id, id, sku_id, goods, quantity, warehouse_id,"
        " cause, state, said, actor, asked_by, amount_e4, due_at) VALUES (:tenant, :id, :sku,"
        " 'card', 3, :warehouse, 'hand', :state, 'above_limit', :ann, :ann, 300000, :due)",
        id=id_,
        sku=floor.shop.sku_id,
        warehouse=floor.warehouse_id,
        state=state,
        ann=ANN,
        due=due_at,
    )
    return id_


async def to_approve(floor: Floor) -> tuple[UUID, Solve]:
    id_ = await put_purchase(floor, "asked")
    return id_, lambda: approve(floor.tx, floor.tenant_id, BEN, id_)


def purchase(state: str, *, late: bool = False) -> Make:
    async def make(floor: Floor) -> tuple[UUID, Solve]:
        due_at = now() - timedelta(hours=1) if late else None
        id_ = await put_purchase(floor, state, due_at=due_at)
        return id_, lambda: cancel(floor.tx, floor.tenant_id, ANN, id_, because="not needed")

    return make


def attempt(state: str, *, ago: timedelta = 2 * ASKING_TAKES) -> Make:
    """An order at a supplier that was made, and asked about last, so long ago."""

    async def make(floor: Floor) -> tuple[UUID, Solve]:
        ordered = [Ordered("K000001", now() - ago, 2_000_000, state=state, took=None)]
        of = floor.offer_sku_id, floor.warehouse_id, floor.offer_id
        ids = await put_orders(floor.tx, floor.tenant_id, floor.supplier_id, ordered, of=of)
        id_ = ids["K000001"]
        return id_, lambda: floor.run(
            "UPDATE purchases.attempts SET state = 'refused', ended_at = now()"
            " WHERE tenant_id = :tenant AND id = :id",
            id=id_,
        )

    return make


async def put_finding(floor: Floor, currency: str = "CNY", ours_e4: int = 0) -> UUID:
    statement_id, id_ = new_id(), new_id()
    await floor.run(
        "INSERT INTO purchases.statements (tenant_id, id, supplier_id, begins_at, ends_at,"
        " timed_by, source, file_name, sha256, currency, tolerance_e4, line_count, wrong_count,"
        " charged_e4, refunded_e4, matched_count, near_count, actor) VALUES (:tenant, :id,"
        " :supplier, now() - interval '1 day', now(), 'ordered', 'file', '11月.xlsx', :sha,"
        " :currency, 0, 1, 0, 10000, 0, 0, 0, :ann)",
        id=statement_id,
        sha=statement_id.bytes,
        currency=currency,
        supplier=floor.supplier_id,
        ann=ANN,
    )
    await floor.run(
        "INSERT INTO purchases.findings (tenant_id, id, statement_id, kind, what, row_number,"
        " ours_e4, theirs_e4) VALUES (:tenant, :id, :statement, 'extra', 'order', 2, :ours, 10000)",
        ours=ours_e4,
        id=id_,
        statement=statement_id,
    )
    return id_


_RESOLVE: Final = (
    "INSERT INTO purchases.resolutions (tenant_id, finding_id, statement_id, kind, amount_e4,"
    " reason, state, asked_by, is_large) SELECT tenant_id, id, statement_id, :kind, :amount,"
    " 'theirs', :state, :ann, :large FROM purchases.findings WHERE tenant_id = :tenant AND id = :id"
)


async def finding(floor: Floor) -> tuple[UUID, Solve]:
    id_ = await put_finding(floor)
    how = {"kind": "explained", "amount": 0, "state": "done", "large": False, "ann": ANN}
    return id_, lambda: floor.run(_RESOLVE, id=id_, **how)


async def resolution(floor: Floor) -> tuple[UUID, Solve]:
    id_ = await put_finding(floor)
    how = {"kind": "accepted", "amount": 10000, "state": "asked", "large": True, "ann": ANN}
    await floor.run(_RESOLVE, id=id_, **how)
    return id_, lambda: floor.run(
        "UPDATE purchases.resolutions SET state = 'done', approved_by = :ben, posted_at = now(),"
        " transfer_id = :transfer WHERE tenant_id = :tenant AND finding_id = :id",
        id=id_,
        ben=BEN,
        transfer=new_id(),
    )


def movement(state: str) -> Make:
    async def make(floor: Floor) -> tuple[UUID, Solve]:
        id_ = new_id()
        await floor.run(
            "INSERT INTO suppliers.movements (tenant_id, id, supplier_id, kind, amount_e4,"
            " currency, reason, state, asked_by, approved_by, approved_at) VALUES (:tenant, :id,"
            " :supplier, 'written_off', 5000000, 'CNY', '充值', :state, :ann, :ben, :at)",
            id=id_,
            supplier=floor.supplier_id,
            state=state,
            ann=ANN,
            ben=None if state == "asked" else BEN,
            at=None if state == "asked" else now(),
        )
        return id_, lambda: floor.run(
            "UPDATE suppliers.movements SET state = 'cancelled', ended_because = 'not needed'"
            " WHERE tenant_id = :tenant AND id = :id",
            id=id_,
        )

    return make


async def offer_held(floor: Floor) -> tuple[UUID, Solve]:
    await floor.run(
        "UPDATE suppliers.offers SET state = 'held', held_because = 'rise', held_cost_e4 = 180000"
        " WHERE tenant_id = :tenant AND id = :id",
        id=floor.offer_id,
    )
    return floor.offer_id, lambda: release_offer(
        floor.tx, floor.tenant_id, ANN, floor.offer_id, price_e4=180_000, at=now()
    )


async def price_moved(floor: Floor) -> tuple[UUID, Solve]:
    id_ = new_id()
    await floor.run(
        "INSERT INTO suppliers.price_alerts (tenant_id, id, sku_id, old_e4, new_e4, margins,"
        " loss_count) VALUES (:tenant, :id, :sku, 100000, 120000, '[]', 2)",
        id=id_,
        sku=floor.shop.sku_id,
    )
    return id_, lambda: see_alert(floor.tx, floor.tenant_id, ANN, id_)


async def locked_out(floor: Floor) -> tuple[UUID, Solve]:
    await floor.run(
        "INSERT INTO suppliers.connections (tenant_id, supplier_id, protocol, account,"
        " sealed_secret, notice_token, state, prices_said) VALUES (:tenant, :supplier, 'fulu',"
        " 'us', 'x', 'token', 'locked_out', 'refused')",
        supplier=floor.supplier_id,
    )
    return floor.supplier_id, lambda: floor.run(
        "UPDATE suppliers.connections SET state = 'open' WHERE tenant_id = :tenant"
    )


async def supplier_alert(floor: Floor) -> tuple[UUID, Solve]:
    id_ = new_id()
    await floor.run(
        "INSERT INTO suppliers.alerts (tenant_id, id, supplier_id, kind, subject_id, facts,"
        " raised_at) VALUES (:tenant, :id, :supplier, 'balance_low', :supplier, '{}', now())",
        id=id_,
        supplier=floor.supplier_id,
    )
    return id_, lambda: floor.run(
        "UPDATE suppliers.alerts SET cleared_at = now() WHERE tenant_id = :tenant"
    )


def stock_alert(kind: str) -> Make:
    async def make(floor: Floor) -> tuple[UUID, Solve]:
        id_ = new_id()
        await floor.run(
            "INSERT INTO stock.alerts (tenant_id, id, kind, sku_id, facts, told_at) VALUES"
            " (:tenant, :id, :kind, :sku, CAST(:facts AS jsonb), now())",
            id=id_,
            kind=kind,
            sku=floor.shop.sku_id,
            facts='{"available": 2, "low": 5, "count": 3, "expires_on": "2026-12-31"}',
        )
        return id_, lambda: floor.run(
            "UPDATE stock.alerts SET state = 'cleared', cleared_at = now()"
            " WHERE tenant_id = :tenant"
        )

    return make


async def broken(floor: Floor) -> tuple[UUID, Solve]:
    facts = {"broken": {"line_units_do_not_add_up": 2}, "rows_checked": 9}
    await record(floor.tx, floor.tenant_id, "system", [Event(VIOLATED, SUBJECT, facts)])
    found = await floor.tx.execute(
        text("SELECT CAST(md5('invariant line_units_do_not_add_up') AS uuid)")
    )
    clean = Event(DONE, SUBJECT, {"broken": {}, "rows_checked": 9})
    return found.scalar_one(), lambda: record(floor.tx, floor.tenant_id, "system", [clean])


async def unexplained(floor: Floor) -> tuple[UUID, Solve]:
    compared = (
        "INSERT INTO pilot.comparisons (tenant_id, id, store_id, day, actor, same, missed, extra,"
        " different, unexplained, compared_at) VALUES (:tenant, :id, :store, '2026-11-20', :ann,"
        " 1, 1, 0, 0, :left, clock_timestamp())"
    )
    of = {"store": floor.store_id, "ann": ANN}
    await floor.run(compared, id=new_id(), left=1, **of)
    return floor.store_id, lambda: floor.run(compared, id=new_id(), left=0, **of)
