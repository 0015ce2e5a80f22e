-- Invariant 4: the books' inventory of each warehouse is its cards at cost: those that can be
-- given or are promised, and those quarantined straight from stock, until they are written off.
-- Reads a snapshot; takes no lock.
-- Adds up all transfers, whatever happened lately: it waits for the proof of everything.
WITH aside AS (  -- quarantined without having been anybody's; of a shared card, the free uses
    SELECT card.lot_id,
           sum(card.max_uses - (
               SELECT count(DISTINCT taken.use_number)
                 FROM stock.allocations AS taken
                WHERE taken.tenant_id = :tenant_id::bigint
                  AND taken.card_id = card.id
                  AND card.max_uses > 1
                  AND (taken.released_at IS NULL OR taken.revealed_at IS NOT NULL)
           )) AS units
      FROM stock.cards AS card
     WHERE card.tenant_id = :tenant_id::bigint
       AND card.state = 'quarantined'
       AND EXISTS (
               SELECT
                 FROM stock.moves AS move
                WHERE move.tenant_id = :tenant_id::bigint
                  AND move.card_id = card.id
                  AND move.from_state = 'available'
                  AND move.to_state = 'quarantined'
           )
     GROUP BY card.lot_id
), held AS MATERIALIZED (
    SELECT lot.warehouse_id, lot.currency,
           sum(lot.unit_cost_e4 * (lot.available + lot.reserved + coalesce(aside.units, 0)))
               AS held_e4
      FROM stock.lots AS lot
      LEFT JOIN aside ON aside.lot_id = lot.id
     WHERE lot.tenant_id = :tenant_id::bigint
     GROUP BY lot.warehouse_id, lot.currency
), pair AS MATERIALIZED (
    SELECT debit_account_id, credit_account_id, sum(amount_e4) AS amount_e4
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
     GROUP BY debit_account_id, credit_account_id
), side AS (
    SELECT debit_account_id AS account_id, amount_e4 FROM pair
     UNION ALL
    SELECT credit_account_id, -amount_e4 FROM pair
), booked AS (
    SELECT account.owner_id AS warehouse_id, account.currency, sum(side.amount_e4) AS booked_e4
      FROM side
      JOIN ledger.accounts AS account
        ON account.tenant_id = :tenant_id::bigint AND account.id = side.account_id
     WHERE account.kind = 'inventory'
     GROUP BY account.owner_id, account.currency
), compared AS MATERIALIZED (
    SELECT warehouse_id, currency, sum(held_e4) AS held_e4, sum(booked_e4) AS booked_e4
      FROM (
               SELECT warehouse_id, currency, held_e4, 0 AS booked_e4 FROM held
                UNION ALL
               SELECT warehouse_id, currency, 0, booked_e4 FROM booked
           ) AS total
     GROUP BY warehouse_id, currency
), broken AS (
    SELECT 'inventory_is_not_its_cards' AS rule, coalesce(warehouse_id::text, 'none') AS id,
           format('cards at cost are %s, booked %s ten-thousandths of %s', held_e4, booked_e4,
                  currency) AS says
      FROM compared
     WHERE held_e4 <> booked_e4
), capped AS (
    SELECT rule, id, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM compared) AS checked, capped.rule, capped.id, capped.says,
       capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
