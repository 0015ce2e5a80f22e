"""The exception desk: who is on what."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "desk_0020.sql").read_text())
