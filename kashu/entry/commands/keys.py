"""Commands of keys: rotate data keys and the master key."""

import asyncio

import click
import msgspec

from kashu.access.api_keys import make_key, wire_name
from kashu.access.caller import Caller
from kashu.access.keyring import rewrap_keys, rotate_data_key
from kashu.access.permissions import Permission
from kashu.access.tenants import Tenant, all_tenants
from kashu.channels.accounts import reseal_orders
from kashu.channels.reseal import reseal_connections
from kashu.core.db import Database
from kashu.core.errors import Invalid
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import MasterKeys, add_master_key
from kashu.downstream.logins import reseal_logins
from kashu.entry.settings import load_settings
from kashu.entry.shop import ACTOR, open_database, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, listed, say, show, table, tenant_option
from kashu.suppliers.reseal import reseal_suppliers
from kashu.webhooks.endpoints import reseal_endpoints


class MasterKeyElsewhere(Invalid):
    """The master key isn't in a file that we may change."""

    code = "master_key_elsewhere"
    zh = (
        "主密钥来自 KASHU_MASTER_KEY，程序不能替换它。请把新密钥写在最前、旧密钥跟在后面，"
        "以逗号分隔，重启所有进程后执行 kashu keys rewrap。"
    )
    en = (
        "The master key comes from KASHU_MASTER_KEY, which we can't replace. Write the new key in "
        "front of the old (separated by a comma), restart every process, then run kashu keys "
        "rewrap."
    )


class KeyMade(msgspec.Struct, frozen=True):
    """A new API key. The secret is told once."""

    key: str
    secret: str
    scopes: list[str]

    def __repr__(self) -> str:
        return f"KeyMade({self.key}, •••)"


class Rotated(msgspec.Struct, frozen=True):
    """A merchant's keys: the version that seals what is new, and how many were wrapped anew."""

    tenant: str
    version: int | None
    rewrapped: int


@click.group("keys", cls=Group)
def keys() -> None:
    """密钥。 Keys."""


@keys.command("add")
@click.option("--name", required=True, help="给谁用。 What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([permission.value for permission in Permission]),
    help="允许做什么，可重复。 What it may do; repeat it.",
)
@tenant_option
@json_option
def add(*, name: str, scopes: tuple[str, ...], tenant: str | None, as_json: bool) -> None:
    """新增接口密钥；密文只显示这一次。 Make an API key; its secret is shown this once.

    kashu keys add --name 官网 --scope orders.write --scope stock.reveal
    """

    async def run() -> KeyMade:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            # Who may run this command holds the master key: there is nothing it may not do.
            operator = Caller(shop.tenant.id, ACTOR, frozenset(Permission), shop.tenant.timezone)
            made = await make_key(
                tx,
                operator,
                shop.ground.masters,
                name=name,
                scopes=[Permission(scope) for scope in scopes],
            )
            return KeyMade(wire_name(shop.tenant.id, made.key), made.secret.clear, sorted(scopes))

    made = asyncio.run(run())
    facts = [
        (("密钥", "Key   "), made.key),
        (("密文", "Secret"), made.secret),
        (("权限", "Scopes"), " ".join(made.scopes)),
    ]
    show(made, lambda: listed(facts), as_json=as_json)
    say("密文只显示这一次，请收好。", "The secret is shown this once: keep it.")


@keys.command("rotate")
@click.option("--master", is_flag=True, help="连主密钥一起更换。 The master key, too.")
@json_option
def rotate(*, master: bool, as_json: bool) -> None:
    """更换密钥，不停业：新卡立即用新密钥加密，旧卡由后台逐步重新加密，期间照常能打开。

    Rotate keys while serving: new cards are sealed under the new key at once, old ones are
    resealed by the worker and open all the while.

    With --master, a new master key is put in front of the others in the key file, and every data
    key is wrapped under it. Back the key file up again afterwards; where several machines have
    copies of it, copy it to them at once.

    kashu keys rotate
    kashu keys rotate --master
    """
    if master:
        settings = load_settings()
        if settings.master_key is not None:
            raise MasterKeyElsewhere
        add_master_key(settings.master_key_file or settings.data_dir / "master.key")
    _show(asyncio.run(_rotate(data=True)), as_json=as_json)


@keys.command("rewrap")
@json_option
def rewrap(*, as_json: bool) -> None:
    """把所有数据密钥改由当前主密钥保护（更换主密钥之后）。

    Wrap every data key under the master key in force, after that was changed by hand.
    """
    _show(asyncio.run(_rotate(data=False)), as_json=as_json)


async def _rotate(*, data: bool) -> list[Rotated]:
    async with open_database() as (ground, database):
        async with database.transaction(None) as tx:
            tenants = await all_tenants(tx)
        return [await _rotate_one(database, each, ground.masters, data=data) for each in tenants]


async def _rotate_one(
    database: Database, tenant: Tenant, masters: MasterKeys, *, data: bool
) -> Rotated:
    async with database.transaction(tenant.id) as tx:
        version = await rotate_data_key(tx, tenant.id, masters) if data else None
        rewrapped = await rewrap_keys(tx, tenant.id, masters)
        rewrapped += await reseal_connections(tx, tenant.id, masters)
        rewrapped += await reseal_orders(tx, tenant.id, masters)
        rewrapped += await reseal_suppliers(tx, tenant.id, masters)
        rewrapped += await reseal_logins(tx, tenant.id, masters)
        rewrapped += await reseal_endpoints(tx, tenant.id, masters)
        facts = {"version": version, "rewrapped": rewrapped, "master_key": masters.current.id}
        await record(tx, tenant.id, ACTOR, [Event("keys.rotated", new_id(), facts)])
    return Rotated(tenant.code, version, rewrapped)


def _show(rotated: list[Rotated], *, as_json: bool) -> None:
    titles = (("商户", "Shop"), ("版本", "Version"), ("改由当前主密钥保护", "Rewrapped"))
    rows = [(each.tenant, each.version, each.rewrapped) for each in rotated]
    show(rotated, lambda: table("", titles, rows), as_json=as_json)
