"""Passkeys over HTTP, by an authenticator in software."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from kashu.access.cookies import PENDING_COOKIE
from kashu.access.guards import COOKIE, CSRF_HEADER
from kashu.access.passkeys import Passkeys
from kashu.access.permissions import Role
from kashu.access.site import site_of
from kashu.access.tables import passkeys, sessions, staff
from kashu.core.clock import now
from kashu.core.db import Database
from tests.access.authenticator import SoftwarePasskey
from tests.api.calls import add_staff, client_of, client_of_staff, problem, staff_client
from tests.api.test_second_factor import PASSWORD, finish, sign_in, somebody
from tests.conftest import MASTERS, Tenant

SITE = "http://localhost:8000"


@pytest.fixture
async def ann(app: Litestar, database: Database, tenant: Tenant) -> httpx.AsyncClient:
    caller = await add_staff(database, tenant.id, Role.OWNER, "ann")
    return await client_of_staff(app, database, caller)


async def options(client: httpx.AsyncClient, path: str = "/v1/me/passkeys/options") -> Any:  # noqa: ANN401
    answer = await client.post(path, json={} if path.startswith("/v1/me") else None)
    assert answer.status_code == 200, answer.text
    return answer.json()["options"]


async def add(
    client: httpx.AsyncClient,
    name: str = "手机",
    **looks: Any,  # noqa: ANN401
) -> tuple[SoftwarePasskey, dict[str, Any]]:
    passkey = SoftwarePasskey(SITE, **looks)
    made = passkey.create(await options(client))
    added = await client.post("/v1/me/passkeys", json={"name": name, "passkey": made})
    assert added.status_code == 201, added.text
    client.headers[CSRF_HEADER] = added.json()["me"]["csrf_token"]
    client.cookies = httpx.Cookies({COOKIE: added.cookies[COOKIE]})
    return passkey, added.json()


async def sign_in_by(app: Litestar, passkey: SoftwarePasskey, **other: Any) -> httpx.Response:  # noqa: ANN401
    client = client_of(app)
    answer = passkey.get(await options(client, "/v1/session/passkey/options"), **other)
    return await client.post("/v1/session/passkey", json={"passkey": answer})


async def session_count(database: Database, tenant: Tenant) -> int:
    async with database.transaction(tenant.id) as tx:
        return len((await tx.execute(select(sessions.c.id))).all())


async def test_a_passkey_signs_in_by_itself(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    before = ann.cookies[COOKIE]
    passkey, added = await add(ann)
    assert ann.cookies[COOKIE] != before  # another token, since it is good for more
    assert len(added["recovery_codes"]) == 10
    signed_in = await sign_in_by(app, passkey)
    assert signed_in.status_code == 201
    assert signed_in.json()["login"] == "ann"
    assert "httponly" in signed_in.headers["set-cookie"].lower()
    [mine] = (await ann.get("/v1/me/second-factor")).json()["passkeys"]
    assert mine["name"] == "手机"
    assert mine["last_used_at"]
    async with database.transaction(tenant.id) as tx:
        assert (await tx.execute(select(passkeys.c.sign_count))).scalar_one() == 1


async def test_guesses_at_the_password_keep_no_passkey_out(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    passkey, _ = await add(ann)
    async with database.transaction(tenant.id) as tx:
        await tx.execute(
            update(staff).values(failed_count=9, locked_until=now() + timedelta(minutes=9))
        )
    assert (await sign_in_by(app, passkey)).status_code == 201


async def test_a_challenge_is_answered_once(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    passkey, _ = await add(ann, counts=False)  # or the count would give the copy away
    client = client_of(app)
    answer = {"passkey": passkey.get(await options(client, "/v1/session/passkey/options"))}
    assert (await client.post("/v1/session/passkey", json=answer)).status_code == 201
    count = await session_count(database, tenant)
    problem(await client.post("/v1/session/passkey", json=answer), 401, "passkey_unknown")
    assert await session_count(database, tenant) == count


async def test_a_challenge_ends_after_five_minutes(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    passkey, _ = await add(ann)
    long_ago = Passkeys(site_of(None, 8000), MASTERS, lambda: now() - timedelta(seconds=301))
    answer = {"passkey": passkey.get(long_ago.sign_in())}
    count = await session_count(database, tenant)
    refused = await client_of(app).post("/v1/session/passkey", json=answer)
    problem(refused, 401, "passkey_unknown")
    assert await session_count(database, tenant) == count


async def test_a_challenge_that_we_did_not_make_is_not_answered(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    passkey, _ = await add(ann)
    asked = await options(client_of(app), "/v1/session/passkey/options")
    challenge = bytearray(base64url_to_bytes(asked["challenge"]))
    challenge[0] ^= 1
    asked["challenge"] = bytes_to_base64url(bytes(challenge))
    answer = {"passkey": passkey.get(asked)}
    refused = await client_of(app).post("/v1/session/passkey", json=answer)
    problem(refused, 401, "passkey_unknown")


async def test_a_challenge_for_one_purpose_is_good_for_no_other(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    passkey, _ = await add(ann)
    asked = await options(ann) | {"rpId": "localhost"}
    answer = {"passkey": passkey.get(asked)}
    refused = await client_of(app).post("/v1/session/passkey", json=answer)
    problem(refused, 401, "passkey_unknown")


@pytest.mark.parametrize(
    "other",
    [{"origin": "https://evil.example"}, {"type": "webauthn.create"}, {"challenge": "AAAA"}],
)
async def test_an_answer_from_elsewhere_signs_nobody_in(
    app: Litestar, ann: httpx.AsyncClient, other: dict[str, str]
) -> None:
    passkey, _ = await add(ann)
    problem(await sign_in_by(app, passkey, **other), 401, "passkey_unknown")


async def test_a_copy_of_a_passkey_counts_behind_and_is_refused(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    passkey, _ = await add(ann)
    passkey.count = 5
    assert (await sign_in_by(app, passkey)).status_code == 201
    passkey.count = 5  # its copy, which wasn't there
    problem(await sign_in_by(app, passkey), 401, "passkey_unknown")
    assert passkey.count == 6
    assert (await sign_in_by(app, passkey)).status_code == 201


async def test_a_passkey_that_did_not_verify_its_owner_is_one_factor(
    app: Litestar, database: Database, tenant: Tenant
) -> None:
    await somebody(database, tenant, "ann", Role.OPS)
    ann = client_of(app)
    await sign_in(ann)
    passkey, _ = await add(ann, verifies=False)
    problem(await sign_in_by(app, passkey), 401, "passkey_not_verified")
    again = client_of(app)
    wanted = await sign_in(again)
    assert wanted.status_code == 202
    assert wanted.json()["factors"]["passkey"]
    asked = await options(again, "/v1/session/second-factor/passkey")
    assert len(asked["allowCredentials"]) == 1
    assert (await finish(again, passkey=passkey.get(asked))).status_code == 201
    assert PENDING_COOKIE not in again.cookies
    assert PASSWORD


async def test_a_wrong_passkey_as_second_factor_counts(
    app: Litestar, database: Database, tenant: Tenant
) -> None:
    await somebody(database, tenant, "ann", Role.OPS)
    ann = client_of(app)
    await sign_in(ann)
    await add(ann)
    again = client_of(app)
    await sign_in(again)
    asked = await options(again, "/v1/session/second-factor/passkey")
    stranger = SoftwarePasskey(SITE)
    problem(await finish(again, passkey=stranger.get(asked)), 401, "second_factor_wrong")
    async with database.transaction(tenant.id) as tx:
        assert (await tx.execute(select(staff.c.failed_count))).scalar_one() == 1


async def test_somebody_elses_passkey_is_not_ones_own(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant, other_tenant: Tenant
) -> None:
    passkey, _ = await add(ann)
    rival = await staff_client(app, database, other_tenant.id, Role.OWNER)
    theirs, _ = await add(rival)
    passkey.handle, theirs.handle = theirs.handle, passkey.handle
    for swapped in (passkey, theirs):
        problem(await sign_in_by(app, swapped), 401, "passkey_unknown")
    [mine] = (await ann.get("/v1/me/second-factor")).json()["passkeys"]
    path = f"/v1/me/passkeys/{mine['id']}"
    problem(await rival.patch(path, json={"name": "x"}), 404, "no_such_factor")
    problem(await rival.post(f"{path}/remove", json={}), 404, "no_such_factor")
    colleague = await staff_client(app, database, tenant.id, Role.OPS)
    problem(await colleague.post(f"{path}/remove", json={}), 404, "no_such_factor")
    made = SoftwarePasskey(SITE).create(await options(ann))  # what one was asked for …
    body = {"name": "x", "passkey": made}
    problem(await colleague.post("/v1/me/passkeys", json=body), 422, "passkey_refused")
    assert (await ann.post("/v1/me/passkeys", json=body)).status_code == 201


async def test_passkeys_are_renamed_and_removed(app: Litestar, ann: httpx.AsyncClient) -> None:
    passkey, _ = await add(ann)
    [mine] = (await ann.get("/v1/me/second-factor")).json()["passkeys"]
    path = f"/v1/me/passkeys/{mine['id']}"
    assert (await ann.patch(path, json={"name": "旧手机"})).status_code == 204
    listed = (await ann.get("/v1/me/second-factor")).json()
    assert [each["name"] for each in listed["passkeys"]] == ["旧手机"]
    assert len((await options(ann))["excludeCredentials"]) == 1
    assert (await ann.post(f"{path}/remove", json={})).status_code == 204
    problem(await sign_in_by(app, passkey), 401, "passkey_unknown")
    left = (await ann.get("/v1/me/second-factor")).json()
    assert (left["passkeys"], left["recovery_codes_left"]) == ([], 0)


async def test_the_same_passkey_is_registered_once(
    ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    passkey, _ = await add(ann)
    body = {"name": "again", "passkey": passkey.create(await options(ann))}
    problem(await ann.post("/v1/me/passkeys", json=body), 409, "passkey_exists")
    async with database.transaction(tenant.id) as tx:
        assert len((await tx.execute(select(passkeys.c.id))).all()) == 1


async def test_who_is_disabled_is_not_signed_in_by_a_passkey(
    app: Litestar, ann: httpx.AsyncClient, database: Database, tenant: Tenant
) -> None:
    passkey, _ = await add(ann)
    async with database.transaction(tenant.id) as tx:
        await tx.execute(update(staff).values(state="disabled"))
    problem(await sign_in_by(app, passkey), 401, "passkey_unknown")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: {},
        lambda _: {"id": 1, "response": "x"},
        lambda made: made | {"id": "中文"},
        lambda made: made | {"rawId": "AAAA"},
        lambda made: made | {"type": "password"},
        lambda made: made | {"response": made["response"] | {"clientDataJSON": "e30"}},
        lambda made: made | {"response": made["response"] | {"userHandle": "AAAA"}},
        lambda made: made | {"response": made["response"] | {"authenticatorData": "AAAA"}},
        lambda made: made | {"response": made["response"] | {"signature": "AAAA"}},
    ],
)
async def test_nonsense_is_refused_in_words(
    app: Litestar,
    ann: httpx.AsyncClient,
    spoil: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    passkey, _ = await add(ann)
    client = client_of(app)
    answer = passkey.get(await options(client, "/v1/session/passkey/options"))
    refused = await client.post("/v1/session/passkey", json={"passkey": spoil(answer)})
    problem(refused, 401, "passkey_unknown")
    made = SoftwarePasskey(SITE).create(await options(ann))
    made["response"]["attestationObject"] = "AAAA"
    body = {"name": "x", "passkey": made}
    problem(await ann.post("/v1/me/passkeys", json=body), 422, "passkey_refused")


async def test_where_browsers_know_no_passkeys_it_is_said_in_words(
    app: Litestar, ann: httpx.AsyncClient
) -> None:
    for origin in ("http://127.0.0.1:8000", "https://evil.example"):
        answer = await client_of(app).post(
            "/v1/session/passkey/options", headers={"Origin": origin}
        )
        told = problem(answer, 422, "passkey_not_here")
        assert told["facts"] == {"wanted": SITE}
    here = {"Origin": SITE}
    assert (await ann.get("/v1/me/second-factor", headers=here)).json()["passkeys_work_here"]
    mine = (await ann.get("/v1/me/second-factor")).json()
    assert not mine["passkeys_work_here"]
    assert SITE in mine["passkeys_hint"]


@pytest.mark.parametrize(
    ("public_url", "rp_id", "origin"),
    [
        (None, "localhost", "http://localhost:8000"),
        ("http://127.0.0.1:9000", "localhost", "http://localhost:9000"),
        ("https://kashu.example", "kashu.example", "https://kashu.example"),
        ("https://Kashu.example:443/x", "kashu.example", "https://kashu.example"),
        ("https://kashu.example:8443", "kashu.example", "https://kashu.example:8443"),
        ("http://kashu.example", "", "http://kashu.example"),
        ("https://192.0.2.7", "", "https://192.0.2.7"),
        ("https://[2001:db8::7]", "", "https://2001:db8::7"),
    ],
)
def test_passkeys_belong_to_the_address_people_use(
    public_url: str | None, rp_id: str, origin: str
) -> None:
    site = site_of(public_url, 8000)
    assert (site.rp_id, site.origin) == (rp_id, origin)
