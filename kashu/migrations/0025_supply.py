"""What the pages of purchases, suppliers and stores need."""

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Run its statements."""
    op.execute((Path(__file__).parent / "supply_0025.sql").read_text())
