"""Commands of our money with suppliers: what is there, and moving it, each step by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click
from rich.console import RenderableType

from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.money import format_amount, parse_amount
from kashu.entry.amounts import read_currency
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, say, show, table, tenant_option, word
from kashu.entry.words import MOVEMENT_KINDS, MOVEMENT_STATES
from kashu.ledger.supplier_money import SupplierMoney
from kashu.suppliers.api_prepaid import standing_shown
from kashu.suppliers.files import attached
from kashu.suppliers.kinds_prepaid import CashMethod, MovementKind, MovementState
from kashu.suppliers.letter import LetterFormat, read_letter, write_letter
from kashu.suppliers.movement_reads import Movement, movement_list
from kashu.suppliers.movements import (
    Evidence,
    WantedMovement,
    approve_movement,
    ask_for_movement,
    end_movement,
    pay_movement,
    post_movement,
)
from kashu.suppliers.prepaid import Standing, standings
from kashu.suppliers.reads import supplier_by_code

DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
LISTED: Final = 100


@click.group("prepaid", cls=Group)
def prepaid() -> None:
    """预付款：余额、充值申请、对账函。 Money with suppliers."""


@prepaid.command("show")
@tenant_option
@json_option
def show_prepaid(*, tenant: str | None, as_json: bool) -> None:
    """每家供应商的可用、存疑、应付、应收与可用时长。 What is there, and how long it lasts.

    kashu prepaid show
    """

    async def read() -> list[Standing]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            return await standings(tx, shop.tenant.id, now(), shop.tenant.timezone)

    found = asyncio.run(read())
    show([standing_shown(each) for each in found], lambda: _standings(found), as_json=as_json)


@prepaid.command("list")
@click.option(
    "--state", type=click.Choice([state.value for state in MovementState]), help="状态。 State."
)
@tenant_option
@json_option
def list_prepaid(*, state: str | None, tenant: str | None, as_json: bool) -> None:
    """列出资金申请。 List what was asked for.

    kashu prepaid list --state asked
    """
    wanted = None if state is None else MovementState(state)
    _do(
        lambda tx, shop: movement_list(tx, shop.tenant.id, state=wanted, limit=LISTED),
        tenant,
        as_json=as_json,
    )


@prepaid.command("ask")
@click.argument("supplier")
@click.argument("amount")
@click.option("--reason", required=True, help="原因。 Why.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in MovementKind]),
    default=MovementKind.DEPOSIT.value,
    show_default=True,
    help="类型。 What it is.",
)
@click.option(
    "--method",
    type=click.Choice([method.value for method in CashMethod]),
    help="付款方式：充值、提现、付款、赔付到账必填。 How cash moves.",
)
@click.option(
    "--currency",
    metavar="CODE",
    help="币种，如 EUR；默认为供应商的结算币种。 In what; else what the supplier is paid in.",
)
@tenant_option
@json_option
def ask(
    *,
    supplier: str,
    amount: str,
    reason: str,
    kind: str,
    method: str | None,
    currency: str | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """申请充值、提现、付款或调整；由另一个人审批。 Ask for money to be moved; another approves.

    kashu prepaid ask alpha 5000 --method alipay --reason 十一月充值
    kashu prepaid ask alpha 320.50 --kind opening --reason 期初余额
    kashu prepaid ask kinguin 2000 --currency EUR --method bank --reason 十二月充值
    """

    async def work(tx: Tx, shop: Shop) -> Movement:
        found = await supplier_by_code(tx, shop.tenant.id, supplier)
        wanted = WantedMovement(
            found.id,
            MovementKind(kind),
            parse_amount(amount),
            reason,
            None if method is None else CashMethod(method),
            None if currency is None else read_currency(currency),
        )
        return await ask_for_movement(tx, shop.tenant.id, ACTOR, wanted)

    _do(work, tenant, as_json=as_json)


@prepaid.command("approve")
@click.argument("movement", type=click.UUID)
@tenant_option
@json_option
def approve(*, movement: UUID, tenant: str | None, as_json: bool) -> None:
    """审批别人的申请。 Approve what somebody else asked for.

    kashu prepaid approve 019ab2c1-0000-7000-8000-000000000000
    """
    _do(
        lambda tx, shop: approve_movement(
            tx, shop.tenant.id, ACTOR, movement, posted_on=shop.today
        ),
        tenant,
        as_json=as_json,
    )


@prepaid.command("pay")
@click.argument("movement", type=click.UUID)
@click.option("--reference", default="", help="流水号。 The bank's or wallet's number.")
@click.option("--file", "path", type=click.Path(path_type=Path), help="凭证，≤ 1 MiB。 Evidence.")
@tenant_option
@json_option
def pay(
    *, movement: UUID, reference: str, path: Path | None, tenant: str | None, as_json: bool
) -> None:
    """登记已付款与凭证。 Note that it was paid, and what shows it.

    kashu prepaid pay 019ab2c1-0000-7000-8000-000000000000 --reference 2026112300001
    """
    file = None if path is None else attached(path.name, path.read_bytes())
    _do(
        lambda tx, shop: pay_movement(
            tx,
            shop.tenant.id,
            ACTOR,
            movement,
            Evidence(reference, file),
            masters=shop.keyrings.masters,
        ),
        tenant,
        as_json=as_json,
    )


@prepaid.command("post")
@click.argument("movement", type=click.UUID)
@tenant_option
@json_option
def post(*, movement: UUID, tenant: str | None, as_json: bool) -> None:
    """到账，记入账本（只记一次）。 It arrived: put it into the books, once.

    kashu prepaid post 019ab2c1-0000-7000-8000-000000000000
    """
    _do(
        lambda tx, shop: post_movement(tx, shop.tenant.id, ACTOR, movement, posted_on=shop.today),
        tenant,
        as_json=as_json,
    )


@prepaid.command("cancel")
@click.argument("movement", type=click.UUID)
@click.option("--reason", required=True, help="原因。 Why.")
@tenant_option
@json_option
def cancel(*, movement: UUID, reason: str, tenant: str | None, as_json: bool) -> None:
    """撤回还没有付款的申请。 Take a request back that wasn't paid.

    kashu prepaid cancel 019ab2c1-0000-7000-8000-000000000000 --reason 填错了
    """
    _do(
        lambda tx, shop: end_movement(
            tx,
            shop.tenant.id,
            ACTOR,
            movement,
            state=MovementState.CANCELLED,
            because=reason,
        ),
        tenant,
        as_json=as_json,
    )


@prepaid.command("letter")
@click.argument("supplier")
@click.option("--on", "day", type=DAY, required=True, help="截至哪一天。 The day.")
@click.option(
    "--output", type=click.Path(path_type=Path), required=True, help=".md、.html 或 .xlsx。 A file."
)
@tenant_option
def letter(*, supplier: str, day: datetime, output: Path, tenant: str | None) -> None:
    """出具对账函。 Write a letter that asks a supplier to confirm our balance.

    kashu prepaid letter alpha --on 2026-11-30 --output alpha.html
    """
    named = {f".{form.value}": form for form in LetterFormat}
    form = named.get(output.suffix.lower(), LetterFormat.MARKDOWN)

    async def read() -> bytes:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found = await supplier_by_code(tx, shop.tenant.id, supplier)
            written = await read_letter(
                tx,
                shop.tenant.id,
                found,
                day.date(),
                ours=shop.tenant.name,
                today=shop.today,
            )
        return write_letter(written, form)

    output.write_bytes(asyncio.run(read()))
    say(f"已写入 {output}", f"Written to {output}")


def _do(work: Callable[[Tx, Shop], Awaitable[Any]], tenant: str | None, *, as_json: bool) -> None:
    async def run() -> Any:  # noqa: ANN401  (whatever the work gives)
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            return await work(tx, shop)

    done = asyncio.run(run())
    rows = done if isinstance(done, list) else [done]
    told = [_told(row) for row in rows]
    show(told if isinstance(done, list) else told[0], lambda: _movements(rows), as_json=as_json)


def _told(row: Movement) -> dict[str, Any]:
    told = asdict(row)
    amount = format_amount(told.pop("amount_e4"))
    return {**told, "amount": amount}


def _movements(rows: list[Movement]) -> RenderableType:
    titles = (
        ("编号", "Id"),
        ("类型", "Kind"),
        ("金额", "Amount"),
        ("币种", "Currency"),
        ("状态", "State"),
        ("原因", "Reason"),
    )
    cells = [
        (
            row.id,
            word(MOVEMENT_KINDS, row.kind.value),
            format_amount(row.amount_e4),
            row.currency,
            word(MOVEMENT_STATES, row.state.value),
            row.reason,
        )
        for row in rows
    ]
    return table("", titles, cells)


def _standings(found: list[Standing]) -> RenderableType:
    titles = (
        ("供应商", "Supplier"),
        ("币种", "Currency"),
        ("可用", "Available"),
        ("存疑", "In doubt"),
        ("应付", "Payable"),
        ("应收赔付", "To be got back"),
        ("可用小时", "Hours left"),
        ("建议充值", "Suggested"),
        ("冻结", "Frozen"),
    )
    rows: list[tuple[object, ...]] = []
    for each in found:
        money, burn = each.exposure, each.burn
        rows.append(
            (
                each.code,
                money.currency,
                format_amount(money.available_e4),
                format_amount(money.in_doubt_e4),
                format_amount(money.payable_e4),
                format_amount(money.recoveries_e4),
                "" if burn.hours_left is None else burn.hours_left,
                format_amount(burn.suggested_e4),
                money.frozen_because or "",
            )
        )
        rows += [_other(each.code, other) for other in each.others]
    return table("", titles, rows)


def _other(code: str, money: SupplierMoney) -> tuple[object, ...]:
    """What is there in a currency that it isn't paid in: on a line of its own, never added up."""
    return (
        code,
        money.currency,
        format_amount(money.prepaid_e4),
        format_amount(money.in_doubt_e4),
        format_amount(money.payable_e4),
        format_amount(money.recoveries_e4),
        "",
        "",
        "",
    )
