"""Stores are linked to platforms: connections, listings, their orders and refunds."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.execute((Path(__file__).parent / "channels_0004.sql").read_text())
