-- Some lots as a screen shows them, in the order asked for. Takes no lock.
SELECT lot.id, lot.sku_id, lot.warehouse_id, lot.supplier_id, lot.import_id, lot.origin_lot_id,
       lot.unit_cost_e4, lot.currency, lot.expires_on, lot.received_at, lot.state,
       lot.frozen_reason, lot.shared, lot.available, lot.reserved, lot.allocated, lot.revealed,
       lot.redeemed, lot.quarantined, lot.void, lot.returned,
       CASE WHEN lot.expires_on IS NULL THEN 'none'
            WHEN lot.expires_on < :today::date THEN 'expired'
            WHEN lot.expires_on - :today::date <= 1 THEN 'within_1'
            WHEN lot.expires_on - :today::date <= 7 THEN 'within_7'
            WHEN lot.expires_on - :today::date <= 14 THEN 'within_14'
            WHEN lot.expires_on - :today::date <= 30 THEN 'within_30'
            WHEN lot.expires_on - :today::date <= 60 THEN 'within_60'
            ELSE 'later'
       END AS expiry,
       lot.expires_on - :today::date AS days_left,
       :today::date - (lot.received_at AT TIME ZONE :timezone::text)::date AS age_days
  FROM unnest(:lots::uuid[]) WITH ORDINALITY AS wanted(id, place)
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = wanted.id
 ORDER BY wanted.place
