"""What buying at speed needs."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the index."""
    op.execute((Path(__file__).parent / "buying_at_speed_0017.sql").read_text())
