"""How acg-faka reads forms, signs and writes, as PHP does."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from kashu.simulators.faults import Scope


class Failure(Exception):
    """An answer with code 0; its text is what the shop says."""


def parameters_of(scope: Scope, body: bytes) -> dict[str, Any]:
    """Read a form; `sku[name]` is the member `name` of `sku`. Raises: Failure."""
    headers = dict(scope["headers"])
    if scope["method"] != "POST" or not headers.get(b"content-type", b"").startswith(
        b"application/x-www-form-urlencoded"
    ):
        raise Failure("404 Not Found")
    asked: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        outer, bracket, inner = name.partition("[")
        if bracket and inner.endswith("]"):
            members = asked.setdefault(outer, {})
            members[inner[:-1]] = value
        else:
            asked[name] = value
    return asked


def signature_of(asked: Mapping[str, Any], key: str) -> str:
    """Sign what was asked. The text is decoded before it is hashed, so it is built in clear."""
    parts = []
    for name in sorted(asked):
        value = asked[name]
        if name == "sign" or value == "":
            continue
        if isinstance(value, dict):
            parts += [f"{name}[{inner}]={each}" for inner, each in value.items()]
        else:
            parts.append(f"{name}={value}")
    text = "&".join([*parts, f"key={key}"])
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324  (theirs)


def yuan(amount_e4: int) -> float:
    """An amount as PHP tells it: a float, which JSON shows by its shortest text."""
    return amount_e4 / 10_000


def ini(config: Mapping[str, Mapping[str, Any]]) -> str:
    """Write variants as lists have them: sections of `name=value` and `name.option=value`."""
    lines = []
    for section, members in config.items():
        lines.append(f"[{section}]")
        for name, value in members.items():
            if isinstance(value, dict):
                lines += [f"{name}.{option}={each}" for option, each in value.items()]
            else:
                lines.append(f"{name}={value}")
    return "\n".join(lines)
