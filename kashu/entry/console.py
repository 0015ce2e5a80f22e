"""The console's files, as the browser asks for them: what people work with, on the same server."""

import asyncio
import secrets
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from litestar import HttpMethod, MediaType, Request, Response, route
from litestar.params import FromPath
from litestar.response import Redirect

from kashu.access.caller import language_of
from kashu.access.guards import PUBLIC
from kashu.core.errors import NotFound

DIST: Final = Path(__file__).with_name("console_dist")  # built by ./run console
NONCE: Final = "KASHU-NONCE"  # console/vite.config.ts writes it where each answer's own goes
UNBUILT: Final = Path(__file__).with_name("console_unbuilt.html")

_READ: Final = (HttpMethod.GET, HttpMethod.HEAD)
_TYPES: Final = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
# In order of preference; the browser's own order doesn't matter, they all take both.
_ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))
# Names carry a hash of what is in them: another content has another name.
_FOR_EVER: Final = "public, max-age=31536000, immutable"
# The nonce is for the styles that Ant Design writes; decision 0025 says why.
_POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self' 'nonce-{nonce}'; "
    "connect-src 'self'; "
    "img-src 'self' data:; "
    "font-src 'self'; "
    "form-action 'none'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; "
    "trusted-types default"
)


class NoSuchAsset(NotFound):
    """A file of the console that isn't there (any more)."""

    code = "no_such_asset"
    zh = "没有这个文件。控制台可能刚更新过，请刷新页面。"
    en = "There is no such file. The console may have been updated: reload the page."


@route("/", http_method=_READ, operation_id="openConsole", opt=PUBLIC, include_in_schema=False)
async def read_root() -> Redirect:
    """Lead to the console."""
    return Redirect("/console/", status_code=302)


@route(
    ["/console", "/console/{page:path}"],
    http_method=_READ,
    operation_id="readConsole",
    opt=PUBLIC,
    include_in_schema=False,
)
async def read_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Show the console, whichever of its pages is asked for: it finds the page itself.

    Each answer has a nonce of its own, so none is kept.
    """
    nonce = secrets.token_urlsafe(18)
    built = is_built()
    language = language_of(request.headers.get("accept-language", ""))
    page = await asyncio.to_thread(_page, built=built)
    headers = {
        "Content-Security-Policy": _POLICY.format(nonce=nonce),
        "Cache-Control": "no-cache, no-store",
        "Content-Language": language,
        "Vary": "Accept-Language",
    }
    content = page.replace(NONCE, nonce).replace('lang="zh"', f'lang="{language}"', 1)
    status = HTTPStatus.OK if built else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(
        content.encode(), status_code=status, media_type=MediaType.HTML, headers=headers
    )


@route(
    "/console/assets/{name:str}",
    http_method=_READ,
    operation_id="readConsoleAsset",
    opt=PUBLIC,
    include_in_schema=False,
)
async def read_asset(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """Give a file of the console, compressed as the browser takes it. Raises: NoSuchAsset."""
    kept = await asyncio.to_thread(_assets)
    file = kept.get(name)
    if file is None:
        raise NoSuchAsset
    headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding", "ETag": f'"{name}"'}
    if f'"{name}"' in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    taken = _taken(request.headers.get("accept-encoding", ""))
    for encoding, suffix in _ENCODINGS:
        packed = kept.get(name + suffix)
        if encoding in taken and packed is not None:
            headers["Content-Encoding"] = encoding
            file = packed
            break
    content = await asyncio.to_thread(file.read_bytes)
    return Response(content, media_type=_TYPES[Path(name).suffix], headers=headers)


def is_built() -> bool:
    """Whether there is a console to show."""
    return (DIST / "index.html").is_file()


def _page(*, built: bool) -> str:
    """The console's one page; where it wasn't built, a page that says how to build it."""
    return (DIST / "index.html" if built else UNBUILT).read_text(encoding="utf-8")


@cache
def _listed(folder: Path, _changed_at: float) -> dict[str, Path]:
    """Name the files there are, so that no name from outside ever becomes a path."""
    return {
        file.name: file
        for file in folder.iterdir()
        if file.suffix in _TYPES or Path(file.stem).suffix in _TYPES
    }


def _assets() -> dict[str, Path]:
    folder = DIST / "assets"
    return _listed(folder, folder.stat().st_mtime) if folder.is_dir() else {}


def _taken(accepted: str) -> set[str]:
    """Read Accept-Encoding; what has a weight of nought isn't taken."""
    wanted = set()
    for each in accepted.split(","):
        name, _, weight = each.strip().partition(";")
        if weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            wanted.add(name.strip().lower())
    return wanted


routes: Final = (read_root, read_page, read_asset)
