"""Live: hints from real processes, of what commits late too, to whom they concern."""

import ast
import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from kashu.access.guards import COOKIE
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission, Role
from kashu.access.sign_in import Candidate, begin_session
from kashu.access.tables import sessions
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.core.ids import first_id_at, moment_of, new_id
from kashu.entry.hints import TOLD_TO, subject_of
from kashu.entry.listeners import OF_ONE_MAX, WAITING_MAX, Listener, Listeners, TooManyListen
from tests.api.calls import add_staff, app_of, key_client, problem
from tests.conftest import MASTERS, Tenant

WAIT_S = 60.0  # on a busy machine
START_S = 240.0
ROOT = Path(__file__).parents[2]

Told = tuple[str, dict[str, Any], str]  # event, data, id


@pytest.fixture(scope="module")
def server(
    owner_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Two web processes on a port, for all tests here: they take long to start."""
    tmp_path = tmp_path_factory.mktemp("live")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "KASHU_DATABASE_URL": owner_url,
        "KASHU_DATA_DIR": str(tmp_path),
        "KASHU_PORT": str(port),
        "KASHU_WEB_PROCESSES": "2",
        "KASHU_MASTER_KEY": base64.b64encode(MASTERS.current.key).decode(),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KASHU_")}
    file = tmp_path / "program.py"
    file.write_text(
        "from kashu.entry.serve import serve_web; from kashu.entry.settings import load_settings\n"
        "if __name__ == '__main__': serve_web(load_settings())"
    )
    with (tmp_path / "log").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, str(file)],
            env=kept | settings,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, tmp_path / "log")
        yield address, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(address: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            httpx.get(f"{address}/healthz")
        except httpx.TransportError:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        else:
            return


@pytest.fixture
def origin(server: tuple[str, subprocess.Popen[bytes]]) -> str:
    return server[0]


async def signed_in(database: Database, tenant: Tenant, role: Role) -> str:
    caller = await add_staff(database, tenant.id, role)
    staff_id = UUID(caller.actor.removeprefix("staff:"))
    async with database.transaction(tenant.id) as tx:
        return await begin_session(tx, Candidate(tenant.id, staff_id, "unknown"))


@asynccontextmanager
async def listening(origin: str, token: str, **headers: str) -> AsyncIterator[AsyncIterator[Told]]:
    async with (
        httpx.AsyncClient(base_url=origin, cookies={COOKIE: token}, timeout=WAIT_S) as client,
        client.stream("GET", "/v1/live", headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        yield told_in(answer)


async def told_in(answer: httpx.Response) -> AsyncIterator[Told]:
    event, data, last = "", "", ""
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        elif name == "data":
            data = value
        elif name == "id":
            last = value
        elif not line and event:
            yield event, json.loads(data), last
            event = ""


async def until(told: AsyncIterator[Told], subject: UUID) -> Told:
    async with asyncio.timeout(WAIT_S):
        while True:
            each = await anext(told)
            if each[1].get("id") == str(subject):
                return each


async def happen(database: Database, tenant: Tenant, kind: str) -> UUID:
    subject = new_id()
    async with database.transaction(tenant.id) as tx:
        await record(tx, tenant.id, "system", [Event(kind, subject, {"secret": "of nobody"})])
    return subject


async def test_who_listens_hears_what_commits_late_too_and_only_what_they_may_read(
    origin: str, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    owner = await signed_in(database, tenant, Role.OWNER)
    ops = await signed_in(database, tenant, Role.OPS)
    rival = await signed_in(database, other_tenant, Role.OWNER)
    async with (
        listening(origin, owner) as to_owner,
        listening(origin, ops) as to_ops,
        listening(origin, rival) as to_rival,
    ):
        late = new_id()
        async with database.transaction(tenant.id) as tx:
            await record(tx, tenant.id, "system", [Event("order.filled", late)])
            soon = await happen(database, tenant, "order.short")  # a later id, committed sooner
            event, data, last = await until(to_owner, soon)
            assert event == "hint"
            assert data == {"kind": "order.short", "subject": "order", "id": str(soon)}
            await until(to_ops, soon)
            await asyncio.sleep(2)  # several looks of the reader pass over the place
        assert (await until(to_owner, late))[2] < last
        await until(to_ops, late)

        books = await happen(database, tenant, "transfer.reversed")
        await until(to_owner, books)
        end = await happen(database, tenant, "order.filled")
        heard = []
        async with asyncio.timeout(WAIT_S):
            async for _, data, _ in to_ops:
                heard.append(data.get("id"))
                if data.get("id") == str(end):
                    break
        assert str(books) not in heard  # ops sees no books
        theirs = await happen(database, other_tenant, "order.filled")
        first = [each async for each in some(to_rival, 2)]
        assert [event for event, _, _ in first] == ["hello", "hint"]
        assert first[1][1]["id"] == str(theirs)


async def some(told: AsyncIterator[Told], count: int) -> AsyncIterator[Told]:
    """The first, but for hints of signing in."""
    async with asyncio.timeout(WAIT_S):
        async for each in told:
            if each[1].get("subject") == "staff":
                continue
            yield each
            count -= 1
            if not count:
                return


async def test_who_comes_again_is_told_what_was_missed(
    origin: str, database: Database, tenant: Tenant
) -> None:
    owner = await signed_in(database, tenant, Role.OWNER)
    async with listening(origin, owner) as told:
        seen = await happen(database, tenant, "order.filled")
        _, _, last = await until(told, seen)
    missed = await happen(database, tenant, "order.filled")
    async with listening(origin, owner, **{"Last-Event-ID": last}) as told:
        await until(told, missed)
    long_ago = str(first_id_at(now() - timedelta(hours=1)))
    async with listening(origin, owner, **{"Last-Event-ID": long_ago}) as told:
        assert [event async for event, _, _ in some(told, 2)] == ["hello", "reload"]
    async with listening(origin, owner, **{"Last-Event-ID": "nonsense"}) as told:
        await until(told, missed)  # a little before now


async def test_it_ends_with_the_session(origin: str, database: Database, tenant: Tenant) -> None:
    owner = await signed_in(database, tenant, Role.OWNER)
    async with listening(origin, owner) as told:
        await until(told, await happen(database, tenant, "order.filled"))
        async with database.transaction(tenant.id) as tx:
            await tx.execute(update(sessions).values(ended_at=now()))
        async with asyncio.timeout(WAIT_S):
            assert [event async for event, _, _ in told if event != "hint"] == []


async def test_a_process_that_is_told_to_stop_waits_for_nobody_who_listens(
    server: tuple[str, subprocess.Popen[bytes]], database: Database, tenant: Tenant
) -> None:
    origin, process = server
    owner = await signed_in(database, tenant, Role.OWNER)
    async with listening(origin, owner) as told:
        await anext(told)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(process.wait, WAIT_S)
        assert time.monotonic() - began < 25  # at 30 it would be killed


async def test_who_does_not_take_hints_is_let_go() -> None:
    slow = Listener(new_id(), frozenset({Permission.ORDERS_READ}))
    for _ in range(WAITING_MAX):
        slow.tell(None)
    before = slow.gone
    slow.tell(None)
    assert (before, slow.gone) == (False, True)
    assert slow.queue.qsize() == WAITING_MAX


async def test_nobody_listens_and_nothing_is_read(database: Database, tenant: Tenant) -> None:
    listeners = Listeners(database)
    before = asyncio.all_tasks()
    session = new_id()
    joined = [
        await listeners.join(tenant.id, session, frozenset(), None) for _ in range(OF_ONE_MAX)
    ]
    readers = asyncio.all_tasks() - before
    assert len(readers) == 1
    with pytest.raises(TooManyListen):
        listeners.check_room(session)
    listeners.check_room(new_id())
    for listener in joined:
        listeners.leave(tenant.id, listener)
    await asyncio.wait(readers, timeout=WAIT_S)
    assert all(reader.cancelled() for reader in readers)
    listeners.check_room(session)


async def test_a_flood_becomes_one_word(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kashu.entry.listeners.HINTS_MAX", 20)
    listeners = Listeners(database)
    listener = await listeners.join(tenant.id, new_id(), frozenset({Permission.ORDERS_READ}), None)
    happened = [Event("order.filled", new_id()) for _ in range(30)]
    async with database.transaction(tenant.id) as tx:
        await record(tx, tenant.id, "system", happened)
    assert await listener.next(WAIT_S) is None
    assert listener.queue.empty()
    listeners.leave(tenant.id, listener)


async def test_a_program_listens_unless_it_is_of_one_customer(
    database: Database, keyrings: Keyrings, tenant: Tenant
) -> None:
    app = app_of(database, keyrings)
    program = await key_client(app, database, keyrings, tenant.id, Permission.ORDERS_READ)
    answer = await program.call("GET", "/v1/live")
    assert answer.status_code == 200
    assert answer.text.startswith("retry: 2000\n")
    problem(await program.client.get("/v1/live"), 401, "not_signed_in")


def kinds_written() -> set[str]:
    """The first word of every event that the program writes, as its source has it."""
    found = set()
    for path in (ROOT / "kashu").rglob("*.py"):
        parsed = ast.parse(path.read_text())
        named = {
            node.target.id: node.value
            for node in parsed.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value
        }
        for node in ast.walk(parsed):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Event":
                found |= set(first_words(node.args[0], named))
    return found


def first_words(kind: ast.expr, named: dict[str, ast.expr]) -> Iterator[str]:
    if isinstance(kind, ast.IfExp):
        yield from first_words(kind.body, named)
        yield from first_words(kind.orelse, named)
    elif isinstance(kind, ast.Name) and kind.id in named:
        yield from first_words(named[kind.id], named)
    elif isinstance(kind, ast.Constant):
        yield subject_of(str(kind.value))
    elif isinstance(kind, ast.JoinedStr) and isinstance(kind.values[0], ast.Constant):
        yield subject_of(str(kind.values[0].value))


def test_every_event_that_is_written_is_told_to_somebody() -> None:
    nouns = {"brand", "product", "sku", "store"}  # catalog/install.py has them as parameters
    written = kinds_written() | nouns
    assert len(written) > 35
    assert written - TOLD_TO.keys() == set()


def test_an_id_tells_when_it_was_made() -> None:
    made = new_id()
    assert abs(moment_of(made) - now()) < timedelta(minutes=1)
    assert first_id_at(moment_of(made)) <= made
    assert first_id_at(moment_of(made) + timedelta(milliseconds=1)) > made
