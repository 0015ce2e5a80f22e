"""Suppliers' statements, matched."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "statements_0013.sql").read_text())
