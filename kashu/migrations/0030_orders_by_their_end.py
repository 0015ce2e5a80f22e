"""Orders are found by the end of their number, and those entered by hand by their buyer."""

from pathlib import Path

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Run its statements."""
    op.execute((Path(__file__).parent / "orders_by_their_end_0030.sql").read_text())
