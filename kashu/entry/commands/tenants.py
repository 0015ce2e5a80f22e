"""Commands of merchants: add one, give its people a new link."""

import asyncio

import click
import msgspec

from kashu.access.errors import StaffUnknown
from kashu.access.factors import remove_factors
from kashu.access.invite import invite_again
from kashu.access.staff import list_staff
from kashu.core.clock import SHANGHAI
from kashu.entry.begin import OWNER, Begun, begin_tenant
from kashu.entry.shop import ACTOR, open_database, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, listed, say, show, tenant_option


class Linked(msgspec.Struct, frozen=True):
    """A one-time link, told once."""

    tenant: str
    login: str
    link: str


@click.group("tenant", cls=Group)
def tenant() -> None:
    """商户。 Merchants."""


@tenant.command("add")
@click.argument("code")
@click.option("--name", required=True, help="名称。 Its name.")
@click.option("--owner", default=OWNER, show_default=True, help="店主的登录名。 The owner's login.")
@click.option(
    "--timezone", default=SHANGHAI, show_default=True, help="时区。 Where its days begin."
)
@json_option
def add(*, code: str, name: str, owner: str, timezone: str, as_json: bool) -> None:
    """新增商户：自带商品目录、直销店铺和主仓，输出店主的一次性链接。

    Add a merchant with the catalogue that ships, a counter and a warehouse; print its owner's
    one-time link.

    kashu tenant add blue-whale --name 蓝鲸 --owner zhang
    """

    async def run() -> tuple[Begun, str]:
        async with open_database() as (ground, database):
            begun = await begin_tenant(
                database,
                ground.masters,
                code=code,
                name=name,
                owner_login=owner,
                timezone=timezone,
                actor=ACTOR,
            )
            return begun, ground.settings.link(begun.token).clear

    begun, link = asyncio.run(run())
    _show(Linked(begun.tenant.code, owner, link), as_json=as_json)


@tenant.command("link")
@click.argument("login")
@click.option(
    "--without-second-factor",
    is_flag=True,
    help="同时移除其两步验证（手机和恢复码都丢失时）。 Take their second factors away, too.",
)
@tenant_option
@json_option
def link(*, login: str, without_second_factor: bool, tenant: str | None, as_json: bool) -> None:
    """给某人新的一次性链接（忘记密码时）；之前的链接作废。

    Give somebody a new one-time link, to choose a new password; earlier links end.

    With --without-second-factor, for who lost their phone and their recovery codes: make sure
    first that it is they who ask.

    kashu tenant link owner
    kashu tenant link owner --without-second-factor
    """

    async def run() -> Linked:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            people = await list_staff(tx, shop.tenant.id)
            found = next((each for each in people if each.login == login.lower()), None)
            if found is None:
                raise StaffUnknown
            if without_second_factor:
                await remove_factors(tx, shop.tenant.id, ACTOR, found.id)
            invitation = await invite_again(tx, shop.tenant.id, ACTOR, found.id)
        return Linked(shop.tenant.code, login, shop.settings.link(invitation.token).clear)

    _show(asyncio.run(run()), as_json=as_json)


def _show(linked: Linked, *, as_json: bool) -> None:
    facts = [
        (("商户", "Shop "), linked.tenant),
        (("登录", "Login"), linked.login),
        (("链接", "Link "), linked.link),
    ]
    show(linked, lambda: listed(facts), as_json=as_json)
    say(
        "链接只能用一次，72 小时内有效，用来设置密码。",
        "The link works once, for 72 hours, to choose a password.",
    )
