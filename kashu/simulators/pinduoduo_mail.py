"""Pinduoduo's message service (PMC): its socket, strict about address, clock and heartbeats.

Chosen, since it isn't documented: a wrong address is refused with 403; who sends nothing for a
minute is hung up on; heartbeats are answered; what isn't acknowledged comes again after a minute.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import unquote

from kashu.simulators.faults import Receive, Scope, Send
from kashu.simulators.line import Wire
from kashu.simulators.mailbox import Letter, Mailbox, News
from kashu.simulators.shop import Shop

AGAIN_AFTER: Final = timedelta(minutes=1)
SILENT_S: Final = 60.0
CLOCKS_APART: Final = timedelta(minutes=10)

TOPICS: Final[Mapping[News, str]] = {
    News.CREATED: "",  # nothing is told of what isn't paid
    News.PAID: "pdd_trade_TradeConfirmed",
    News.SHIPPED: "pdd_trade_TradeSellerShip",
    News.FINISHED: "pdd_trade_TradeSuccess",
    News.CLOSED: "",  # its refund was told of
    News.REVIEWED: "pdd_trade_TradeRiskChanged",
    News.REFUND_ASKED: "pdd_refund_RefundCreated",
    News.REFUND_DONE: "pdd_refund_RefundAgreeAgreement",
    News.REFUND_REFUSED: "pdd_refund_RefundClosed",
}


class PinduoduoMail:
    """Messages of an application's shops."""

    def __init__(
        self, shops: tuple[Shop, ...], client_id: str, secret: str, now: Callable[[], datetime]
    ) -> None:
        self.box = Mailbox(shops, now, again_after=AGAIN_AFTER, renumbers=True)
        self.silent_s = SILENT_S
        self.numbered = False  # tell commands as numbers, as one client expects them
        self.spoil: Callable[[str], str] = lambda frame: frame  # what is told goes through it
        self._client_id, self._secret, self._now = client_id, secret, now

    def permit(self, shop: Shop) -> dict[str, Any]:
        """Answer pdd.pmc.user.permit."""
        self.box.admitted.add(shop.shop_id)
        return {"is_success": True}

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket to its end."""
        wire = Wire(receive, send, silent_s=self.silent_s)
        await receive()
        if self.box.faults.away or not self._may_enter(scope["raw_path"].decode()):
            await wire.hang_up()
            return
        await wire.accept()
        self.box.lines += 1
        try:
            await wire.both(
                lambda: self._read(wire), self.box.tell(lambda letter: self._tell(wire, letter))
            )
        except ValueError:
            await wire.hang_up(1002)
        finally:
            self.box.lines -= 1

    def _may_enter(self, path: str) -> bool:
        parts = path.split("/")
        if len(parts) != 5 or parts[1] != "message":  # noqa: PLR2004  (and three more)
            return False
        client_id, at, digest = parts[2], parts[3], unquote(parts[4])
        if client_id != self._client_id or not at.isdecimal():
            return False
        if abs(self._now() - datetime.fromtimestamp(int(at) / 1000, UTC)) > CLOCKS_APART:
            return False
        summed = hashlib.new("md5", usedforsecurity=False)
        for part in (client_id, at, self._secret):
            summed.update(part.encode())
        wanted = base64.standard_b64encode(summed.hexdigest().encode("ascii"))
        return compare_digest(wanted, digest.encode())

    async def _read(self, wire: Wire) -> None:
        """Read one frame: a heartbeat, or an acknowledgement. Raises: Gone, ValueError."""
        came = json.loads(await wire.come())
        if not isinstance(came, dict) or not isinstance(came.get("time"), int):
            raise ValueError("time")  # noqa: TRY004  (who sends it is hung up on)
        match came.get("commandType"):
            case "HeartBeat":
                beat = {"id": came.get("id"), "time": self._milliseconds()}
                await wire.say(json.dumps({**beat, "commandType": self._command("HeartBeat")}))
            case "Ack":
                if not {"id", "sendTime", "type", "mallID"} <= came.keys():
                    raise ValueError("ack")
                self.box.take(came["id"])
            case "Fail":
                return
            case _:
                raise ValueError("command")

    async def _tell(self, wire: Wire, letter: Letter) -> None:
        topic = TOPICS[letter.news]
        if not topic:
            self.box.take(letter.number)
            return
        told = {
            "id": letter.number,
            "commandType": self._command("Common"),
            "time": self._milliseconds(),
            "sendTime": self._milliseconds(),
            "message": {
                "type": topic,
                "mallID": int(letter.shop.shop_id),
                "content": json.dumps(_content(letter)),
            },
        }
        await wire.say(self.spoil(json.dumps(told)))

    def _command(self, name: str) -> str | int:
        return {"HeartBeat": 0, "Ack": 1, "Fail": 2, "Common": 3}[name] if self.numbered else name

    def _milliseconds(self) -> int:
        return int(self._now().timestamp() * 1000)


def _content(letter: Letter) -> dict[str, Any]:
    told: dict[str, Any] = {"mall_id": int(letter.shop.shop_id), "tid": letter.order.order_id}
    refund = letter.refund
    if refund is not None:
        told |= {
            "refund_fee": refund.amount_fen,
            "bill_type": 1,
            "modified": int(refund.changed_at.timestamp() * 1000),
            "refund_id": int(refund.refund_id),
            "operation": 1,
        }
    return told
