"""Second factors, preferences, saved views."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "second_factor_0019.sql").read_text())
