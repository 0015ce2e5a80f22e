"""Bundles, and accounts to be topped up that buyers typed."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "mapping_0008.sql").read_text())
