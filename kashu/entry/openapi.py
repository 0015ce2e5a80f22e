"""The OpenAPI 3.1 document, and a page that shows it without reaching for anybody's server."""

from html import escape
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar import Litestar, MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import HeaderParameter
from litestar.typing import FieldDefinition

from kashu.access.guards import COOKIE, CSRF_HEADER, FILES, PUBLIC, problems
from kashu.access.signatures import NONCE_HEADER, SCHEME, TIMESTAMP_HEADER
from kashu.webhooks.described import described as messages

VERSION: Final = "1"

_METHODS: Final = ("get", "post", "put", "patch", "delete")

CONFIG: Final = OpenAPIConfig(
    title="Kashu 卡枢",
    version=VERSION,
    description=(
        "Money is a decimal string in yuan, times are ISO 8601 in UTC, ids are UUIDs. Every "
        "refusal is application/problem+json with a stable `code`, in the language of "
        "Accept-Language (zh or en). 金额为字符串，单位元；时间为 UTC；每个错误都带有稳定的 code。"
    ),
    use_handler_docstrings=True,
    path="/v1/litestar",
    components=Components(
        security_schemes={
            "session": SecurityScheme(
                type="apiKey",
                name=COOKIE,
                security_scheme_in="cookie",
                description=(
                    f"The cookie of POST /v1/session. Changes also send the csrf_token of "
                    f"GET /v1/me as {CSRF_HEADER}."
                ),
            ),
            "signature": SecurityScheme(
                type="apiKey",
                name="Authorization",
                security_scheme_in="header",
                description=(
                    f"`{SCHEME} key=<key id>, signature=<hex>`, with {TIMESTAMP_HEADER} (Unix "
                    f"seconds, ±5 minutes) and {NONCE_HEADER} (16–64 url-safe characters, used "
                    "once). The signature is HMAC-SHA256 under the key's secret, in hex, over "
                    "five lines: METHOD, PATH?query (pairs sorted, as sent), TIMESTAMP, NONCE, "
                    "SHA-256 of the body in hex."
                ),
            ),
        }
    ),
)


def document(app: Litestar) -> dict[str, Any]:
    """Write the OpenAPI document, with the refusals that any operation may give."""
    schema = app.openapi_schema.to_schema()
    handlers = {
        handler.operation_id: handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if getattr(handler, "operation_id", None)
    }
    refusal = {
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
        }
    }
    _say_of_what(schema["components"])
    for name in _closed(list(handlers.values())):
        schema["components"]["schemas"].get(name, {})["additionalProperties"] = False
    described = {status: spec.description for status, spec in problems(*_ANY_STATUS).items()}
    for path in schema["paths"].values():
        for method in _METHODS:
            operation = path.get(method)
            if operation is None:
                continue
            handler = handlers[operation["operationId"]]
            public = bool(handler.opt.get("public"))
            operation["security"] = [] if public else [{"session": []}, {"signature": []}]
            responses = operation["responses"]
            if HTTPStatus.BAD_REQUEST not in (handler.responses or {}):
                responses.pop("400", None)  # what Litestar would answer; we answer 422
            _require_headers(handler, operation)
            _add_files(handler, responses)
            refusable = bool(handler.guards) or method != "get"
            for status in _statuses(operation, public=public, refusable=refusable):
                responses.setdefault(str(status), {"description": described[status], **refusal})
    schema["webhooks"] = messages()
    return schema


def _say_of_what(described: object) -> None:
    """Leave out "or anything", which Litestar 2.25 says of the members of any annotated tuple."""
    for part in described.values() if isinstance(described, dict) else ():
        members = part.get("items", {}).get("oneOf", ()) if isinstance(part, dict) else ()
        if {} in members:
            [part["items"]] = [member for member in members if member]
        _say_of_what(part)


def _require_headers(handler: HTTPRouteHandler, operation: dict[str, Any]) -> None:
    """Say which headers must be there, though their handler refuses in its own words without."""
    told = [field.kwarg_definition for field in handler.parsed_fn_signature.parameters.values()]
    names = {it.name for it in told if isinstance(it, HeaderParameter) and it.required}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header" and parameter["name"] in names:
            parameter["required"] = True
            parameter["schema"].pop("default", None)


EVENTS: Final = "text/event-stream"
_BYTES: Final = {"type": "string", "format": "binary"}
# Each event of a stream. Source: WHATWG HTML, 9.2 Server-sent events.
_EVENT: Final = {
    "type": "object",
    "properties": {
        "event": {"type": "string"},
        "id": {"type": "string"},
        "data": {"type": "string"},
        "retry": {"type": "integer"},
    },
}


def _add_files(handler: HTTPRouteHandler, responses: dict[str, Any]) -> None:
    """Say in which media types a handler may answer with a file."""
    media_types = handler.opt.get(FILES, ())
    if media_types:
        content = responses["200"]["content"]
        if not content["application/json"]["schema"]:  # a stream, of which Litestar knows no more
            del content["application/json"]
        for media_type in media_types:
            content[media_type] = {"schema": _EVENT if media_type == EVENTS else _BYTES}


def _closed(handlers: list[HTTPRouteHandler]) -> list[str]:
    """Name the bodies that refuse unknown fields; Litestar's document doesn't say it."""
    fields = [handler.parsed_data_field for handler in handlers]
    bodies = [
        field.annotation
        for field in fields
        if field is not None and field.match_predicate_recursively(_is_struct)
    ]
    _, described = msgspec.json.schema_components(bodies, schema_hook=lambda _: {})
    return [name for name, one in described.items() if one.get("additionalProperties") is False]


def _is_struct(field: FieldDefinition) -> bool:
    return field.is_subclass_of(msgspec.Struct)


_ANY_STATUS: Final = (401, 403, 404, 409, 413, 415, 422, 503)


def _statuses(operation: dict[str, Any], *, public: bool, refusable: bool) -> list[int]:
    """Which refusals the frame around a handler may give."""
    statuses = [503]
    if not public:
        statuses += [401, 403] if refusable else [401]
    if operation.get("requestBody"):
        statuses += [413, 415, 422]
    if operation.get("parameters"):
        statuses += [422]
        if any(parameter["in"] == "path" for parameter in operation["parameters"]):
            statuses += [404]
    return statuses


@get("/v1/openapi.json", operation_id="readOpenApi", opt=PUBLIC, include_in_schema=False)
async def read_document(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Give the OpenAPI document."""
    state = request.app.state
    if "openapi" not in state:
        state.openapi = document(request.app)
    return Response(state.openapi, media_type=MediaType.JSON)


@get("/v1/docs", operation_id="readDocs", opt=PUBLIC, include_in_schema=False)
async def read_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Show every call on one plain page."""
    schema = document(request.app)
    rows = []
    for path, operations in schema["paths"].items():
        for method in _METHODS:
            operation = operations.get(method)
            if operation is None:
                continue
            told = operation.get("description") or operation.get("summary", "")
            answers = " ".join(sorted(operation["responses"]))
            rows.append(
                f"<tr><td><b>{method.upper()}</b></td><td><code>{escape(path)}</code></td>"
                f"<td>{escape(told)}</td><td>{answers}</td></tr>"
            )
    schemes = "".join(
        f"<p><b>{escape(name)}</b>: {escape(scheme['description'])}</p>"
        for name, scheme in schema["components"]["securitySchemes"].items()
    )
    page = _PAGE.format(about=escape(CONFIG.description or ""), schemes=schemes, rows="".join(rows))
    return Response(page, media_type=MediaType.HTML)


routes: Final = (read_document, read_page)

_PAGE: Final = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>Kashu 卡枢 API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{{font:15px/1.6 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}}
td{{padding:.3rem .6rem;border-top:1px solid #ddd;vertical-align:top}}</style>
<h1>Kashu 卡枢 API</h1><p>{about}</p><p><a href="/v1/openapi.json">openapi.json</a></p>{schemes}
<table>{rows}</table></html>"""
