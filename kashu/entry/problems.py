"""Every refusal as application/problem+json (RFC 9457), in one place."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    ValidationException,
)
from litestar.params import ParameterKwarg

from kashu.access.caller import language_of
from kashu.access.guards import ProblemDetail, ProblemDocument
from kashu.core.errors import Busy, Invalid, KashuError, NotFound, NotSignedIn, Problem
from kashu.core.incidents import log_incident
from kashu.entry.requests import FieldsWrong, explain

MEDIA_TYPE: Final = "application/problem+json"

_TITLES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("请求无法理解", "Not understood"),
    401: ("需要登录", "Not signed in"),
    403: ("没有权限", "Not allowed"),
    404: ("没有找到", "Not found"),
    405: ("不支持的方法", "Method not allowed"),
    409: ("状态冲突", "Conflict"),
    413: ("内容太大", "Too large"),
    415: ("类型不支持", "Unsupported type"),
    422: ("请求有误", "Invalid"),
    500: ("系统内部错误", "Internal error"),
    502: ("对方出错", "The other side failed"),
    503: ("系统正忙", "Busy"),
}


class NoSuchPath(NotFound):
    """The router knows nothing there."""

    code = "no_such_path"
    zh = "没有这个地址。请对照接口文档 /v1/docs 检查路径。"
    en = "There is nothing at this address. Compare the path with /v1/docs."


class MethodWrong(KashuError):
    """There is something, but not for this method."""

    status = 405
    code = "method_not_allowed"
    zh = "这个地址不支持该方法。请对照接口文档 /v1/docs。"
    en = "This address doesn't take that method. Compare with /v1/docs."


class BodyTooLarge(Invalid):
    """More than is read."""

    status = 413
    code = "body_too_large"
    zh = "请求正文太大。请分批发送，或改用文件导入。"
    en = "The body is too large. Send it in parts, or import a file."


class NotUnderstood(KashuError):
    """HTTP itself is wrong."""

    status = 400
    code = "not_understood"
    zh = "请求无法理解。请检查请求头与正文的格式。"
    en = "The request can't be understood. Check the form of its headers and body."


class Incident(KashuError):
    """A bug of ours."""

    status = 500
    code = "incident"
    zh = "系统内部错误，编号 {incident}。请稍后重试；若仍出现，请把编号告诉我们。"
    en = "An error of ours, number {incident}. Try again later; if it stays, tell us the number."


_REFUSED_BY_LITESTAR: Final[Mapping[int, type[KashuError]]] = {
    404: NoSuchPath,
    405: MethodWrong,
    413: BodyTooLarge,
}


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemDocument]:
    """Say what was wrong, to a program and to its reader."""
    refusal = _refusal(request, error)
    language = language_of(request.headers.get("accept-language", ""))
    zh, en = _TITLES.get(refusal.status, _TITLES[422])
    document = ProblemDocument(
        type=f"urn:kashu:problem:{refusal.code}",
        title=zh if language == "zh" else en,
        status=refusal.status,
        detail=refusal.text(language),
        code=refusal.code,
        facts={name: value for name, value in refusal.facts.items() if _is_plain(value)},
        problems=[_detail(problem, language) for problem in refusal.problems],
        request_id=str(request.scope["state"].get("request_id", "")),
    )
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie, Authorization"}
    if (wait_s := _retry_after_s(refusal)) is not None:
        headers["Retry-After"] = str(wait_s)
    if isinstance(refusal, NotSignedIn):
        headers["WWW-Authenticate"] = "KASHU-HMAC-SHA256"
    if isinstance(error, MethodNotAllowedException) and error.headers:
        headers.update(error.headers)
    return Response(document, status_code=refusal.status, media_type=MEDIA_TYPE, headers=headers)


def _retry_after_s(refusal: KashuError) -> int | None:
    """When to ask again, of what says so and of everything that is 503."""
    busy = Busy.retry_after_s if refusal.status == Busy.status else None
    wait_s: int | None = getattr(refusal, "retry_after_s", busy)
    return wait_s


def _refusal(request: Request[Any, Any, Any], error: Exception) -> KashuError:
    """Find what an exception means to the caller."""
    if isinstance(error, KashuError):
        return error
    if isinstance(error, ValidationException):
        return FieldsWrong(problems=_parameter_problems(request, error))
    if isinstance(error, HTTPException):
        status = HTTPStatus.BAD_REQUEST if _has_gone(error) else error.status_code
        if status in _REFUSED_BY_LITESTAR:
            return _REFUSED_BY_LITESTAR[status]()
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return NotUnderstood()
    return _incident(request, error)


def _has_gone(error: HTTPException) -> bool:
    return "client disconnected" in error.detail


def _incident(request: Request[Any, Any, Any], error: Exception) -> Incident:
    """Log a bug, and give its number to whoever met it."""
    return Incident(
        incident=log_incident(
            error,
            request_id=str(request.scope["state"].get("request_id", "")),
            method=request.scope["method"],
            path=request.scope["path"],
        )
    )


def _parameter_problems(
    request: Request[Any, Any, Any], error: ValidationException
) -> list[Problem]:
    """Explain what Litestar found wrong with parameters."""
    found = []
    for one in error.extra if isinstance(error.extra, list) else []:
        if one.get("key") == "data":  # no body at all; what is in one is explained as it is read
            found.append(Problem("", "missing", "请求正文是空的。", "The body is empty."))
            continue
        problem = explain(str(one.get("message", "")))
        at = _sent_as(request, str(one.get("key", ""))) or problem.at
        found.append(msgspec.structs.replace(problem, at=at[:100]))
    if not found:  # "Missing required query parameter 'day' for path /v1/reports"
        name = error.detail.partition("'")[2].partition("'")[0][:60]
        found.append(
            Problem(name, "missing", f"缺少必填参数 {name}。", f"The parameter {name} is missing.")
        )
    return found


def _sent_as(request: Request[Any, Any, Any], name: str) -> str:
    """Tell how a handler's parameter is called outside: `in_state` is sent as `state`."""
    field = request.route_handler.parsed_fn_signature.parameters.get(name)
    told = field.kwarg_definition if field else None
    return (told.name if isinstance(told, ParameterKwarg) else None) or name


def _detail(problem: Problem, language: str) -> ProblemDetail:
    return ProblemDetail(problem.at, problem.code, problem.zh if language == "zh" else problem.en)


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= 500  # noqa: PLR2004  (longer isn't a fact but a text)
    return isinstance(value, bool | int | UUID | date) or value is None
