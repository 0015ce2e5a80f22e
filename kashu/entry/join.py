"""The page behind a one-time link, on which somebody who was invited chooses a password."""

import hashlib
import re
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

from litestar import MediaType, Request, Response, get

from kashu.access.caller import language_of
from kashu.access.guards import PUBLIC

_PAGE: Final = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")


def _hash_of(element: str) -> str:
    """Name the one inline <script> or <style> that may take effect. Source: CSP Level 3, 2.3.1."""
    [content] = re.findall(rf"<{element}>(.*?)</{element}>", _PAGE, re.DOTALL)
    return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        f"script-src {_hash_of('script')}",
        f"style-src {_hash_of('style')}",
        "connect-src 'self'",
        "img-src data:",  # the empty icon, so that no browser asks for one
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)


@get("/join", operation_id="readJoin", opt=PUBLIC, include_in_schema=False)
async def read_join(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the page. The link's token is in the fragment, which the browser keeps to itself."""
    language = language_of(request.headers.get("accept-language", ""))
    page = _PAGE.replace('<html lang="zh">', f'<html lang="{language}">', 1)
    headers = {
        "Content-Security-Policy": _POLICY,
        "Content-Language": language,
        "Vary": "Accept-Language",
    }
    return Response(page, media_type=MediaType.HTML, headers=headers)


routes: Final = (read_join,)
