"""How tables are declared: each has a tenant, and every key starts with it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.sql.schema import SchemaItem

metadata: Final = MetaData()


def tenant_table(
    schema: str,
    name: str,
    *items: SchemaItem,
    key: Iterable[str] = ("id",),
    append_only: bool = False,
    fillfactor: int | None = None,
) -> Table:
    """Declare `schema.name` with a tenant_id, and the primary key (tenant_id, *key).

    `append_only`: the program's role may not change or delete its rows; see migrate.py.
    `fillfactor`: how full pages are written, where rows change in place (HOT).
    """
    key = tuple(key)
    identity = [Column("id", Uuid(), nullable=False)] if key == ("id",) else []
    return Table(
        name,
        metadata,
        Column("tenant_id", BigInteger(), nullable=False),
        *identity,
        *items,
        PrimaryKeyConstraint("tenant_id", *key, name=f"{name}_key"),
        schema=schema,
        info={"append_only": append_only},
        postgresql_with={} if fillfactor is None else {"fillfactor": str(fillfactor)},
    )


def one_of(column: str, states: type[StrEnum], name: str) -> CheckConstraint:
    """Only these values. `name` is a sentence, since it appears in error logs."""
    values = ", ".join(f"'{state.value}'" for state in states)
    return CheckConstraint(f"{column} IN ({values})", name=name)


def belongs_to(column: str, target: str, name: str) -> ForeignKeyConstraint:
    """(tenant_id, column) refers to (tenant_id, id) of `target`, such as "stock.lots"."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"{target}.tenant_id", f"{target}.id"], name=name
    )


def unique(name: str, *columns: str, where: str | None = None, nulls_equal: bool = False) -> Index:
    """No two rows alike in (tenant_id, *columns)."""
    return Index(
        name,
        "tenant_id",
        *columns,
        unique=True,
        postgresql_where=None if where is None else text(where),
        postgresql_nulls_not_distinct=nulls_equal or None,
    )


def index(name: str, *columns: str, where: str | None = None) -> Index:
    """Find rows by (tenant_id, *columns)."""
    condition = None if where is None else text(where)
    return Index(name, "tenant_id", *columns, postgresql_where=condition)


def state_column(default: StrEnum) -> Column[str]:
    """A state, as text: a state can be added without rewriting a type."""
    return Column("state", Text(), nullable=False, server_default=default.value)


def of_a_tenant(name: str) -> ForeignKeyConstraint:
    """The tenant exists. For the tables that refer to no other; the rest inherit it from them."""
    return ForeignKeyConstraint(["tenant_id"], ["access.tenants.id"], name=name)
