"""Rules of buying and routing."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "buying_0016.sql").read_text())
