"""Order lines that are topped up."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "topups_0014.sql").read_text())
