"""Suppliers are connected: our accounts there, their offers and prices."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "suppliers_0010.sql").read_text())
