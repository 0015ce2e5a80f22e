"""Orders are found by what was sold, by whose they are, by what went back, and by their total."""

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Make the indexes."""
    op.execute((Path(__file__).parent / "orders_listed_0022.sql").read_text())
