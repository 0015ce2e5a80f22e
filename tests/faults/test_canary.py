"""Fifty cards go through everything; afterwards nothing that stays behind knows one of them."""

import gzip
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import psycopg
import pytest

from kashu.access.signatures import sign
from kashu.core.clock import now
from kashu.core.postgres_programs import find_binaries
from tests.embedded import empty_folder
from tests.faults.test_serve_survives import Served, port, postgres_url, serving

pytestmark = pytest.mark.faults

__all__ = ["port"]  # a fixture

CARDS: Final = 50
MARK: Final = "TWEETY7"  # in every number and password; in nothing else
CHOSEN: Final = "Horse-staple-battery-9"  # by the owner
SHOWN: Final = "lighthouse"  # in the supplier's name: what may be seen is found by the same search
FORM: Final = {
    "sku": "mgtv-month",
    "warehouse": "main",
    "supplier": SHOWN,
    "unit_cost": "14.1250",
}


@dataclass
class Shop:
    """A person and a program at a running server, and every secret that they were told."""

    staff: httpx.Client
    key: str = ""
    secret: str = field(default="", repr=False)
    secrets: list[str] = field(default_factory=list, repr=False)

    def ask(self, method: str, path: str, **sent: Any) -> Any:  # noqa: ANN401  (any JSON)
        answer = self.staff.request(method, f"/v1/{path}", **sent)
        assert answer.status_code in {200, 201, 204}, answer.text
        return answer.json()

    def refused(self, method: str, path: str, **sent: Any) -> str:  # noqa: ANN401
        answer = self.staff.request(method, f"/v1/{path}", **sent)
        assert 400 <= answer.status_code < 500, answer.text
        return answer.text

    def order(self, number: str, body: object) -> httpx.Response:
        content = json.dumps(body).encode()
        signed = sign(
            "POST",
            "/v1/orders",
            content,
            key=self.key,
            secret=self.secret,
            timestamp=int(now().timestamp()),
            nonce=uuid4().hex,
        )
        headers = signed | {"Content-Type": "application/json", "Idempotency-Key": number}
        return self.staff.post("/v1/orders", content=content, headers=headers)


def number_of(n: int) -> str:
    return f"ZQ{MARK}A{n:03d}X{n * 7919 % 10_000:04d}"


def password_of(n: int) -> str:
    return f"pw{MARK}B{n:03d}Y{n * 104_729 % 10_000:04d}"


def open_shop(served: Served) -> Shop:
    """The owner follows the link that the first start printed, and makes a key."""
    found = re.search(r"/join#(\S+)", served.log.read_text())
    assert found, served.log.read_text()
    staff = httpx.Client(base_url=f"http://127.0.0.1:{served.port}", timeout=30)
    shop = Shop(staff, secrets=[CHOSEN])
    accepted = shop.ask("POST", "invitations/accept", json={"token": found[1], "password": CHOSEN})
    signed_in = shop.ask("POST", "session", json=accepted | {"password": CHOSEN})
    staff.headers["X-Kashu-CSRF"] = signed_in["csrf_token"]
    shop.secrets += [signed_in["csrf_token"], str(staff.cookies["kashu_session"])]
    shop.ask("POST", "suppliers", json={"code": SHOWN, "name": SHOWN})
    scopes = ["orders.write", "orders.read", "stock.reveal"]
    made = shop.ask("POST", "keys", json={"name": "program", "scopes": scopes})
    shop.key, shop.secret = made["key"]["id"], made["secret"]
    shop.secrets.append(shop.secret)
    return shop


def bring_in(shop: Shop) -> None:
    """Cards of all kinds: previewed, imported, again, and as files that are refused."""
    rows = "".join(f"{number_of(n)},{password_of(n)},2099-12-31\n" for n in range(40))
    late = "".join(f"{number_of(n)},{password_of(n)},2001-01-01\n" for n in range(40, 45))
    sheet = f"卡号,密码,有效期\n{rows}{late}{number_of(0)},{password_of(0)},2099-12-31\n"
    for dry_run in ("true", "false", "false"):
        files = {"file": ("cards.csv", sheet.encode())}
        shop.ask("POST", "imports", data=FORM | {"dry_run": dry_run}, files=files)
    shop.staff.post(
        "/v1/imports/rejects", data=FORM, files={"file": ("cards.csv", sheet.encode())}
    ).raise_for_status()
    pasted = "\n".join(f"{number_of(n)}----{password_of(n)}" for n in range(45, CARDS))
    shop.ask("POST", "imports", data=FORM | {"text": pasted}, files={"none": ("", b"")})
    zipped = gzip.compress(sheet.encode())
    shop.refused("POST", "imports", data=FORM, files={"file": ("cards.xlsx", zipped)})
    shop.refused("POST", "imports", data=FORM | {"sku": number_of(1)}, files={"file": ("c", b"x")})
    counted = {"sku": "mgtv-month", "warehouse": "main", "text": sheet}
    shop.ask("POST", "stocktakes", data=counted, files={"none": ("", b"")})


def sell(shop: Shop) -> None:
    """In answers, replayed, later with a reason, given back, and in orders that are refused."""
    line: dict[str, Any] = {"sku": "mgtv-month", "quantity": 5, "price": "99.00"}
    body: dict[str, Any] = {"orders": [{"external_id": "C1", "lines": [line]}]}
    first = shop.order("k1", body)
    assert MARK in first.text
    assert shop.order("k1", body).content == first.content
    body = {"orders": [{"external_id": "C2", "lines": [line]}], "deliver": "later"}
    later = shop.order("k2", body).json()["orders"][0]["order_id"]
    wanted: dict[str, Any] = {"reason": "the buyer asks", "recipient": "buyer"}
    assert MARK in json.dumps(shop.ask("POST", f"orders/{later}/reveal", json=wanted))
    for order_id in (later, first.json()["orders"][0]["order_id"]):
        shop.ask("POST", f"orders/{order_id}/refunds", json={"refund_id": f"R-{order_id}"})
    found = shop.ask("POST", "stock/cards/search", json={"value": number_of(30)})
    [card] = found["cards"]
    burnt = {"card_ids": [card["id"]], "reason": "does it work?", "burn": True}
    assert number_of(30) in json.dumps(shop.ask("POST", "stock/cards/reveal", json=burnt))
    refused: tuple[dict[str, Any], ...] = (
        {"orders": [{"external_id": number_of(2), "lines": [line | {"sku": number_of(2)}]}]},
        {"orders": [{"external_id": "C3", "lines": [line | {"price": number_of(3)}]}]},
        {"orders": [{"external_id": "C3", "lines": [line | {number_of(3): 1}]}]},
        {number_of(4): password_of(4)},
    )
    for wrong in refused:
        assert shop.order(uuid4().hex, wrong).status_code == 422
    broken = f'{{"orders": "{number_of(5)}'.encode()
    shop.refused("POST", "orders", content=broken, headers={"Content-Type": "application/json"})
    shop.refused("GET", "orders", params={"limit": number_of(6)})
    shop.refused("POST", "stock/cards/search", json={"tail": number_of(7)})
    shop.refused("POST", "session", json={"tenant": "main", "login": "owner", "password": "wrong"})


@pytest.fixture
def folder() -> Iterator[Path]:
    with empty_folder() as path:
        (path / "kashu.toml").write_text('log_level = "debug"\n')
        yield path


def left_behind(served: Served) -> Iterator[tuple[str, bytes]]:
    """All that stays: the database as text, its files with WAL and log, our log, environments."""
    url = postgres_url(served.folder)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
    dump = subprocess.run(  # noqa: S603  (PostgreSQL's own program)
        [find_binaries() / "pg_dump", "--format=plain", url], capture_output=True, check=True
    )
    yield "the dump", dump.stdout
    for path in served.folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(served.folder)), path.read_bytes()
    for pid in (served.process.pid, *served.children().values()):
        yield f"the environment of {pid}", Path(f"/proc/{pid}/environ").read_bytes()
        yield f"the command line of {pid}", Path(f"/proc/{pid}/cmdline").read_bytes()


def test_nothing_that_stays_behind_knows_a_card(folder: Path, port: int) -> None:
    with serving(folder, port) as served:
        shop = open_shop(served)
        bring_in(shop)
        sell(shop)
        secrets = [text.encode() for text in (*shop.secrets, MARK, MARK.lower())]
        hits = []
        shown = set()
        for name, content in left_behind(served):
            wide = content.replace(b"\0", b"")  # UTF-16 too
            hits += [name for secret in secrets if secret in content or secret in wide]
            if SHOWN.encode() in content:
                shown.add(name.partition("/")[0])
        assert '"request"' in served.log.read_text()
        shop.staff.close()
    assert hits == []
    assert {"the dump", "postgres"} <= shown
