-- Agents' wallets are what their account in the books says, less what they wait for; and no agent owes
-- more than its credit. Reads a snapshot; takes no lock. Adds up all transfers of wallets: it waits for
-- the proof of everything.
WITH account AS MATERIALIZED (
    SELECT account.id, account.owner_id
      FROM ledger.accounts AS account
      JOIN customers.agents AS agent
        ON agent.tenant_id = :tenant_id::bigint AND agent.customer_id = account.owner_id
     WHERE account.tenant_id = :tenant_id::bigint
       AND account.kind = 'wallet'
), posted AS MATERIALIZED (
    SELECT account.owner_id AS customer_id,
           sum(CASE WHEN t.credit_account_id = account.id THEN t.amount_e4
                    ELSE -t.amount_e4 END) AS has_e4
      FROM ledger.transfers AS t
      JOIN account ON account.id IN (t.debit_account_id, t.credit_account_id)
     WHERE t.tenant_id = :tenant_id::bigint
     GROUP BY account.owner_id
), waiting AS MATERIALIZED (
    SELECT "order".customer_id, sum(line.unearned_e4) AS unearned_e4
      FROM orders.orders AS "order"
      JOIN orders.lines AS line
        ON line.tenant_id = :tenant_id::bigint AND line.order_id = "order".id
      JOIN customers.agents AS agent
        ON agent.tenant_id = :tenant_id::bigint AND agent.customer_id = "order".customer_id
     WHERE "order".tenant_id = :tenant_id::bigint
     GROUP BY "order".customer_id
), broken AS (
    SELECT 'agent_wallet_is_not_what_was_posted' AS rule, agent.customer_id::text AS id,
           format('wallet %s, books %s, waiting %s', agent.wallet_e4,
                  coalesce(posted.has_e4, 0), coalesce(waiting.unearned_e4, 0)) AS says
      FROM customers.agents AS agent
      LEFT JOIN posted USING (customer_id)
      LEFT JOIN waiting USING (customer_id)
     WHERE agent.tenant_id = :tenant_id::bigint
       AND agent.wallet_e4 <> coalesce(posted.has_e4, 0) - coalesce(waiting.unearned_e4, 0)
     UNION ALL
    SELECT 'agent_owes_more_than_its_credit', agent.customer_id::text,
           format('wallet %s, credit %s', agent.wallet_e4, agent.credit_max_e4)
      FROM customers.agents AS agent
     WHERE agent.tenant_id = :tenant_id::bigint
       AND agent.wallet_e4 + agent.credit_max_e4 < 0
), capped AS (
    SELECT rule, id, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM customers.agents WHERE tenant_id = :tenant_id::bigint) AS checked,
       capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
