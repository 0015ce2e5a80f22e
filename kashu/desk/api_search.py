"""HTTP of searching. What is looked for travels in a body: it may be a card; URLs are logged."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import requires_one_of
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.desk.about import Target
from kashu.desk.api import SEES
from kashu.desk.search import Group, Searched, search, written_amount

WRITTEN_MAX: Final = 2_000  # characters: a link that is a card may be that long


class SearchBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody typed or pasted."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=WRITTEN_MAX)]

    def __repr__(self) -> str:
        """Hide it: it may be a card."""
        return "SearchBody(•••)"


class FoundShown(msgspec.Struct, frozen=True):
    """Something that was found: which page it is on, what it is called, and how it stands."""

    kind: Target
    id: UUID
    code: str | None
    title: str
    about: str
    state: str
    at: datetime | None
    amount: str | None


class GroupShown(msgspec.Struct, frozen=True):
    """What was found of a kind, at most five. `total` is null where there are more."""

    group: Group
    total: int | None
    found: list[FoundShown]


class SearchAnswer(msgspec.Struct, frozen=True):
    """What was found, in groups; none where nothing was."""

    groups: list[GroupShown]


@post(
    "/v1/search",
    operation_id="search",
    guards=[requires_one_of(*SEES, Permission.CATALOG_READ)],
    status_code=200,
)
async def post_search(
    data: JSONBody[SearchBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> SearchAnswer:
    """Find orders, cards, lots, purchases, SKUs, stores, suppliers and customers; cards masked.

    By a number or how it begins; an order by its number's last four or more, too; a card by its
    whole value or last four; names by any part; a buyer by a reference, or its last four. Of what
    the caller may see. It is kept and logged nowhere.
    """
    async with database.transaction(caller.tenant_id) as tx:
        told = await search(tx, caller, keyrings, data.q)
    return SearchAnswer([_shown(each) for each in told])


def _shown(each: Searched) -> GroupShown:
    found = [
        FoundShown(
            one.target,
            one.id,
            one.code,
            one.title,
            one.about,
            one.state,
            one.at,
            written_amount(one),
        )
        for one in each.found
    ]
    return GroupShown(each.group, None if each.more else len(found), found)


routes: Final = (post_search,)
