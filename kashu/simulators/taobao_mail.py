"""Taobao's message service (TMC): its socket, byte by byte, and its calls; strict about both.

Chosen, since it isn't documented: a CONNECT that is refused is answered with a status and the line
is closed; who says nothing for half a minute is hung up on; nothing is told before the first pull.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, Final

from kashu.simulators.faults import Receive, Send
from kashu.simulators.line import Gone, Wire
from kashu.simulators.mailbox import Letter, Mailbox, News
from kashu.simulators.shop import Shop
from kashu.simulators.taobao_mail_wire import pack, unpack
from kashu.simulators.taobao_wire import Failure, status_of, written, yuan

GROUPS: Final = frozenset({"", "default"})
AGAIN_AFTER: Final = timedelta(minutes=5)
SILENT_S: Final = 30.0
CLOCKS_APART: Final = timedelta(minutes=10)
FEWEST, MOST = 10, 200  # messages at once

TOPICS: Final[Mapping[News, str]] = {
    News.CREATED: "taobao_trade_TradeCreate",
    News.PAID: "taobao_trade_TradeBuyerPay",
    News.SHIPPED: "taobao_trade_TradeSellerShip",
    News.FINISHED: "taobao_trade_TradeSuccess",
    News.CLOSED: "taobao_trade_TradeClose",
    News.REVIEWED: "taobao_trade_TradeChanged",
    News.REFUND_ASKED: "taobao_refund_RefundCreated",
    News.REFUND_DONE: "taobao_refund_RefundSuccess",
    News.REFUND_REFUSED: "taobao_refund_RefundClosed",
}


class TaobaoMail:
    """Messages of an application's shops."""

    def __init__(
        self, shops: tuple[Shop, ...], key: str, secret: str, now: Callable[[], datetime]
    ) -> None:
        self.box = Mailbox(shops, now, again_after=AGAIN_AFTER)
        self.silent_s = SILENT_S
        self.spoil: Callable[[bytes], bytes] = lambda frame: frame  # what is told goes through it
        self._key, self._secret, self._now = key, secret, now

    def consume(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Answer taobao.tmc.messages.consume. Raises: Failure."""
        _check_group(parameters)
        quantity = parameters.get("quantity", "100")
        if not quantity.isdecimal() or not FEWEST <= int(quantity) <= MOST:
            raise Failure(41, "Invalid arguments", "isv.invalid-parameter", "quantity")
        found = [_as_answered(letter) for letter in self.box.due(int(quantity))]
        return {"messages": {"tmc_message": found}} if found else {}

    def confirm(self, parameters: Mapping[str, str]) -> dict[str, Any]:
        """Answer taobao.tmc.messages.confirm. Raises: Failure."""
        _check_group(parameters)
        numbers = [each for each in parameters.get("s_message_ids", "").split(",") if each]
        if not numbers:
            raise Failure(40, "Missing required arguments", "isv.missing-parameter", "ids")
        if len(numbers) > MOST or not all(map(str.isdecimal, numbers)):
            raise Failure(41, "Invalid arguments", "isv.invalid-parameter", "s_message_ids")
        for number in numbers:
            self.box.take(int(number))
        return {"is_success": True}

    def permit(self, shop: Shop) -> dict[str, Any]:
        """Answer taobao.tmc.user.permit."""
        self.box.admitted.add(shop.shop_id)
        return {"is_success": True}

    async def serve(self, receive: Receive, send: Send) -> None:
        """Serve a socket from CONNECT to its end."""
        wire = Wire(receive, send, silent_s=self.silent_s)
        await receive()
        if self.box.faults.away:
            await wire.hang_up()
            return
        await wire.accept()
        try:
            await self._connected(wire)
        except (Gone, ValueError):
            await wire.hang_up(1002)

    async def _connected(self, wire: Wire) -> None:
        hello = unpack(_binary(await wire.come()))
        why = self._objection(hello)
        if why:
            await wire.say(pack(1, [], status=401, phrase=why))
            await wire.hang_up()
            return
        token = hashlib.sha256(str(hello["fields"]).encode()).hexdigest()[:32]
        await wire.say(pack(1, [], token=token))
        await self._read(wire, token)
        self.box.lines += 1
        try:
            await wire.both(
                lambda: self._read(wire, token),
                self.box.tell(lambda letter: wire.say(self.spoil(_as_told(letter, token)))),
            )
        finally:
            self.box.lines -= 1

    def _objection(self, hello: dict[str, Any]) -> str:
        told = hello["fields"]
        if hello["type"] != 0 or told.get("app_key") != self._key:
            return "invalid app key"
        if told.get("group_name") not in GROUPS:
            return "invalid group"
        at = str(told.get("timestamp"))
        if not at.isdecimal():
            return "invalid timestamp"
        if abs(self._now() - datetime.fromtimestamp(int(at) / 1000, UTC)) > CLOCKS_APART:
            return "invalid timestamp"
        parts = [self._secret, "app_key", self._key, "group_name", told["group_name"]]
        text = "".join([*parts, "timestamp", at, self._secret])
        wanted = hashlib.new("md5", text.encode(), usedforsecurity=False).hexdigest().upper()
        return "" if compare_digest(wanted, str(told.get("sign"))) else "invalid sign"

    async def _read(self, wire: Wire, token: str) -> None:
        """Read one frame: a pull, or a confirmation. Raises: Gone, ValueError."""
        came = unpack(_binary(await wire.come()))
        if came["type"] != 2 or came["token"] != token:  # noqa: PLR2004  (SEND)
            raise ValueError("token")
        match came["fields"].get("__kind"):
            case 1:
                return
            case 2:
                self.box.take(int(came["fields"]["id"]))
            case _:
                raise ValueError("kind")


def _check_group(parameters: Mapping[str, str]) -> None:
    if parameters.get("group_name", "") not in GROUPS:
        raise Failure(41, "Invalid arguments", "isv.invalid-parameter", "group_name")


def _content(letter: Letter) -> str:
    order, refund = letter.order, letter.refund
    told: dict[str, Any] = {
        "buyer_nick": order.buyer,
        "seller_nick": letter.shop.name,
        "tid": int(order.order_id),
        "oid": int(order.lines[0].line_id),
    }
    if refund is None:
        told |= {"payment": yuan(order.paid_fen), "status": status_of(order)}
        told |= {"type": "guarantee_trade"}
    else:
        told |= {"refund_id": int(refund.refund_id), "refund_fee": yuan(refund.amount_fen)}
        told |= {"refund_phase": "onsale", "modified": written(refund.changed_at)}
    return json.dumps(told, ensure_ascii=False)


def _as_answered(letter: Letter) -> dict[str, Any]:
    return {
        "id": letter.number,
        "topic": TOPICS[letter.news],
        "content": _content(letter),
        "pub_time": written(letter.written_at),
        "pub_app_key": "12497914",
        "user_id": int(letter.shop.shop_id),
        "user_nick": letter.shop.name,
    }


def _as_told(letter: Letter, token: str) -> bytes:
    fields: list[tuple[str, object]] = [
        ("__kind", 3),
        ("id", letter.number),
        ("topic", TOPICS[letter.news]),
        ("content", _content(letter)),
        ("userid", letter.shop.shop_id),
        ("outtime", letter.written_at),
    ]
    return pack(2, fields, token=token)


def _binary(frame: str | bytes) -> bytes:
    if isinstance(frame, str):
        raise ValueError("text")  # noqa: TRY004  (who sends it is hung up on, like for the rest)
    return frame
