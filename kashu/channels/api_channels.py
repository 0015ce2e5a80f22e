"""HTTP of platforms: those whose adapter is installed, what each can, and what it asks for."""

from typing import Any, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency

from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.options import is_secret
from kashu.access.permissions import Permission
from kashu.channels.ask import Outside
from kashu.channels.asks import ASK_EVERY, Asks, Field, Way
from kashu.channels.channel import Can


class ChoiceShown(msgspec.Struct, frozen=True):
    """One of the values that an option may have."""

    value: str
    zh: str
    en: str


class FieldShown(msgspec.Struct, frozen=True):
    """An option of a connection. `choices`: none of them where anything may be typed.

    `ways`: it is asked for where permission comes so; always, where none is told. `rare`: few need
    it. `hidden`: it is a secret, and never shown again.
    """

    name: str
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    needed: bool
    rare: bool
    hidden: bool
    choices: list[ChoiceShown]
    ways: list[Way]


class ChannelShown(msgspec.Struct, frozen=True):
    """A platform: what it can, and what connecting a store of it asks for.

    `key_name`, `secret_name`: what it calls those of our application. `ways`: how permission may
    come. `own`: options to be sent where the application is the shop's own. `guide`: of our
    guides.
    """

    channel: str
    zh: str
    en: str
    key_name: str
    secret_name: str
    can: list[Can]
    ways: list[Way]
    fields: list[FieldShown]
    own: dict[str, str]
    code_minutes: int | None
    takes_redirect: bool
    guide: str


class ChannelList(msgspec.Struct, frozen=True):
    """The platforms that stores can be connected to."""

    channels: list[ChannelShown]


@get("/v1/channels", operation_id="listChannels", guards=[requires(Permission.CATALOG_READ)])
async def list_channels(
    caller: NamedDependency[Caller],  # noqa: ARG001  (whoever is signed in may know)
    outside: NamedDependency[Outside],
) -> ChannelList:
    """Tell the platforms that stores can be connected to, and what each asks for."""
    installed: dict[str, Any] = {**outside.channels, **outside.asking}
    return ChannelList([_shown(name, each, outside) for name, each in installed.items()])


def _shown(name: str, adapter: Any, outside: Outside) -> ChannelShown:  # noqa: ANN401
    """Of an adapter of another package, which tells nothing of itself, what all have."""
    needs: Asks = getattr(adapter, "needs", None) or Asks(name, name)
    declared = getattr(adapter, "secret_options", ())
    asked = name in outside.asking
    fields = needs.fields if asked else (*needs.fields, ASK_EVERY)
    return ChannelShown(
        channel=name,
        zh=needs.zh,
        en=needs.en,
        key_name=needs.key,
        secret_name=needs.secret,
        can=sorted(outside.can(name)),
        ways=list(needs.ways),
        fields=[_field(each, hidden=is_secret(each.name, declared)) for each in fields],
        own=dict(needs.own),
        code_minutes=needs.code_minutes,
        takes_redirect=needs.takes_redirect,
        guide=needs.guide,
    )


def _field(field: Field, *, hidden: bool) -> FieldShown:
    return FieldShown(
        name=field.name,
        zh=field.zh,
        en=field.en,
        hint_zh=field.hint_zh,
        hint_en=field.hint_en,
        needed=field.needed,
        rare=field.rare,
        hidden=hidden,
        choices=[ChoiceShown(*each) for each in field.choices],
        ways=list(field.ways),
    )


routes: Final = (list_channels,)
