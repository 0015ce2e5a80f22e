"""An empty database again, for the next test.

Truncating all tables makes all their files and indexes anew, although a test fills few of them:
that took longer than most tests. Here only rows that are there are deleted, by statements that
are planned once a run; checks of references are off meanwhile, as all rows go.
"""

import psycopg
from psycopg import sql

_OURS = """
    SELECT schemaname, tablename FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'procrastinate')
        AND tablename <> 'migrations' ORDER BY 1, 2
"""
_COUNTERS = """
    SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname <> 'procrastinate'
"""


class Emptier:
    """Empties one database, as a superuser, over a connection of its own."""

    def __init__(self, url: str) -> None:
        """Prepare what empties the database at `url`."""
        self._url = url
        self._connection = self._open()

    def _open(self) -> psycopg.Connection:
        connection = psycopg.connect(self._url, autocommit=True)
        tables = connection.execute(_OURS).fetchall()
        counters = connection.execute(_COUNTERS).fetchall()
        steps = [sql.SQL("DELETE FROM {};").format(sql.Identifier(*each)) for each in tables]
        steps += [
            sql.SQL("PERFORM setval({}, 1, false);").format(
                sql.Literal(sql.Identifier(*each).as_string())
            )
            for each in counters
        ]
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            sql.SQL("CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS {}").format(
                sql.Literal(sql.SQL("BEGIN {} END").format(sql.SQL(" ").join(steps)).as_string())
            )
        )
        return connection

    def __call__(self) -> None:
        """Delete all rows of the program's, and count from one again."""
        try:
            self._connection.execute("SELECT pg_temp.empty()")
        except psycopg.OperationalError:  # a test that is over cut all connections
            self._connection = self._open()
            self._connection.execute("SELECT pg_temp.empty()")

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
