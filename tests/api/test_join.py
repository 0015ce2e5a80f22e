"""The page behind a one-time link: what it may do, and that its link works."""

import base64
import hashlib
import re

import httpx
import pytest

from kashu.access.passwords import MINIMUM
from kashu.entry.settings import Settings


def policy(answer: httpx.Response) -> dict[str, str]:
    [header] = answer.headers.get_list("content-security-policy")
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


async def test_only_the_pages_own_script_and_style_take_effect(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/join")
    assert answer.status_code == 200
    said = policy(answer)
    assert (said["default-src"], said["form-action"], said["connect-src"]) == (
        "'none'",
        "'none'",
        "'self'",
    )
    for element, directive in (("script", "script-src"), ("style", "style-src")):
        [content] = re.findall(rf"<{element}>(.*?)</{element}>", answer.text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert said[directive] == f"'sha256-{digest}'"
    assert not re.search(r"\son\w+=|\sstyle=|javascript:|innerHTML|https?://", answer.text)


async def test_it_is_small_and_has_the_frames_other_headers(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/join")
    assert len(answer.content) < 15_000
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert not answer.headers.get_list("set-cookie")


@pytest.mark.parametrize(("asked", "language"), [("", "zh"), ("en-GB,zh;q=0.5", "en")])
async def test_it_begins_in_the_readers_language(
    anybody: httpx.AsyncClient, asked: str, language: str
) -> None:
    answer = await anybody.get("/join", headers={"Accept-Language": asked})
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    assert len(re.findall(r'class="zh"', answer.text)) == len(
        re.findall(r'class="en"', answer.text)
    )


async def test_links_lead_to_it_and_it_leads_on(anybody: httpx.AsyncClient) -> None:
    address, _, token = Settings().link("7.abc").clear.partition("#")
    assert (address.rpartition("/")[2], token) == ("join", "7.abc")
    page = (await anybody.get("/join")).text
    assert f"length < {MINIMUM}" in page
    for path in set(re.findall(r'href="(/[^"]+)"', page)):
        assert (await anybody.get(path)).status_code == 200
    assert "/v1/invitations/accept" in page
