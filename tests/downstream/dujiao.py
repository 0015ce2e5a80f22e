"""A site of dujiao-next that buys from us: it signs as that program does, by code of its own."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from kashu.core.clock import now
from tests.api.calls import client_of
from tests.downstream.agents import Selling


def signed(secret: str, method: str, path: str, stamp: str, body: bytes) -> str:
    lines = [method, path, stamp, hashlib.md5(body).hexdigest()]  # noqa: S324  (theirs)
    return hmac.digest(secret.encode(), "\n".join(lines).encode(), "sha256").hex()


@dataclass
class Site:
    """A site with a login at ours."""

    client: httpx.AsyncClient
    key: str
    secret: str = field(repr=False)
    login_id: str

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: str = "",
        stamp: int | None = None,
        **headers: str,
    ) -> httpx.Response:
        content = b"" if body is None else json.dumps(body).encode()
        at = str(int(now().timestamp()) if stamp is None else stamp)
        full = f"/api/v1/upstream{path}"
        told = {
            "Content-Type": "application/json",
            "Dujiao-Next-Api-Key": self.key,
            "Dujiao-Next-Timestamp": at,
            "Dujiao-Next-Signature": signed(self.secret, method, full, at, content),
        }
        return await self.client.request(
            method, full + query, content=content or None, headers=told | headers
        )

    async def ok(self, method: str, path: str, body: object = None, **more: Any) -> Any:  # noqa: ANN401
        """Call, and take the answer, which is one."""
        answer = await self.call(method, path, body, **more)
        told = answer.json()
        assert (answer.status_code, told.get("ok")) == (200, True), answer.text
        return told

    async def no(self, method: str, path: str, body: object = None, **more: Any) -> tuple[int, str]:  # noqa: ANN401
        """Call, and take the refusal: its status and code."""
        answer = await self.call(method, path, body, **more)
        told = answer.json()
        assert told["ok"] is False
        return answer.status_code, told["error_code"]


async def make_site(selling: Selling, code: str = "acme") -> Site:
    """Make a login of an agent's, and the site that has it."""
    body = {"dialect": "dujiao_next", "name": "分站"}
    made = await selling.ask("POST", f"/v1/customers/{code}/logins", body)
    login = made["login"]
    return Site(client_of(selling.app), login["api_key"], made["secret"], login["id"])
