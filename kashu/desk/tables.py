"""What the desk keeps itself: who is on what, and what was noted. Matters are read, not kept."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, DateTime, Text, Uuid, func

from kashu.core.schema import index, of_a_tenant, tenant_table

# Who is on a matter, until when. One at a time: by the key.
claims: Final = tenant_table(
    "desk",
    "claims",
    Column("kind", Text(), nullable=False),  # a Matter
    Column("subject_id", Uuid(), nullable=False),  # of whatever module it is
    Column("actor", Text(), nullable=False),
    Column("claimed_at", DateTime(timezone=True), nullable=False),
    Column("until_at", DateTime(timezone=True), nullable=False),
    Column("taken_from", Text()),  # whoever was on it before, and was asked to leave it
    index("claims_by_end", "until_at"),
    of_a_tenant("claim_knows_its_tenant"),
    CheckConstraint("claimed_at < until_at", name="claim_ends_after_it_began"),
    key=("kind", "subject_id"),
)

# What people wrote about a subject, for whoever comes next. Never changed.
notes: Final = tenant_table(
    "desk",
    "notes",
    Column("kind", Text(), nullable=False),  # the Matter that it was written at
    Column("subject_id", Uuid(), nullable=False),
    Column("order_id", Uuid()),  # of ours, where the matter was of one
    Column("text", Text(), nullable=False),
    Column("actor", Text(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    index("notes_of_a_subject", "subject_id", "at"),
    index("notes_of_an_order", "order_id", "at", where="order_id IS NOT NULL"),
    of_a_tenant("note_knows_its_tenant"),
    CheckConstraint("text <> ''", name="note_says_something"),
    append_only=True,
)
