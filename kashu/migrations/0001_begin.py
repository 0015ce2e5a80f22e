"""Begin: the schema of the spine. The SQL is in the folder begin/, one file a module."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

# In the order of their references.
MODULES = (
    "access",
    "core",
    "catalog",
    "channels",
    "customers",
    "suppliers",
    "ledger",
    "stock",
    "orders",
)


def upgrade() -> None:
    """Make every table, index and constraint."""
    for module in MODULES:
        statements = (Path(__file__).parent / "begin" / f"{module}.sql").read_text()
        op.execute(statements)
