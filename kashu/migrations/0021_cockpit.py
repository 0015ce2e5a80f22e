"""What the cockpit reads: the pulse of sales, and notes on its time axis."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "cockpit_0021.sql").read_text())
