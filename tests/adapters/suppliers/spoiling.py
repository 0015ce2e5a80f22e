"""Ways to spoil what a supplier answered: values, bytes, encodings, statuses, other answers."""

import json
from dataclasses import replace
from typing import Any, Final

from hypothesis import strategies as st

from kashu.core.http import Answer
from kashu.simulators.suppliers.fulu_wire import compact, signed
from kashu.suppliers.upstream import NoticeRequest
from tests.adapters.suppliers.documented import leaves, read
from tests.adapters.suppliers.exchanges import Exchange, Heard, heard_from

STRANGER: Final = "K000000000000000000"
STATUSES: Final = (200, 201, 204, 301, 302, 400, 401, 402, 403, 404, 409, 422, 429, 500, 502, 503)
ODD: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2, 3, 4, 5, 1.5, 1e300, 10**30, -(10**30), 2**63, 10**4000),
    *("", " ", "0", "-1", "--3", "+3", "3.0", "1e5", "1e400", "1E-400", "NaN", "sNaN", "Infinity"),
    *("-Infinity", "null", "true", "٣", "３", "9" * 5000, "x" * 70_000, "\x00", "\n", "\u202e"),
    *("0001-01-01 00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
    *("0000-00-00 00:00:00", "00010101000000", "08:00:00+08:00", STRANGER, "<b>", "\ud800"),
    *([], {}, [[]], [None], {"": None}, [{}], "[]", "{}", "[" * 5000),
)
REQUIRED: Final = {"code", "ok", "status", "state", "order_state", "orderStatus", "kind"}


class Spoilt(list[Answer]):
    """Answers of which some are spoilt, shown as whoever looks for a mistake wants to see them."""

    def __repr__(self) -> str:
        return "\n".join(f"{each.status} {each.body[:1500]!r}" for each in self)


def opened(heard: Heard, answer: Answer) -> Any:  # noqa: ANN401  (JSON)
    """What an answer says, with what stands inside it as JSON in a text."""
    told = json.loads(answer.body)
    if heard.proved.upstream.name == "fulu" and told.get("result"):
        return {**told, "result": json.loads(told["result"])}
    return told


def closed(heard: Heard, told: Any) -> bytes:  # noqa: ANN401  (JSON)
    """An answer that says this, signed where answers are."""
    if heard.proved.upstream.name == "fulu" and isinstance(told, dict) and "result" in told:
        inside = told["result"]
        result = inside if isinstance(inside, str | None) else compact(inside)
        told = {**told, "result": result}
        if result and "sign" in told:
            try:
                told["sign"] = signed(heard.login.secret.clear, result)
            except UnicodeEncodeError:
                told["sign"] = "0" * 32
    return json.dumps(told, separators=(",", ":")).encode()


def places(told: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """Where values stand."""
    found = [path] if path else []
    if isinstance(told, dict):
        for name, each in told.items():
            found += places(each, (*path, name))
    elif isinstance(told, list):
        for at, each in enumerate(told):
            found += places(each, (*path, at))
    return found


def changed(told: Any, path: tuple[Any, ...], do: str, value: Any) -> Any:  # noqa: ANN401
    """Do something to one value of a copy."""
    if not path:
        return value
    copy = dict(told) if isinstance(told, dict) else list(told)
    step = path[0]
    if len(path) > 1:
        copy[step] = changed(copy[step], path[1:], do, value)
    elif do == "drop":
        del copy[step]
    elif do == "rename" and isinstance(copy, dict):
        copy[f"{step}_"] = copy.pop(step)
    elif do == "wrap":
        copy[step] = [copy[step]]
    elif do == "quote":
        copy[step] = json.dumps(copy[step])
    elif do == "double" and isinstance(copy, list):
        copy.append(copy[step])
    else:
        copy[step] = value
    return copy


@st.composite
def spoilt(draw: st.DrawFn, heard: Heard, exchange: Exchange) -> Spoilt:
    """An exchange's answers, of which some are spoilt."""
    answers = Spoilt(exchange.answers)
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(answers) - 1))
        answers[at] = draw(one_spoilt(heard, answers[at]))
    return answers


@st.composite
def one_spoilt(draw: st.DrawFn, heard: Heard, answer: Answer) -> Answer:
    how = draw(st.sampled_from(("values", "values", "values", "bytes", "status", "another")))
    if how == "status":
        return replace(answer, status=draw(st.sampled_from(STATUSES)))
    if how == "another":
        others = [each for exchange in heard.exchanges for each in exchange.answers]
        return draw(st.sampled_from(others))
    if how == "bytes":
        return replace(answer, body=draw(spoilt_bytes(heard, answer.body)))
    try:
        told = opened(heard, answer)
    except (ValueError, AttributeError, RecursionError):
        return answer
    for _ in range(draw(st.integers(1, 4))):
        there = places(told)
        if not there:
            break
        named = [path for path in there if path[-1] in REQUIRED]
        named_first = bool(draw(st.integers(0, 1)))
        among = named if named and named_first else there
        path = draw(st.sampled_from(among))
        do = draw(
            st.sampled_from(("set", "set", "set", "drop", "rename", "wrap", "quote", "double"))
        )
        told = changed(told, path, do, draw(values(heard)))
    return replace(answer, body=closed(heard, told))


def values(heard: Heard) -> st.SearchStrategy[Any]:
    """Odd ones, those of other answers, and secrets where they don't belong."""
    known = _known(heard.proved.upstream.name)
    secrets = sorted(heard.hidden)
    echoed = st.sampled_from(secrets).map(lambda text: f"余额不足：{text}")
    return st.one_of(st.sampled_from(ODD), st.sampled_from(known), st.sampled_from(secrets), echoed)


_KNOWN: dict[str, list[Any]] = {}


def _known(name: str) -> list[Any]:
    """Values that stand in this supplier's answers, each once."""
    if name not in _KNOWN:
        heard = heard_from(name)
        found: dict[str, Any] = {}
        for exchange in heard.exchanges:
            for answer in exchange.answers:
                for _, value in leaves(read(answer)):
                    found.setdefault(repr(value), value)
        _KNOWN[name] = list(found.values())
    return _KNOWN[name]


@st.composite
def spoilt_bytes(draw: st.DrawFn, heard: Heard, body: bytes) -> bytes:
    """The bytes of an answer, cut, in another encoding, or something else altogether."""
    cut = draw(st.integers(0, max(len(body) - 1, 0)))
    text = body.decode("utf-8", "replace")
    secret = draw(st.sampled_from(sorted(heard.hidden)))
    return draw(
        st.sampled_from(
            (
                body[:cut],
                body[:cut] + b"\xff" + body[cut:],
                b"\xef\xbb\xbf" + body,
                text.encode("utf-16"),
                text.encode("gbk", "replace"),
                b"",
                b"null",
                b"[]",
                b"{}",
                b'"' + secret.encode() + b'"',
                secret.encode(),
                f"<html>{secret}".encode(),
                b"[" + body + b"]",
                body + body,
                body[:1] + b'"deep":' + b"[" * 100_000 + b"," + body[1:],
                body[:1] + body[1:-1] + b"," + body[1:],  # every name twice
                body.replace(b'"', b"'"),
                body.replace(b":", b":-"),
                body.replace(b"0", b"0.0"),
                b"\x1f\x8b" + body,
            )
        )
    )


@st.composite
def spoilt_notices(draw: st.DrawFn, heard: Heard, request: NoticeRequest) -> NoticeRequest:
    """A notice with other headers, fields, bytes."""
    how = draw(st.sampled_from(("header", "body", "bytes", "query", "twice")))
    odd = st.sampled_from([each for each in ODD if isinstance(each, str) and "\ud800" not in each])
    if how == "header" and request.headers:
        name = draw(st.sampled_from(sorted(request.headers)))
        value = draw(odd | st.text(st.characters(max_codepoint=255), max_size=20))
        headers = {each: told for each, told in request.headers.items() if each != name}
        return replace(request, headers=headers | ({name: value} if draw(st.booleans()) else {}))
    if how == "query":
        return replace(request, query=draw(odd))
    if how == "twice":
        more = b"&" + request.body if not request.body.startswith(b"{") else b"," + request.body[1:]
        return replace(request, body=request.body[:-1] + more)
    try:
        told = json.loads(request.body)
    except ValueError:
        return replace(request, body=draw(spoilt_bytes(heard, request.body)))
    if how == "body":
        path = draw(st.sampled_from(places(told)))
        do = draw(st.sampled_from(("set", "drop", "rename", "wrap", "quote")))
        told = changed(told, path, do, draw(values(heard)))
        return replace(request, body=json.dumps(told).encode())
    return replace(request, body=draw(spoilt_bytes(heard, request.body)))
