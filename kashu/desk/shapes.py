"""The desk as the API tells it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from kashu.access.guards import ProblemDetail
from kashu.core.matters import Matter
from kashu.desk.about import Deed, Target
from kashu.desk.notes import TEXT_MAX

ROWS_MAX = 500


class Thing(msgspec.Struct, frozen=True):
    """A store, SKU, supplier or customer, as people call it."""

    id: UUID
    code: str
    name: str


class Link(msgspec.Struct, frozen=True):
    """What a row leads to; of a kind of page, by id, and by code where its page goes by that."""

    kind: Target
    id: UUID | None
    code: str | None = None


class OnIt(msgspec.Struct, frozen=True):
    """Who is on it, since and until when; `mine`: the caller."""

    name: str
    since: datetime
    until: datetime
    mine: bool


class CanDo(msgspec.Struct, frozen=True):
    """A call that does something about it. `needs`: what a person must say in its body.

    `many`, `many_path`: the call that does the same about a list, its `ids` in the body.
    """

    act: Deed
    operation: str
    method: str
    path: str
    needs: list[str]
    many: str | None
    many_path: str | None


class NoteShown(msgspec.Struct, frozen=True):
    """A note, and who wrote it."""

    id: UUID
    kind: Matter
    subject_id: UUID
    order_id: UUID | None
    text: str
    who: str
    at: datetime


class MatterShown(msgspec.Struct, frozen=True):
    """Something that waits for a person. `kind` and `id` name it.

    `what` happened, and what to do `next`, in the reader's language. `called`: an order's number or
    the like. `blocked`: why the caller can't do what others can.
    """

    kind: Matter
    id: UUID
    since: datetime
    due_at: datetime | None
    overdue: bool
    what: str
    next: str
    said: str
    called: str
    link: Link
    order_id: UUID | None
    store: Thing | None
    sku: Thing | None
    supplier: Thing | None
    customer: Thing | None
    amount: str | None
    quantity: int | None
    facts: dict[str, Any]
    who: OnIt | None
    notes_count: int
    last_note: NoteShown | None
    can: list[CanDo]
    blocked: str


class CountShown(msgspec.Struct, frozen=True):
    """How many of a kind there are, of these overdue, and due within half an hour."""

    kind: Matter
    count: int
    overdue: int
    soon: int


class DeskPage(msgspec.Struct, frozen=True):
    """Matters by deadline, those without one last by age. `total`: of the kinds asked for.

    `counts`: of every kind the caller may see, under the same filters.
    """

    rows: list[MatterShown]
    total: int
    counts: list[CountShown]
    next_after: str | None


class DeskCounts(msgspec.Struct, frozen=True):
    """What the badge tells: how many, of these overdue, and due within half an hour."""

    total: int
    overdue: int
    soon: int
    counts: list[CountShown]


class MatterName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the desk, by its kind and id."""

    kind: Matter
    id: UUID


class ClaimBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows to be on, or to stay on; `take_over`: from whoever is, which is written down."""

    rows: Annotated[tuple[MatterName, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]
    take_over: bool = False


class LeaveBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows to be on no more."""

    rows: Annotated[tuple[MatterName, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]


class Left(msgspec.Struct, frozen=True):
    """How many rows the caller was on, and is no more."""

    left: int


class ClaimShown(msgspec.Struct, frozen=True):
    """What came of a row: who is on it now, and why it isn't the caller."""

    kind: Matter
    id: UUID
    who: OnIt | None
    problem: ProblemDetail | None


class ClaimList(msgspec.Struct, frozen=True):
    """One outcome for each row, in the order asked; `claimed`: how many are the caller's."""

    claimed: int
    outcomes: list[ClaimShown]


class NoteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text about each of some rows. No card: one of ours is refused."""

    rows: Annotated[tuple[MatterName, ...], msgspec.Meta(min_length=1, max_length=ROWS_MAX)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX, pattern=r"\S")]

    def __repr__(self) -> str:
        """Hide it: it may have been a card."""
        return "NoteBody(•••)"


class NotedShown(msgspec.Struct, frozen=True):
    """What came of a row: its new note, or why there is none."""

    kind: Matter
    id: UUID
    note: NoteShown | None
    problem: ProblemDetail | None


class NotedList(msgspec.Struct, frozen=True):
    """One outcome for each row, in the order asked; `noted`: of how many."""

    noted: int
    outcomes: list[NotedShown]


class NoteList(msgspec.Struct, frozen=True):
    """Notes, the latest first."""

    notes: list[NoteShown]
