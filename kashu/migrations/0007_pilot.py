"""A store can be tried beside the old way: shadow, assisted, compared."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "pilot_0007.sql").read_text())
