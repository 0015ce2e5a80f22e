-- What is tied up with each supplier: stock at cost, money there, and how fast it turns. No lock.
-- Stock is what inventory holds: available, reserved, and held back before anybody had it.
WITH aside AS (  -- held back before anybody had them: of a shared card, its free uses
    SELECT card.lot_id,
           sum(card.max_uses - (
               SELECT count(DISTINCT taken.use_number)
                 FROM stock.allocations AS taken
                WHERE taken.tenant_id = :tenant_id::bigint
                  AND taken.card_id = card.id
                  AND card.max_uses > 1
                  AND (taken.released_at IS NULL OR taken.revealed_at IS NOT NULL)
           )) AS units
      FROM stock.lots AS lot
      JOIN stock.cards AS card
        ON card.tenant_id = :tenant_id::bigint AND card.lot_id = lot.id
     WHERE lot.tenant_id = :tenant_id::bigint
       AND lot.quarantined > 0
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
), held AS (
    SELECT lot.supplier_id, lot.unit_cost_e4, lot.received_at, lot.expires_on,
           lot.available + lot.reserved + coalesce(aside.units, 0) AS units
      FROM stock.lots AS lot
      LEFT JOIN aside
        ON aside.lot_id = lot.id
     WHERE lot.tenant_id = :tenant_id::bigint
       AND lot.currency = :currency::text
       AND lot.available + lot.reserved + lot.quarantined > 0
), stock AS (
    SELECT supplier_id,
           sum(unit_cost_e4 * units) AS stock_e4,
           sum(unit_cost_e4 * units)
               FILTER (WHERE received_at < :at::timestamptz - interval '90 days') AS old_e4,
           sum(unit_cost_e4 * units)
               FILTER (WHERE expires_on <= :today::date + 30) AS expiring_e4,
           sum(units) AS units
      FROM held
     GROUP BY supplier_id
), money AS (
    SELECT d.supplier_id,
           sum(d.prepaid_debit_e4 - d.prepaid_credit_e4) AS prepaid_e4,
           sum(d.in_doubt_debit_e4 - d.in_doubt_credit_e4) AS in_doubt_e4,
           sum(d.recoveries_debit_e4 - d.recoveries_credit_e4) AS recoveries_e4,
           sum(d.payable_credit_e4 - d.payable_debit_e4) AS payable_e4
      FROM ledger.supplier_days AS d
     WHERE d.tenant_id = :tenant_id::bigint
       AND d.currency = :currency::text
     GROUP BY d.supplier_id
), sold AS (
    SELECT daily.supplier_id, sum(daily.debit_e4 - daily.credit_e4) AS cost_e4
      FROM ledger.daily AS daily
     WHERE daily.tenant_id = :tenant_id::bigint
       AND daily.currency = :currency::text
       AND daily.kind = 'cost_of_goods'
       AND daily.posted_on > :today::date - :days::integer
       AND daily.supplier_id IS NOT NULL
     GROUP BY daily.supplier_id
)
SELECT s.id AS supplier_id, s.code, s.name,
       coalesce(stock.stock_e4, 0)::bigint AS stock_e4, coalesce(stock.units, 0)::bigint AS units,
       coalesce(stock.old_e4, 0)::bigint AS old_e4,
       coalesce(stock.expiring_e4, 0)::bigint AS expiring_e4,
       coalesce(money.prepaid_e4, 0)::bigint AS prepaid_e4,
       coalesce(money.in_doubt_e4, 0)::bigint AS in_doubt_e4,
       coalesce(money.recoveries_e4, 0)::bigint AS recoveries_e4,
       coalesce(money.payable_e4, 0)::bigint AS payable_e4,
       coalesce(sold.cost_e4, 0)::bigint AS sold_e4
  FROM suppliers.suppliers AS s
  LEFT JOIN stock
    ON stock.supplier_id = s.id
  LEFT JOIN money
    ON money.supplier_id = s.id
  LEFT JOIN sold
    ON sold.supplier_id = s.id
 WHERE s.tenant_id = :tenant_id::bigint
 ORDER BY s.code
