"""Calls to TOP's gateway, and the closed table of what its refusals mean."""

import re
from collections.abc import Mapping
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from kashu.adapters.channels.taobao_signing import MD5, sign, write_time
from kashu.channels.channel import App, Link
from kashu.channels.errors import (
    AlreadyShipped,
    AppRefused,
    CalledTooOften,
    ChannelDown,
    ChannelRefused,
    ChannelUnclear,
    GrantLost,
    NoSuchShopOrder,
    NotShippable,
)
from kashu.core.errors import OutsideError

NAME: Final = "taobao"
GATEWAY: Final = "https://eco.taobao.com/router/rest"
SANDBOX: Final = "https://gw.api.tbsandbox.com/router/rest"
FORM: Final = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}

TOO_OFTEN: Final = frozenset({4, 5, 6, 7, 8})
GRANT: Final = frozenset({26, 27, 44})
APP: Final = frozenset({11, 12, 13, *range(21, 26), *range(28, 35), 42, 47})
PARAMETERS: Final = frozenset({40, 41, 43})
OUT_OF_ORDER: Final = frozenset({10, 15, 52, 520})  # all but 10 only with a sub_code isp.*

WIDE_WINDOW_S: Final = 180  # what the platform advises after isv.trade-service-rejection
LIMITED_S: Final = 10  # where a limit doesn't say how long it lasts: our choice
_BAN = re.compile(r"This ban will last for (\d{1,6}) more second")
_PRINTABLE = re.compile(r"[^\w.:|/-]+", re.ASCII)

_DUMMY: Final = "isv.logistics-dummy-service-error:"
_ETICKET: Final = "isv.eticket-"
GRANT_LOST: Final = frozenset({_DUMMY + "P03"})
SYSTEM_ERROR: Final = frozenset({_DUMMY + "S01"})

Told = TypeVar("Told")


class WrongState(NotShippable):
    """The order isn't in a state to be shipped: perhaps because it was already."""


class _Refusal(msgspec.Struct):
    """What stands under `error_response`."""

    code: int
    sub_code: str = ""
    sub_msg: str = ""

    @property
    def said(self) -> str:
        """Its codes: never its texts, which may repeat what we sent."""
        return _PRINTABLE.sub(" ", f"{self.code} {self.sub_code}"[:80]).strip()


def gateway(app: App) -> str:
    """Where an app's calls go. Its option `sandbox` set to "yes": to the platform's sandbox."""
    if app.base_url:
        return app.base_url.rstrip("/") + "/router/rest"
    return SANDBOX if app.options.get("sandbox") == "yes" else GATEWAY


async def call(
    link: Link,
    method: str,
    told: type[Told],
    business: Mapping[str, str],
    *,
    writes: bool = False,
    order: str = "",
) -> Told:
    """Call a method and read its answer. Empty parameters aren't sent.

    `order` is what the call is about, for the words of a refusal. Raises: errors of the table;
    ChannelUnclear for whatever isn't in it.
    """
    parameters = {name: value for name, value in business.items() if value}
    parameters |= {
        "method": method,
        "app_key": link.app.key,
        "timestamp": write_time(link.now()),
        "format": "json",  # the platform's default is XML
        "v": "2.0",
        "sign_method": link.app.options.get("sign_method", MD5),
    }
    if link.grant is not None:
        parameters["session"] = link.grant.access_token.clear
    parameters["sign"] = sign(parameters, link.app.secret.clear, parameters["sign_method"])
    answer = await link.http.call(
        "POST", gateway(link.app), content=urlencode(parameters).encode(), headers=FORM
    )
    if answer.status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {answer.status}")
    return _read(answer.body, method, told, writes=writes, order=order)


def unclear(said: str) -> ChannelUnclear:
    """Make an error of an answer that can't be understood."""
    return ChannelUnclear(channel=NAME, said=said)


def answer_name(method: str) -> str:
    """Name what a method's answer stands under."""
    return method.removeprefix("taobao.").replace(".", "_") + "_response"


def _read(body: bytes, method: str, told: type[Told], *, writes: bool, order: str) -> Told:
    try:
        envelope = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        if "error_response" in envelope:
            refusal = msgspec.json.decode(envelope["error_response"], type=_Refusal)
            raise _meaning(refusal, writes=writes, order=order)
        inside = envelope.get(answer_name(method))
        if inside is None:
            raise unclear("no answer of this method")
        return msgspec.json.decode(inside, type=told)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise unclear("unreadable answer") from error


def _meaning(refusal: _Refusal, *, writes: bool, order: str) -> OutsideError:
    """Look a refusal up: its code first, which is the gateway's; then the shop's reason."""
    code, said = refusal.code, refusal.said
    if code in TOO_OFTEN:
        ban = _BAN.search(refusal.sub_msg)
        wait_s = int(ban[1]) if ban else LIMITED_S
        return CalledTooOften(channel=NAME, said=said, wait_s=wait_s)
    if code in GRANT or refusal.sub_code in GRANT_LOST:
        return GrantLost(channel=NAME, said=said)
    if code in APP:
        return AppRefused(channel=NAME, said=said)
    out_of_order = code == 10 or (  # noqa: PLR2004  (as the table has it)
        code in OUT_OF_ORDER and refusal.sub_code.startswith("isp.")
    )
    if out_of_order or refusal.sub_code in SYSTEM_ERROR:
        # It doesn't say whether a change was made before it broke: only a question may be repeated.
        return unclear(said) if writes else ChannelDown(channel=NAME, said=said)
    return _reason(refusal, order)


# Why an order refuses. B04 and B55 say only that its state is wrong: it may be shipped already.
OF_AN_ORDER: Final[Mapping[str, type[OutsideError]]] = {
    "isv.trade-not-exist": NoSuchShopOrder,
    _DUMMY + "B01": NoSuchShopOrder,
    _DUMMY + "B02": NotShippable,  # no right to
    _DUMMY + "B04": WrongState,
    _DUMMY + "B27": AlreadyShipped,
    _DUMMY + "B55": WrongState,
    _DUMMY + "B98": NotShippable,  # not a virtual good
    _ETICKET + "send-error:code-alreay-send": AlreadyShipped,  # spelled so
    _ETICKET + "order-status-error:invalid-order-status": NotShippable,
}


def _reason(refusal: _Refusal, order: str) -> OutsideError:
    sub_code, said = refusal.sub_code, refusal.said
    if sub_code == "isv.trade-service-rejection":
        return CalledTooOften(channel=NAME, said=said, wait_s=WIDE_WINDOW_S)
    if order and sub_code in OF_AN_ORDER:
        return OF_AN_ORDER[sub_code](channel=NAME, order=order, said=said)
    if refusal.code in PARAMETERS:
        return ChannelRefused(channel=NAME, said=said, meaning="参数有误 a parameter is wrong")
    if sub_code.startswith("isv."):
        return ChannelRefused(channel=NAME, said=said, meaning="业务拒绝 see the platform's code")
    return unclear(said)
