"""Fulu's calls: one address, a signature over sorted characters, a closed table of refusals.

MD5 of sorted characters proves little; it is the partner's choice and is used for nothing else.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any, Final, TypeVar

import msgspec

from kashu.adapters.suppliers.texts import bounded, word
from kashu.core.errors import OutsideError
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
    NumberTaken,
    ProductGone,
    SoldOut,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Link, Login, Order

NAME: Final = "fulu"
HOST: Final = "https://openapi.fulu.com"
PATH: Final = "/api/getway"  # as they spell it
BEIJING: Final = timezone(timedelta(hours=8))
UNIT: Final = 2  # bytes of half a character beyond the BMP, and of any other whole
BMP_END: Final = "\uffff"  # beyond it, their programs don't agree on how characters are sorted

CLOCK: Final = 1004  # more than ten minutes apart
LOGIN: Final = (1006, 1016, 1019)  # app key, signature, address not allowed
# The request was malformed: nothing was created by it.
ALWAYS: Final[Mapping[int, type[OutsideError]]] = {
    **dict.fromkeys(range(1000, 1020), InputRefused),
    **dict.fromkeys(LOGIN, LoginRefused),
    CLOCK: ClockRefused,
}
TAKEN: Final = 3000  # an order with this number is there
# "Can't be bought now", says one client's code; what they mean exactly nobody has written down, so
# an order that meets them is asked for before anything else.
NOT_FOR_SALE: Final = frozenset({3001, 3002, 3003, 3004, 3005, 3008})
NO_ORDER: Final = 4011
# What never says that nothing was created, whatever a connection's option `refusals` claims.
DOUBTFUL: Final = NOT_FOR_SALE | {0, TAKEN, 3006, 3007, NO_ORDER, 4012, 5000}
# The codes for these aren't documented: a connection may state those that it has met.
MEANINGS: Final[Mapping[str, type[OutsideError]]] = {
    "balance": BalanceShort,
    "stock": SoldOut,
    "gone": ProductGone,
}

Told = TypeVar("Told")


class NotForSale(SupplierUnclear):
    """They say that it can't be bought. Only with "no such order" after it, it wasn't."""


class _Envelope(msgspec.Struct):
    code: int
    message: str | None = None
    result: str | None = None
    sign: str | None = None


def sign(text: str, secret: str) -> str:
    """Sign a text: its characters sorted, then the secret."""
    # Counted, not sorted one by one: a list of products may be megabytes.
    return _digest("".join(each * count for each, count in sorted(Counter(text).items())), secret)


def is_signed(text: str, secret: str, given: str) -> bool:
    """Check a signature over exactly this text."""
    if hmac.compare_digest(sign(text, secret).encode(), given.encode("utf-8", "replace")):
        return True
    # What they make of characters beyond the BMP, in a product's name, isn't known: also as those
    # of their programs do that sort halves of characters.
    if max(text, default="") <= BMP_END:
        return False
    halves: Counter[bytes] = Counter()
    for each, count in Counter(text).items():
        units = each.encode("utf-16-be", "surrogatepass")
        for at in range(0, len(units), UNIT):
            halves[units[at : at + UNIT]] += count
    by_halves = b"".join(unit * count for unit, count in sorted(halves.items()))
    expected = _digest(by_halves.decode("utf-16-be", "replace"), secret)
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _digest(characters: str, secret: str) -> str:
    signed = (characters + secret).encode("utf-8", "replace")
    return hashlib.md5(signed).hexdigest()  # noqa: S324  (the partner's)


def encode_call(login: Login, method: str, timestamp: str, business: Mapping[str, Any]) -> bytes:
    """Write a call, signed. Raises: InputRefused, for characters that can't be signed alike.

    Options of other gateways of this kind: `version`, `auth_token` ("absent" leaves it out), and
    a method's own name here with theirs as its value.
    """
    for told in business.values():
        if isinstance(told, str) and not all(map(_is_plain, told)):
            raise InputRefused(supplier=NAME, said="a character that can't be signed")
    params = {
        "app_key": login.account,
        "method": login.options.get(method, method),
        "timestamp": timestamp,
        "version": login.options.get("version", "2.0"),
        "format": "json",
        "charset": "utf-8",
        "sign_type": "md5",
        "app_auth_token": "",
        "biz_content": msgspec.json.encode(business).decode(),
    }
    if login.options.get("auth_token") == "absent":
        del params["app_auth_token"]
    params["sign"] = sign(msgspec.json.encode(params).decode(), login.secret.clear)
    return msgspec.json.encode(params)


def _is_plain(character: str) -> bool:
    """Whether all their programs write a character the same way."""
    return character <= BMP_END and character.isprintable()


async def call(
    link: Link,
    method: str,
    business: Mapping[str, Any],
    told: type[Told],
    *,
    order: Order | None = None,
    places: bool = False,
    deadline_s: float | None = None,
) -> Told | None:
    """Call a method and read its result; None, where it is null.

    `order` is whom the call is about; `places`: it would create it. Raises: errors of the table;
    SupplierUnclear for whatever isn't in it.
    """
    timestamp = link.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
    url = (link.login.base_url or HOST).rstrip("/") + PATH
    content = encode_call(link.login, method, timestamp, business)
    headers = {"content-type": "application/json"}
    limit = {} if deadline_s is None else {"deadline_s": deadline_s}
    answer = await link.http.call("POST", url, content=content, headers=headers, **limit)
    if answer.status != 200:  # noqa: PLR2004  (refusals too come with 200)
        raise unclear(f"HTTP {answer.status}")
    envelope = read(answer.body, _Envelope)
    if envelope.code:
        hidden = [
            link.login.account,
            link.login.secret.clear,
            *(order.inputs.values() if order else ()),
        ]
        said = f"{word(str(envelope.code))} {bounded(envelope.message or '', *hidden)}".strip()
        raise meaning(link.login, envelope.code, said, order, places=places)
    if not is_signed(envelope.result or "", link.login.secret.clear, envelope.sign or ""):
        raise unclear("the answer's signature")
    if envelope.result is None:
        return None
    return None if envelope.result.strip() == "null" else read(envelope.result, told)


def read(body: bytes | str, told: type[Told]) -> Told:
    """Read JSON; numbers are decimal. Raises: SupplierUnclear."""
    try:
        return msgspec.json.decode(body, type=told)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        pass  # what was read isn't kept: it may hold cards
    raise unclear("unreadable answer")


def unclear(said: str) -> SupplierUnclear:
    """Make an error of an answer that can't be understood."""
    return SupplierUnclear(supplier=NAME, said=said)


def meaning(
    login: Login, code: int, said: str, order: Order | None, *, places: bool
) -> OutsideError:
    """Find a refusal in the table. What isn't there may have happened."""
    if code in ALWAYS:
        return ALWAYS[code](supplier=NAME, said=said)
    if code == TAKEN and order is not None:
        return NumberTaken(supplier=NAME, number=order.number, said=said)
    if code in NOT_FOR_SALE and (places or order is None):
        return (NotForSale if places else ProductGone)(supplier=NAME, said=said)
    if code == NO_ORDER and order is not None and not places:
        return NoSuchPurchase(supplier=NAME, number=order.number)
    if code in _stated(login):
        return _stated(login)[code](supplier=NAME, said=said)
    return unclear(said)


def _stated(login: Login) -> Mapping[int, type[OutsideError]]:
    """Read the option `refusals`: codes that this gateway is known to refuse orders with."""
    found = {}
    for part in login.options.get("refusals", "").split(","):
        code, _, meaning = part.strip().partition("=")
        if code.isdecimal() and int(code) not in DOUBTFUL and meaning in MEANINGS:
            found[int(code)] = MEANINGS[meaning]
    return found
