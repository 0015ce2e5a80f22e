"""Other programs are told what happened."""

from pathlib import Path

from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Run its statements."""
    op.execute((Path(__file__).parent / "webhooks_0029.sql").read_text())
