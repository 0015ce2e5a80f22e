"""Agents who sell on what we have."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "downstream_0018.sql").read_text())
