"""The console's files on the wire: policy, compression, caching, and what is said without them."""

import gzip
import re
from pathlib import Path

import httpx
import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.entry import console
from tests.api.calls import client_of, shared_app

SCRIPT = b"export const cards = 9713;\n" * 100
NAME = "index-Bx1.js"


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small console of its own, as Vite builds it."""
    assets = tmp_path / "assets"
    assets.mkdir()
    page = (
        '<!doctype html><html lang="zh"><meta property="csp-nonce" nonce="KASHU-NONCE">'
        f'<script type="module" src="/console/assets/{NAME}" nonce="KASHU-NONCE"></script></html>'
    )
    (tmp_path / "index.html").write_text(page)
    (tmp_path / "manifest.json").write_text("{}")
    (assets / NAME).write_bytes(SCRIPT)
    (assets / f"{NAME}.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / f"{NAME}.br").write_bytes(b"brotli")
    (assets / "secret.txt").write_text("not of the console")
    monkeypatch.setattr(console, "DIST", tmp_path)
    return tmp_path


@pytest.fixture
def browser(database: Database, keyrings: Keyrings) -> httpx.AsyncClient:
    return client_of(shared_app(database, keyrings), **{"Accept-Encoding": "identity"})


def policy(answer: httpx.Response) -> dict[str, str]:
    [header] = answer.headers.get_list("content-security-policy")
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.mark.parametrize("path", ["/console", "/console/", "/console/skus", "/console/a/b.c/d"])
@pytest.mark.usefixtures("dist")
async def test_every_address_of_the_console_shows_its_page(
    browser: httpx.AsyncClient, path: str
) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "no-store" in answer.headers["cache-control"]
    assert f"/console/assets/{NAME}" in answer.text


async def test_the_root_leads_to_the_console(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (302, "/console/")


@pytest.mark.usefixtures("dist")
async def test_only_its_own_scripts_and_styles_take_effect(browser: httpx.AsyncClient) -> None:
    one, other = [await browser.get("/console/") for _ in range(2)]
    said = policy(one)
    assert said["default-src"] == "'none'"
    assert said["script-src"] == "'self'"
    assert said["frame-ancestors"] == "'none'"
    assert said["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in one.headers["content-security-policy"]
    [nonce] = re.findall("'nonce-([^']+)'", said["style-src"])
    assert len(nonce) >= 22
    assert one.text.count(f'nonce="{nonce}"') == 2
    assert console.NONCE not in one.text
    assert nonce not in other.text
    assert one.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("accepted", "encoding", "content"),
    [
        ("gzip, deflate, br, zstd", "br", b"brotli"),
        ("gzip", "gzip", SCRIPT),
        ("br;q=0, gzip;q=0.5", "gzip", SCRIPT),
        ("identity", None, SCRIPT),
        ("", None, SCRIPT),
    ],
)
@pytest.mark.usefixtures("dist")
async def test_a_file_comes_compressed_as_the_browser_takes_it_and_is_kept_for_a_year(
    browser: httpx.AsyncClient,
    accepted: str,
    encoding: str | None,
    content: bytes,
) -> None:
    request = browser.build_request(
        "GET", f"/console/assets/{NAME}", headers={"Accept-Encoding": accepted}
    )
    answer = await browser.send(request, stream=True)
    raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert (gzip.decompress(raw) if encoding == "gzip" else raw) == content
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("dist")
async def test_a_file_that_the_browser_has_isn_t_sent_again(browser: httpx.AsyncClient) -> None:
    path = f"/console/assets/{NAME}"
    tag = (await browser.get(path)).headers["etag"]
    answer = await browser.get(path, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize(
    "name",
    [
        "gone-1.js",
        "secret.txt",
        "..%2Findex.html",
        "..%2F..%2Fconsole.py",
        "index-Bx1.js.map",
        "..",
    ],
)
@pytest.mark.usefixtures("dist")
async def test_nothing_but_its_files_can_be_had(browser: httpx.AsyncClient, name: str) -> None:
    answer = await browser.get(f"/console/assets/{name}")
    if answer.status_code == 200:  # the router took it for a page's address
        assert answer.headers["content-type"].startswith("text/html")
        assert NAME in answer.text
    else:
        assert answer.status_code == 404
        assert answer.headers["cache-control"] == "no-store"


async def test_a_console_that_isn_t_built_says_how_to_build_it(
    browser: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "DIST", tmp_path / "nowhere")
    answer = await browser.get("/console/orders", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "./run console" in answer.text
    assert "还没有构建" in answer.text
    assert policy(answer)["style-src"].startswith("'self' 'nonce-")
    assert (await browser.get(f"/console/assets/{NAME}")).status_code == 404


@pytest.mark.usefixtures("dist")
async def test_head_answers_as_get_does(browser: httpx.AsyncClient) -> None:
    answer = await browser.head("/console/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.usefixtures("dist")
async def test_the_api_keeps_its_own_headers(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/v1/me")
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "no-store"
    assert policy(answer)["default-src"] == "'none'"
    assert "script-src" not in policy(answer)
