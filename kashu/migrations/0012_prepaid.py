"""Money with suppliers: deposits, balances, papers."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "prepaid_0012.sql").read_text())
