"""Price alerts and how offers are compared."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "offers_0015.sql").read_text())
