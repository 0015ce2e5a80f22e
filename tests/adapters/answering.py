"""A server that gives whatever answer a test wants, to see how an adapter reads it."""

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body


class Answering:
    """Gives `body` with `status` to every request, and keeps what was asked."""

    def __init__(self) -> None:
        self.body = b""
        self.status = 200
        self.asked: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        self.asked.append(scope["path"].encode() + b"?" + await read_body(receive))
        await answer(send, self.body, status=self.status)
