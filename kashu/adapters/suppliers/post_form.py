"""Call a supplier that takes forms."""

from collections.abc import Mapping
from urllib.parse import urlencode

from kashu.core.http import DEADLINE_S, Answer
from kashu.suppliers.upstream import Link


async def post_form(
    link: Link, path: str, params: Mapping[str, str], *, deadline_s: float = DEADLINE_S
) -> Answer:
    """Post a form to the supplier's address. Raises: as Http.call."""
    return await link.http.call(
        "POST",
        link.login.base_url.rstrip("/") + path,
        content=urlencode(params).encode(),
        headers={"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        deadline_s=deadline_s,
    )
