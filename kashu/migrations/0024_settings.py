"""What settings and system health need to remember."""

from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Run its statements."""
    op.execute((Path(__file__).parent / "settings_0024.sql").read_text())
