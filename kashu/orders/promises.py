"""Promises: the reservations that orders name are the merchant's own, of the SKUs ordered."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from kashu.catalog.reads import Sku, skus_by_code
from kashu.core.db import Tx
from kashu.core.errors import Problem
from kashu.orders.bodies import OrderBody
from kashu.orders.errors import OrderWrong
from kashu.stock.reserve import reserved_skus


def name_reservations(bodies: Sequence[OrderBody]) -> set[UUID]:
    """The reservations that some orders name; usually none."""
    return {
        line.reservation_id
        for body in bodies
        for line in body.lines
        if line.reservation_id is not None
    }


async def check_reservations(tx: Tx, tenant_id: int, bodies: Sequence[OrderBody]) -> None:
    """Refuse orders that name reservations which aren't there, or are of another SKU.

    One that has ended is fine: what it kept can be had from stock. None is ever deleted, so this
    stays true. Raises: OrderWrong.
    """
    reserved = await reserved_skus(tx, tenant_id, name_reservations(bodies))
    skus = await skus_by_code(tx, tenant_id, {line.sku for body in bodies for line in body.lines})
    problems = [
        problem
        for n, body in enumerate(bodies)
        for problem in _problems(body, f"/orders/{n}", reserved, skus)
    ]
    if problems:
        raise OrderWrong(problems=problems, count=len(problems))


def _problems(
    body: OrderBody, at: str, reserved: Mapping[UUID, UUID], skus: Mapping[str, Sku]
) -> Iterator[Problem]:
    for n, line in enumerate(body.lines):
        sku = skus.get(line.sku)
        if line.reservation_id is None or sku is None:  # an unknown SKU is told by read_orders()
            continue
        if reserved.get(line.reservation_id) != sku.id:
            yield Problem(
                f"{at}/lines/{n}/reservation_id",
                "unknown_reservation",
                "没有这个规格的这笔预占。请核对预占编号，或去掉它从库存发货。",
                "There is no such reservation of this SKU. Check its id, or leave it out.",
            )
