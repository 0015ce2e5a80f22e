"""What links to platforms know of themselves."""

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "links_0009.sql").read_text())
