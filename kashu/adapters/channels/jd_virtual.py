"""JD 京东, the general virtual-trade platform (通用交易平台): it calls us with each paid order.

Nothing here was tried against the live platform. The addresses registered with JD end in
`beginDistill` and `findDistill`. `app.key` is the vendor id, `app.secret` the key of signatures,
`grant.access_token` the 32 bytes that cards are encrypted under: AES-256-ECB and MD5, weak
cryptography that JD demands. An option of the application:

- `callback_url`: where results are told, whole, in place of the address that came with the order:
  for JD's self-test platform.

JD answers only for addresses of its own: one that came with an order and isn't under jd.com is
refused, unless a simulator's base address is set. Of what `expand` holds, only `system` is read:
the rest is about the buyer's person.
"""

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlencode, urlsplit

import msgspec

from kashu.adapters.channels import asks
from kashu.adapters.channels.jd_asking import (
    check_fresh,
    compact,
    compact_moment,
    count_of,
    form_of,
    number_of,
    read_answer,
)
from kashu.adapters.channels.jd_gateway import FORM, Number
from kashu.adapters.channels.jd_signing import decrypt, encrypt, same, virtual_sign
from kashu.channels.asking import (
    Ask,
    Asked,
    Failure,
    GivenCard,
    Progress,
    Question,
    Result,
    Ticket,
    Wants,
)
from kashu.channels.channel import (
    Link,
    PushReply,
    PushRequest,
    ShopLine,
    ShopOrder,
    ShopState,
)
from kashu.channels.errors import (
    AppRefused,
    ChannelRefused,
    ChannelUnclear,
    NoSuchShopOrder,
    NotShippable,
    PushNotAuthentic,
    ShopOrderWrong,
    StateForbids,
)
from kashu.core.errors import KashuError
from kashu.core.money import AMOUNT_MAX_E4, FEN

NAME: Final = "jd_virtual"
BEGINS: Final = frozenset({"beginDistill", "beginDisstill"})  # JD's example has the second
FINDS: Final = "findDistill"
RESULT: Final = "/produce/result"
JD: Final = "jd.com"

DONE: Final = 1
FAILED: Final = 2  # JD refunds
OPEN: Final = 3
PAUSED: Final = 4  # nothing is refunded; JD starts the order again, or a person does
NONE: Final = "-"  # how JD wants what a card hasn't
CARD_MAX: Final = 127
FAILURES: Final[Mapping[Failure, str]] = {
    Failure.NO_SUCH_GOODS: "JDO_302",
    Failure.NOT_SELLABLE: "JDO_305",
    Failure.OUT_OF_STOCK: "JDO_305",
    Failure.PRICE_DIFFERS: "JDO_305",
    Failure.BAD_ACCOUNT: "JDO_301",
    Failure.SUPPLIER_REFUSED: "JDO_500",
}
RULES: Final[Mapping[str, str]] = {"2": "a parameter is wrong", "12": "the quantity is wrong"}
STATE_FORBIDS: Final = "13"
NUMBERS: Final[Mapping[Progress, tuple[str, int]]] = {
    Progress.UNKNOWN: ("JDO_500", PAUSED),
    Progress.OPEN: ("JDO_201", OPEN),
    Progress.DONE: ("JDO_200", DONE),
}


class _Said(msgspec.Struct):
    code: Number


class _Expand(msgspec.Struct):
    system: Number = ""


class JdVirtual:
    """The general virtual-trade platform as an Asking adapter."""

    name = NAME
    calls: tuple[str, ...] = ("beginDistill", "findDistill")
    card_key_bytes = 32
    needs = asks.JD_VIRTUAL

    def read(self, link: Link, request: PushRequest) -> Asked:
        """Check a request and read it. Raises: PushNotAuthentic, ShopOrderWrong."""
        form = form_of(request)
        if not _is_signed(link, form):
            raise PushNotAuthentic(why="wrong signature")
        sent_at = check_fresh(link, form.get("timestamp", ""))
        call = request.path.rstrip("/").rpartition("/")[2]
        if call == FINDS:
            return Question(number_of(NAME, form.get("jdOrderNo", "")))
        if call not in BEGINS:
            raise PushNotAuthentic(why="no such call")
        if form.get("vendorId") != link.app.key:
            raise PushNotAuthentic(why="another shop's")
        number = number_of(NAME, form.get("jdOrderNo", ""))
        account = form.get("produceAccount", "")
        quantity = count_of(NAME, number, form.get("quantity", ""))
        if account and quantity != 1:
            raise _wrong(number, "a top-up of more than one")
        paid_e4 = _amount(number, form.get("totalPrice", ""))
        ware = form.get("wareNo", "")
        if not ware:
            raise _wrong(number, "wareNo is missing")
        try:
            paid_at = compact_moment(form.get("payTime", ""))
        except ValueError as error:
            raise _wrong(number, "payTime can't be read") from error
        wants = Wants.TOPUP if account else Wants.CARDS
        line = ShopLine(number, ware, "", quantity, paid_e4, merchant_code=ware)
        return Ask(
            order=ShopOrder(number, ShopState.PAID, sent_at, paid_at, paid_e4, (line,)),
            ticket=Ticket(number, wants, quantity, _address(link, number, form)),
            account=account,
            details=_details(link, number, form.get("expand", "")),
        )

    def answer(self, link: Link, asked: Asked, result: Result) -> PushReply:
        """Write the answer, signed. Raises: NotShippable."""
        number = asked.order_id if isinstance(asked, Question) else asked.ticket.order_id
        assert result.ticket is None or result.ticket.order_id == number
        code, state = _numbers(result)
        told: dict[str, str | int] = {
            "code": code,
            "jdOrderNo": int(number),
            "agentOrderNo": result.our_number or number,
            "produceStatus": state,
        }
        if result.cards:
            told["product"] = _product(link, number, result.cards)
        return _signed(link, told)

    def refuse(self, link: Link, request: PushRequest, error: KashuError) -> PushReply:
        """Write the answer to what can't be taken now: the order pauses, nothing is refunded."""
        code = "JDO_500"
        if isinstance(error, PushNotAuthentic):
            code = "JDO_304"
        elif isinstance(error, ShopOrderWrong):
            code = "JDO_303"
        told: dict[str, str | int] = {"code": code, "produceStatus": PAUSED}
        try:
            number = number_of(NAME, form_of(request).get("jdOrderNo", ""))
            told |= {"jdOrderNo": int(number), "agentOrderNo": number}
        except (PushNotAuthentic, ShopOrderWrong):
            pass  # it named no order that could be repeated
        return _signed(link, told)

    async def tell(self, link: Link, result: Result) -> None:
        """Call JD with a result, at the address that came with the order."""
        ticket = result.ticket
        assert ticket is not None
        assert result.progress in {Progress.DONE, Progress.FAILED}
        form = {
            "vendorId": link.app.key,
            "jdOrderNo": ticket.order_id,
            "agentOrderNo": result.our_number or ticket.order_id,
            "produceStatus": str(_numbers(result)[1]),
            "quantity": str(ticket.quantity),
            "timestamp": compact(link),
        }
        if result.cards:
            form["product"] = _product(link, ticket.order_id, result.cards)
        form["sign"] = virtual_sign(form, link.app.secret)
        url = link.app.options.get("callback_url") or ticket.answer_to
        said = await link.http.call("POST", url, content=urlencode(form).encode(), headers=FORM)
        code = str(read_answer(NAME, said, _Said).code)
        if code != "0":
            raise _meaning(code, ticket.order_id)


def _is_signed(link: Link, form: Mapping[str, str]) -> bool:
    """Check the signature, also where `expand` was encoded for a URL once more before the form."""
    given = form.get("sign", "")
    plain = {**form, "expand": unquote(form.get("expand", ""))}
    return any(same(virtual_sign(each, link.app.secret), given) for each in (form, plain))


def _details(link: Link, number: str, sealed: str) -> dict[str, str]:
    """Open `expand`. Raises: ShopOrderWrong: a wrong card key is found before cards leave."""
    if not sealed:
        return {}
    assert link.grant is not None
    try:
        clear = decrypt(unquote(sealed), link.grant.access_token)
        system = str(msgspec.json.decode(clear, type=_Expand).system)
    except (ValueError, msgspec.DecodeError) as error:
        raise _wrong(number, "expand doesn't open: compare the card key") from error
    return {"system": system} if system else {}


def _address(link: Link, number: str, form: Mapping[str, str]) -> str:
    """Where the result goes. Raises: ShopOrderWrong where that isn't JD."""
    written = form.get("notifyUrl", "").rstrip("/")
    url = written if written.endswith(RESULT) else written + RESULT
    if link.app.base_url and url.startswith(f"{link.app.base_url}/"):
        return url
    try:
        parts = urlsplit(url)
        usual = parts.scheme in {"http", "https"} and parts.port in {None, 80, 443}
    except ValueError as error:
        raise _wrong(number, "notifyUrl isn't an address") from error
    host = parts.hostname or ""
    if not usual or "@" in parts.netloc or not (host == JD or host.endswith(f".{JD}")):
        raise _wrong(number, "notifyUrl isn't JD's")
    return f"https://{host}{parts.path}"  # JD's example has http; cards don't go by it


def _amount(number: str, fen: str) -> int:
    if not (fen.isascii() and fen.isdigit() and len(fen) < len(str(AMOUNT_MAX_E4))):
        raise _wrong(number, "totalPrice isn't an amount in fen")
    return int(fen) * FEN


def _numbers(result: Result) -> tuple[str, int]:
    if result.failure is not None:
        return FAILURES[result.failure], FAILED
    return NUMBERS[result.progress]


def _product(link: Link, number: str, cards: tuple[GivenCard, ...]) -> str:
    """Write cards, encrypted. Raises: NotShippable where JD can't carry one; AppRefused."""
    assert link.grant is not None
    written = []
    for given in cards:
        card = given.card
        told = {"cardNumber": card.number or NONE, "password": card.password or NONE}
        if (
            card.url
            or not (card.number or card.password)
            or max(map(len, told.values())) > CARD_MAX
        ):
            raise NotShippable(channel=NAME, said="card form", order=number)
        told["expiryDate"] = NONE if given.expires_on is None else given.expires_on.isoformat()
        written.append(told)
    try:
        return encrypt(json.dumps(written, ensure_ascii=False), link.grant.access_token)
    except ValueError as error:
        raise AppRefused(channel=NAME, said="card key") from error


def _signed(link: Link, told: dict[str, str | int]) -> PushReply:
    told["timestamp"] = compact(link)
    told["signType"] = "MD5"
    texts = {name: str(value) for name, value in told.items()}
    told["sign"] = virtual_sign(texts, link.app.secret)
    return PushReply(msgspec.json.encode(told))


def _wrong(number: str, what: str) -> ShopOrderWrong:
    return ShopOrderWrong(channel=NAME, order=number, what=what)


def _meaning(code: str, order: str) -> KashuError:
    """What JD's answer to a call-back means: a closed table."""
    said = code[:10]
    if code == "3":
        return NoSuchShopOrder(channel=NAME, order=order)
    if code in {"10", "11", "19"}:
        return AppRefused(channel=NAME, said=said)
    if code == STATE_FORBIDS:
        return StateForbids(channel=NAME, said=said, order=order)
    if code in RULES:
        return ChannelRefused(channel=NAME, said=said, meaning=RULES[code])
    return ChannelUnclear(channel=NAME, said=said)
