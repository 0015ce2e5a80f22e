-- Put newly sealed texts in place of the old. The rows were locked by reseal_next.sql.
UPDATE stock.cards
   SET sealed = fresh.sealed, key_version = :version::integer
  FROM unnest(:cards::uuid[], :sealed::bytea[]) AS fresh(id, sealed)
 WHERE cards.tenant_id = :tenant::bigint
   AND cards.id = fresh.id
