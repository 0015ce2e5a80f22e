"""Whatever is sent, right or wrong: what comes back is declared, and nothing breaks."""

import asyncio
import json
import os
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kashu.access.keyring import Keyrings
from kashu.core.db import APP_ROLE, Database
from kashu.entry.commands.serving import describe_api
from tests.api.calls import ORIGIN, app_of
from tests.api.world import World, make_world
from tests.conftest import MASTERS, make_tenant
from tests.emptied import Emptier

EXAMPLES: Final = int(os.environ.get("KASHU_TEST_EXAMPLES", "6"))  # of each call, right and wrong
REACH_OUTSIDE: Final = {"grantStore", "fetchListings"}  # where a platform may be out of order


def no_bug(*about: Any) -> bool | None:  # noqa: ANN401  (as schemathesis calls it)
    """No answer tells of an error of ours."""
    _, response, case = about
    name = case.operation.definition.raw["operationId"]
    if response.status_code == 502 and name in REACH_OUTSIDE:
        return None
    return not_a_server_error(*about)


CHECKS: Final = [
    no_bug,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# How much of a case is replaced by what there is: nothing, some, all.
CHANCES: Final = st.sampled_from([st.just(False), st.booleans(), st.just(True), st.just(True)])
LIKELY: Final[dict[str, Any]] = {
    "price": "39.60",
    "amount": "1.00",
    "unit_cost": "14.1250",
    "paid_at": "2026-01-02T03:04:05Z",
    "until_at": "2099-01-02T03:04:05Z",
    "expires_on": "2099-12-31",
    "text": "FZ0001,pw1\nFZ0002,pw2",
    "reason": "fuzzed",
    "steps": {"prefer": "lowest_cost"},
    "by": ("day", "store,sku", "week,supplier"),
    "format": ("csv", "xlsx", "json"),
    "from": "2026-01-01",
    "to": "2099-12-31",
}
SETTINGS: Final = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="KASHU_TEST_EXAMPLES" not in os.environ,  # a long run looks for new ones
    phases=[Phase.generate],  # what was sent changes the shop: nothing can be made smaller
    suppress_health_check=list(HealthCheck),
)


def operations() -> dict[str, Any]:
    """Every call of the document, by name. Who calls is ours to say: we sign."""
    document = json.loads(describe_api())
    for path in document["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(document)
    found = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    assert len(found) == sum(len(path) for path in document["paths"].values())
    return {operation.definition.raw["operationId"]: operation for operation in found}


OPERATIONS: Final = operations()


class Fuzzed:
    """The application with one of everything in it, and a loop that it lives in."""

    def __init__(self, database: Database, runner: asyncio.Runner) -> None:
        self.runner = runner
        keyrings = Keyrings(MASTERS)
        app = app_of(database, keyrings)

        async def prepare() -> World:
            tenant = await make_tenant(database, "shop")
            return await make_world(app, database, keyrings, tenant)

        self.world = runner.run(prepare())

    def send(self, case: Case[Any]) -> httpx.Response:
        """Sign a case and send it."""
        sent = case.as_transport_kwargs(base_url=ORIGIN)
        client = self.world.program.client
        if isinstance(sent.get("data"), str | bytes):
            sent["content"] = sent.pop("data")
        sent["headers"] = {
            name: value
            for name, value in sent["headers"].items()
            if name.lower() not in {"connection", "user-agent", "accept-encoding"}
        }
        if sent.get("files"):
            sent["files"] = [as_part(*part) for part in sent["files"]]
        try:
            request = client.build_request(
                **{name: it for name, it in sent.items() if it is not None}
            )
        except (TypeError, ValueError, httpx.InvalidURL):  # not to be sent over HTTP
            assume(False)
            raise
        path = request.url.raw_path.decode("ascii")
        request.headers.update(self.world.program.headers(case.method, path, request.read()))
        return self.runner.run(client.send(request))


@pytest.fixture(scope="module")
def fuzzed(owner_url: str, empty: Emptier) -> Iterator[Fuzzed]:
    empty()
    load_all_checks()
    with asyncio.Runner() as runner:
        database = Database(owner_url, role=APP_ROLE)
        yield Fuzzed(database, runner)
        runner.run(database.close())


def as_part(name: str, part: tuple[Any, ...]) -> tuple[str, tuple[str | None, bytes]]:
    """A field of a form, which is text in UTF-8; where it is bytes, a file."""
    value = part[1]
    if isinstance(value, bytes):
        return name, ("cards.xlsx", value)
    return name, (None, str(value).encode("utf-8", "replace"))


def with_real(  # (any JSON)
    value: Any,  # noqa: ANN401
    world: World,
    chance: st.SearchStrategy[bool],
    pick: st.DataObject,
) -> Any:  # noqa: ANN401
    """Put real names and likely values into a body, where it has any: else little is ever found."""
    if isinstance(value, list):
        return [with_real(each, world, chance, pick) for each in value]
    if not isinstance(value, dict):
        return value
    named: dict[str, Any] = {}
    for name, each in value.items():
        real = LIKELY.get(name) or world.of(name)
        if real is None or not pick.draw(chance):
            named[name] = with_real(each, world, chance, pick)
            continue
        if isinstance(real, tuple):
            real = pick.draw(st.sampled_from(real))
        named[name] = [real] if isinstance(each, list) else real
    return named


def can_be_wrong(operation: dict[str, Any]) -> bool:
    """Whether something can be sent that doesn't fit: any text is a code in a path."""
    checked = [
        parameter
        for parameter in operation.get("parameters", ())
        if parameter["in"] != "path" or "format" in parameter["schema"]
    ]
    return bool(checked) or "requestBody" in operation


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (name, mode)
        for name, operation in OPERATIONS.items()
        for mode in GenerationMode
        if mode.is_positive or can_be_wrong(operation.definition.raw)
    ],
    ids=str,
)
def test_every_answer_is_one_that_is_declared(
    fuzzed: Fuzzed, name: str, mode: GenerationMode
) -> None:
    operation = OPERATIONS[name]

    @SETTINGS
    @given(case=operation.as_strategy(generation_mode=mode), pick=st.data())
    def run(case: Case[Any], pick: st.DataObject) -> None:
        chance = pick.draw(CHANCES)
        case.body = with_real(case.body, fuzzed.world, chance, pick)
        case.query = with_real(case.query, fuzzed.world, chance, pick)
        for parameter in case.path_parameters:
            real = fuzzed.world.of(parameter, operation.path)
            if real is not None and pick.draw(chance):
                case.path_parameters[parameter] = real
        case.validate_response(fuzzed.send(case), checks=CHECKS)

    run()
