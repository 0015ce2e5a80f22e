"""Second factors over HTTP: codes, recovery codes, lock-out, who must have one."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from pyotp import TOTP
from sqlalchemy import select, update

from kashu.access.cookies import PENDING_COOKIE
from kashu.access.guards import COOKIE, CSRF_HEADER
from kashu.access.keyring import rewrap_keys
from kashu.access.passwords import hasher
from kashu.access.permissions import Role
from kashu.access.tables import authenticators, pending_sign_ins, recovery_codes, sessions, staff
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeys
from tests.api.calls import KeyClient, add_staff, client_of, client_of_staff, problem
from tests.conftest import MASTERS, Tenant

PASSWORD = "correct horse 42"  # noqa: S105  (nobody's)
HASHED = hasher.hash(PASSWORD)


@pytest.fixture
async def ann(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    """Ann, who signed in by her password alone."""
    await somebody(database, tenant, "ann", Role.OWNER)
    client = client_of(app)
    assert (await sign_in(client)).status_code == 201
    return client


async def somebody(database: Database, tenant: Tenant, login: str, role: Role) -> str:
    caller = await add_staff(database, tenant.id, role, login)
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(staff).where(staff.c.login == login).values(password_hash=HASHED))
    return caller.actor.removeprefix("staff:")


async def sign_in(client: httpx.AsyncClient, login: str = "ann") -> httpx.Response:
    body = {"tenant": "shop", "login": login, "password": PASSWORD}
    answer = await client.post("/v1/session", json=body)
    if answer.status_code == 201:
        client.headers[CSRF_HEADER] = answer.json()["csrf_token"]
    return answer


async def enrol(client: httpx.AsyncClient) -> tuple[TOTP, list[str]]:
    """Add an authenticator, by the code of the step before this one."""
    shown = await client.post("/v1/me/second-factor/authenticator", json={})
    assert shown.status_code == 201, shown.text
    app = TOTP(shown.json()["secret"])
    assert shown.json()["uri"].startswith("otpauth://totp/Kashu:")
    body = {"code": app.at(now(), counter_offset=-1)}
    added = await client.post("/v1/me/second-factor/authenticator/confirm", json=body)
    assert added.status_code == 201, added.text
    client.headers[CSRF_HEADER] = added.json()["me"]["csrf_token"]
    return app, added.json()["recovery_codes"]


async def finish(client: httpx.AsyncClient, **given: object) -> httpx.Response:
    return await client.post("/v1/session/second-factor", json=given)


async def count_of(database: Database, tenant: Tenant) -> tuple[int, int]:
    async with database.transaction(tenant.id) as tx:
        open_ones = select(sessions.c.id).where(sessions.c.ended_at.is_(None))
        failed = await tx.execute(select(staff.c.failed_count).where(staff.c.login == "ann"))
        return len((await tx.execute(open_ones)).all()), failed.scalar_one()


async def test_a_right_password_is_only_the_first_step_once_there_is_a_second_factor(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    authenticator, codes = await enrol(ann)
    assert len(set(codes)) == 10
    anybody = client_of(app)
    wanted = await sign_in(anybody)
    assert wanted.status_code == 202
    assert wanted.json()["factors"] == {
        "authenticator": True,
        "passkey": False,
        "recovery_codes": True,
    }
    assert COOKIE not in anybody.cookies
    cookie = wanted.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/v1/session" in cookie
    problem(await anybody.get("/v1/me"), 401, "not_signed_in")

    code = authenticator.at(now())
    finished = await finish(anybody, code=code)
    assert finished.status_code == 201
    assert finished.json()["login"] == "ann"
    assert (await anybody.get("/v1/me")).status_code == 200
    assert PENDING_COOKIE not in anybody.cookies

    again = client_of(app)  # the same code isn't good twice, within its own half minute
    await sign_in(again)
    problem(await finish(again, code=code), 401, "second_factor_wrong")
    async with database.transaction(tenant.id) as tx:
        sealed = (await tx.execute(select(authenticators.c.sealed_secret))).scalar_one()
    assert authenticator.secret.encode() not in sealed


async def test_adding_a_factor_renews_the_session_and_ends_the_others(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    elsewhere = client_of(app)
    await sign_in(elsewhere)
    before = ann.cookies[COOKIE]
    await enrol(ann)
    assert ann.cookies[COOKIE] != before
    assert (await ann.get("/v1/me")).status_code == 200
    problem(await elsewhere.get("/v1/me"), 401, "session_over")
    stale = client_of(app)
    stale.cookies.set(COOKIE, before)
    problem(await stale.get("/v1/me"), 401, "session_over")


async def test_each_recovery_code_is_good_once_and_none_is_kept(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    _, codes = await enrol(ann)
    anybody = client_of(app)
    await sign_in(anybody)
    typed = f" {codes[0].upper().replace('-', ' ')}"
    assert (await finish(anybody, recovery_code=typed)).status_code == 201
    again = client_of(app)
    await sign_in(again)
    problem(await finish(again, recovery_code=codes[0]), 401, "second_factor_wrong")
    mine = await ann.get("/v1/me/second-factor")
    assert mine.json()["recovery_codes_left"] == 9
    async with database.transaction(tenant.id) as tx:
        kept = list((await tx.execute(select(recovery_codes.c.code_hash))).scalars())
    assert all(len(each) == 32 for each in kept)
    made = await ann.post("/v1/me/recovery-codes", json={})
    assert len(set(made.json()["recovery_codes"]) | set(codes)) == 20
    problem(await finish(again, recovery_code=codes[1]), 401, "second_factor_wrong")


async def test_wrong_codes_lock_and_a_right_password_does_not_begin_the_count_anew(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    authenticator, codes = await enrol(ann)
    anybody = client_of(app)
    for _ in range(5):
        await sign_in(anybody)
        problem(await finish(anybody, recovery_code="x" * 10), 401, "second_factor_wrong")
    assert (await count_of(database, tenant))[1] == 5
    right = authenticator.at(now())
    problem(await finish(anybody, code=right), 401, "second_factor_wrong")
    problem(await finish(anybody, recovery_code=codes[0]), 401, "second_factor_wrong")
    problem(await sign_in(anybody), 401, "sign_in_failed")
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(staff).values(locked_until=now()))
    await sign_in(anybody)
    assert (await finish(anybody, code=right)).status_code == 201
    assert await count_of(database, tenant) == (2, 0)


async def test_of_guesses_in_parallel_no_more_are_looked_at_than_the_lock_permits(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    _, codes = await enrol(ann)
    anybody = client_of(app)
    await sign_in(anybody)
    guesses = [finish(anybody, recovery_code=f"{n:010}") for n in range(20)]
    answers = await asyncio.gather(*guesses)
    assert {answer.status_code for answer in answers} <= {401, 503}
    assert (await count_of(database, tenant))[1] == 5
    problem(await finish(anybody, recovery_code=codes[0]), 401, "second_factor_wrong")


async def test_the_same_code_at_once_signs_in_once(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    authenticator, _ = await enrol(ann)
    clients = [client_of(app) for _ in range(4)]
    for client in clients:
        await sign_in(client)
    code = authenticator.at(now())
    answers = await asyncio.gather(*(finish(client, code=code) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401, 401]
    assert (await count_of(database, tenant))[0] == 2


async def test_a_half_done_sign_in_ends_after_five_minutes_and_when_it_is_used(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    authenticator, _ = await enrol(ann)
    anybody = client_of(app)
    problem(await finish(anybody, code="000000"), 401, "sign_in_lapsed")
    await sign_in(anybody)
    token = anybody.cookies[PENDING_COOKIE]
    assert (await finish(anybody, code=authenticator.at(now()))).status_code == 201
    anybody.cookies.set(PENDING_COOKIE, token, path="/v1/session")
    later = authenticator.at(now() + timedelta(seconds=30))
    problem(await finish(anybody, code=later), 401, "sign_in_lapsed")
    fresh = client_of(app)
    await sign_in(fresh)
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(pending_sign_ins).values(expires_at=now()))
    problem(await finish(fresh, code=later), 401, "sign_in_lapsed")
    assert (await count_of(database, tenant))[0] == 2


@pytest.mark.parametrize("given", [{}, {"code": "12345"}, {"code": "12345x"}, {"nonsense": 1}])
async def test_what_is_no_code_opens_nothing(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant, given: object
) -> None:
    await enrol(ann)
    anybody = client_of(app)
    await sign_in(anybody)
    answer = await anybody.post("/v1/session/second-factor", json=given)
    assert answer.status_code == (422 if given else 401)
    assert (await count_of(database, tenant))[0] == 1


async def test_what_changes_how_one_signs_in_asks_for_the_password_in_an_older_session(
    ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    await enrol(ann)

    async def grow_old() -> None:
        async with database.transaction(tenant.id) as tx:
            await tx.execute(update(sessions).values(proved_at=now() - timedelta(hours=1)))

    await grow_old()
    assert not (await ann.get("/v1/me/second-factor")).json()["fresh"]
    for path in (
        "/v1/me/second-factor/authenticator",
        "/v1/me/second-factor/authenticator/remove",
        "/v1/me/recovery-codes",
    ):
        problem(await ann.post(path, json={}), 403, "proof_needed")
        problem(await ann.post(path, json={"password": "wrong horse"}), 403, "proof_wrong")
    assert (await count_of(database, tenant))[1] == 3
    path = "/v1/me/second-factor/authenticator/remove"
    assert (await ann.post(path, json={"password": PASSWORD})).status_code == 204
    assert (await count_of(database, tenant))[1] == 0
    mine = (await ann.get("/v1/me/second-factor")).json()
    assert mine["authenticator_since"] is None
    assert mine["recovery_codes_left"] == 0  # they stood in for it
    assert mine["fresh"]
    problem(await ann.post(path, json={}), 404, "no_such_factor")


async def test_a_wrong_code_puts_no_authenticator_in_force(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    path = "/v1/me/second-factor/authenticator"
    body = {"code": "000000"}
    problem(await ann.post(f"{path}/confirm", json=body), 409, "no_authenticator_shown")
    shown = TOTP((await ann.post(path, json={})).json()["secret"])
    wrong = next(each for each in ("000000", "111111") if not shown.verify(each, valid_window=3))
    answer = await ann.post(f"{path}/confirm", json={"code": wrong})
    problem(answer, 422, "authenticator_code_wrong")
    assert (await sign_in(client_of(app))).status_code == 201


async def test_another_authenticator_takes_over_only_when_it_is_confirmed(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    first, _ = await enrol(ann)
    path = "/v1/me/second-factor/authenticator"
    second = TOTP((await ann.post(path, json={})).json()["secret"])
    anybody = client_of(app)
    await sign_in(anybody)
    assert (await finish(anybody, code=first.at(now()))).status_code == 201
    body = {"code": second.at(now(), counter_offset=-1)}
    added = await ann.post(f"{path}/confirm", json=body)
    assert added.json()["recovery_codes"] == []
    anybody = client_of(app)
    await sign_in(anybody)
    later = now() + timedelta(seconds=30)
    problem(await finish(anybody, code=first.at(later)), 401, "second_factor_wrong")
    assert (await finish(anybody, code=second.at(now()))).status_code == 201


async def test_who_must_have_a_second_factor_may_only_add_one(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    path, wanted = "/v1/settings/second-factor", {"roles": ["finance"]}
    problem(await ann.put(path, json=wanted), 409, "second_factor_missing")
    await enrol(ann)
    await somebody(database, tenant, "fin", Role.FINANCE)
    finance = client_of(app)
    await sign_in(finance, "fin")
    assert (await finance.get("/v1/accounts")).status_code == 200
    assert (await ann.put(path, json=wanted)).json() == wanted
    assert (await ann.get(path)).json() == wanted

    problem(await finance.get("/v1/accounts"), 403, "second_factor_required")
    problem(await finance.get("/v1/views"), 403, "second_factor_required")
    view = {"page": "orders", "name": "mine", "query": ""}
    problem(await finance.post("/v1/views", json=view), 403, "second_factor_required")
    me = (await finance.get("/v1/me")).json()
    assert (me["must_enrol"], me["permissions"]) == (True, [])
    await enrol(finance)
    assert (await finance.get("/v1/accounts")).status_code == 200
    remove = "/v1/me/second-factor/authenticator/remove"
    problem(await finance.post(remove, json={}), 409, "second_factor_kept")
    assert (await finance.get("/v1/me/second-factor")).json()["authenticator_since"]


async def test_an_owner_helps_somebody_who_lost_their_phone(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    ben_id = await somebody(database, tenant, "ben", Role.OPS)
    ben = client_of(app)
    await sign_in(ben, "ben")
    await enrol(ben)
    unknown, path = (f"/v1/staff/{one}/second-factor/remove" for one in (uuid4(), ben_id))
    problem(await ann.post(unknown, json={}), 404, "staff_unknown")
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(sessions).values(proved_at=now() - timedelta(hours=1)))
    problem(await ann.post(path, json={}), 403, "proof_needed")
    assert (await ben.get("/v1/me/second-factor")).json()["authenticator_since"]
    assert (await ann.post(path, json={"password": PASSWORD})).status_code == 204
    problem(await ben.get("/v1/me"), 401, "session_over")
    assert (await sign_in(client_of(app), "ben")).status_code == 201


async def test_a_program_has_no_second_factor_and_sets_none(
    database: Database, tenant: Tenant, program: KeyClient
) -> None:
    mine = await program.call("GET", "/v1/me/second-factor")
    assert mine.json()["authenticator_since"] is None
    answer = await program.call("POST", "/v1/me/second-factor/authenticator", {})
    problem(answer, 403, "only_for_people")
    async with database.transaction(tenant.id) as tx:
        assert not (await tx.execute(select(authenticators.c.staff_id))).all()


async def test_another_master_key_takes_authenticators_along(
    ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    authenticator, _ = await enrol(ann)
    newer = MasterKeys(MasterKey.of(b"n" * KEY_BYTES), (MASTERS.current,))
    async with database.transaction(tenant.id) as tx:
        await rewrap_keys(tx, tenant.id, newer)
        sealed = (await tx.execute(select(authenticators.c.sealed_secret))).scalar_one()
        assert sealed.startswith(newer.current.id.encode())
    assert authenticator.secret


async def test_staff_see_only_themselves(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    caller = await add_staff(database, tenant.id, Role.OPS)
    ben = await client_of_staff(app, database, caller)
    mine = (await ann.get("/v1/me/sessions")).json()["sessions"]
    assert [each["current"] for each in mine] == [True]
    problem(await ben.delete(f"/v1/me/sessions/{mine[0]['id']}"), 404, "session_unknown")
    assert (await ann.get("/v1/me")).status_code == 200
