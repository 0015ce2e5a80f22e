-- Add to agents' wallets; who isn't an agent has none. The table refuses more than their credit.
-- Locks the agents, in order, so that two writers wait for each other in turn.
WITH agent AS MATERIALIZED (
    SELECT agents.customer_id, moved.amount_e4
      FROM customers.agents AS agents
      JOIN unnest(:customers::uuid[], :amounts::bigint[]) AS moved(customer_id, amount_e4)
        ON moved.customer_id = agents.customer_id
     WHERE agents.tenant_id = :tenant::bigint
     ORDER BY agents.customer_id
       FOR UPDATE OF agents
)
UPDATE customers.agents
   SET wallet_e4 = agents.wallet_e4 + agent.amount_e4
  FROM agent
 WHERE agents.tenant_id = :tenant::bigint
   AND agents.customer_id = agent.customer_id
RETURNING agents.customer_id
