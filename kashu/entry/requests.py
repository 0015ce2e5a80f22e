"""Reading JSON strictly: what could be understood in two ways is refused."""

import json
import re
from http import HTTPStatus
from typing import Any, Final, NoReturn, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.exceptions import HTTPException
from litestar.params import BodyKwarg

from kashu.access.errors import NulCharacter
from kashu.core.errors import Invalid, KashuError, Problem

T = TypeVar("T")

DEPTH_MAX: Final = 32

# Possessive, and to the end where it isn't closed: one pass whatever somebody sends.
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+\\?(?:"|\Z)', re.DOTALL)
_BRACKET: Final = re.compile(rb"[\[\]{}]")
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class BodyNotJson(Invalid):
    """It can't be read at all."""

    code = "body_not_json"
    zh = "请求正文不是合法的 UTF-8 JSON。请检查格式与编码后重发。"
    en = "The body isn't valid JSON in UTF-8. Check its form and encoding, then send it again."


class KeyTwice(Invalid):
    """The same key twice in one object: which one counts?"""

    code = "key_twice"
    zh = "同一个 JSON 对象中，键「{key}」出现了两次。请只保留一个。"
    en = "A JSON object has the key “{key}” twice. Keep one of them."


class TooDeep(Invalid):
    """Nested beyond any use."""

    code = "body_too_deep"
    zh = "JSON 嵌套超过 {limit} 层。请简化结构。"
    en = "The JSON is nested more than {limit} deep. Make it flatter."


class MediaTypeWrong(KashuError):
    """A form, which any page on the web can send, or something else than JSON."""

    status = 415
    code = "media_type_wrong"
    zh = "请求正文须为 JSON。请加上请求头 Content-Type: application/json。"
    en = "The body must be JSON. Send it with Content-Type: application/json."


class FormWanted(KashuError):
    """A call with a file takes a form, and this is none."""

    status = 415
    code = "form_wanted"
    zh = "这个接口接收表单。请以 multipart/form-data 发送（用工具生成，须含 boundary）。"
    en = "This call takes a form. Send it as multipart/form-data, with its boundary."


class FormUnreadable(Invalid):
    """It says that it is a form, but can't be read as one."""

    code = "form_unreadable"
    zh = "表单无法解析，什么都没有写入。请用标准的表单工具重新发送，文字用 UTF-8。"
    en = "The form can't be read; nothing was written. Make it with a form library, text in UTF-8."


class FieldsWrong(Invalid):
    """JSON, but not what this call takes. `problems` says where."""

    code = "fields_wrong"
    zh = "请求中有字段不对，请按下面的提示修改后再试。"
    en = "Fields of the request are wrong. Change them as said below and try again."


class StrictRequest(Request[Any, Any, Any]):
    """Reads a body straight into the handler's type: nothing is guessed or converted."""

    async def json(self) -> object:
        """Read the body. Raises: MediaTypeWrong, FieldsWrong, and what check_json raises."""
        body = await self.body()
        if self.content_type[0] != "application/json":
            raise MediaTypeWrong
        field = getattr(self.route_handler, "parsed_data_field", None)
        return read_json(body, decoder_of(field.annotation if field else Any))


async def read_form(request: Request[Any, Any, Any]) -> None:
    """Read the form of a handler that takes one, before Litestar would: it knows fewer troubles.

    Raises: FormWanted, FormUnreadable, NulCharacter.
    """
    field = request.route_handler.parsed_data_field
    if field is None or not isinstance(field.kwarg_definition, BodyKwarg):
        return
    if field.kwarg_definition.media_type != RequestEncodingType.MULTI_PART:
        return
    media_type, options = request.content_type
    if media_type != RequestEncodingType.MULTI_PART or not options.get("boundary"):
        raise FormWanted
    try:
        form = await request.form()
    except HTTPException as error:
        if error.status_code == HTTPStatus.BAD_REQUEST and error.detail in _FORM_TROUBLES:
            raise FormUnreadable from None
        raise
    except (UnicodeError, LookupError):  # not in its charset, or there is no such charset
        raise FormUnreadable from None
    for name, value in form.multi_items():
        text = value.filename if isinstance(value, UploadFile) else value
        if "\0" in name or "\0" in text:
            raise NulCharacter


# Litestar 2.25, _multipart.py: what it can't read, and more than a thousand fields.
_FORM_TROUBLES: Final = frozenset(
    {
        "Unexpected eof in multipart/form-data",
        "Invalid multipart/form-data",
        "Request Entity Too Large",
    }
)

_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder_of(of: object) -> msgspec.json.Decoder[Any]:
    """The decoder of a type, made once."""
    if of not in _decoders:
        _decoders[of] = msgspec.json.Decoder(of)
    return _decoders[of]


def read_json(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """Read a body strictly. Raises: FieldsWrong, and what check_json raises."""
    check_json(body)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise FieldsWrong(problems=[explain(str(error))]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise BodyNotJson from None


def check_json(body: bytes) -> None:
    """Refuse JSON that parsers disagree about. About 5 µs for 300 bytes.

    Raises: BodyNotJson (also lone surrogates, NaN and Infinity), KeyTwice, TooDeep, NulCharacter.
    """
    _check_depth(body)
    try:
        _strict.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise BodyNotJson from None
    if b"\\u0000" in body and _NUL.search(body):
        raise NulCharacter


def _check_depth(body: bytes) -> None:
    if body.count(b"{") + body.count(b"[") <= DEPTH_MAX:
        return
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEPTH_MAX:
            raise TooDeep(limit=DEPTH_MAX)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise KeyTwice(key=twice[:60])
    return made


def _no_such_number(written: str) -> NoReturn:
    raise ValueError(written)


# json's scanner is C; only this hook, once an object, is Python.
_strict: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_such_number)

_FIELD: Final = re.compile(r"`([^`]*)`")
_PATTERNS: Final = (
    ("Object missing required field", "missing", "缺少必填字段 {0}。", "The field {0} is missing."),
    (
        "Object contains unknown field",
        "unknown",
        "没有字段 {0}，请删去。",
        "No field {0}; remove it.",
    ),
    ("Invalid enum value", "not_one_of", "不是可选的值。", "Not one of the values there are."),
    ("Invalid", "invalid", "格式不对（{en}）。", "{en}."),
    ("Expected", "invalid", "不符合要求（{en}）。", "{en}."),
)


def explain(message: str, prefix: str = "") -> Problem:
    """Turn msgspec's message into a problem with its place. Never quotes a value."""
    said, _, place = message.partition(" - at ")
    for begins, code, zh, en in _PATTERNS:
        if said.startswith(begins):
            named = [name[:60] for name in _FIELD.findall(said)]
            facts = {"en": said.replace("`", "")[:200]}
            at = pointer(place.strip("`"), prefix)
            if code in {"missing", "unknown"}:
                at = f"{at}/{named[0]}"
            return Problem(at, code, zh.format(*named, **facts), en.format(*named, **facts))
    return Problem(pointer(place.strip("`"), prefix), "invalid", "值不对。", "This value is wrong.")


def pointer(place: str, prefix: str = "") -> str:
    """Turn msgspec's `$.lines[0].sku` into a JSON pointer, `/lines/0/sku`. Source: RFC 6901."""
    steps = re.findall(r"\.([^.\[\]]+)|\[([^\]]*)\]", place)
    return prefix + "".join(f"/{name or number or '*'}" for name, number in steps)
