"""What people ask for above a limit of the shop's waits for a second person."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make the tables, and an index anew."""
    op.execute((Path(__file__).parent / "held_orders_0023.sql").read_text())
