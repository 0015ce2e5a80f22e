"""Purchases in other currencies: at what rate, and an account that exchanges one for the other."""

from pathlib import Path

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Run its statements."""
    op.execute((Path(__file__).parent / "exchange_0026.sql").read_text())
