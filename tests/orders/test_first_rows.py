"""Orders before their table was analyzed: the planner goes by the width of their rows."""

import psycopg


def test_an_order_is_looked_up_by_its_key_while_the_planner_knows_none(owner_url: str) -> None:
    """As PostgreSQL itself asks for each new line, in a plan that a session keeps.

    A row that is wider by one more text would be planned as one of a merchant's only rows; then any
    index of the merchant's orders looks as good as the key, and each look reads all of them.
    """
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid = 'orders.orders'::regclass"
        )
        connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        connection.execute(
            "PREPARE its_order (bigint, uuid) AS SELECT 1 FROM ONLY orders.orders AS x"
            " WHERE tenant_id = $1 AND id = $2 FOR KEY SHARE OF x"
        )
        plan = connection.execute("EXPLAIN EXECUTE its_order (NULL, NULL)").fetchall()
        connection.rollback()
    assert any("orders_key" in line for (line,) in plan), plan
