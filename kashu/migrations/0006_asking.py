"""Orders that platforms ask us for: what is kept to answer them with."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables and columns."""
    op.execute((Path(__file__).parent / "asking_0006.sql").read_text())
