"""What is ordered from suppliers, and each attempt."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "purchases_0011.sql").read_text())
