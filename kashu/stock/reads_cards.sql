-- Some cards as a screen shows them, masked. Takes no lock.
SELECT card.id, card.sku_id, card.lot_id, lot.warehouse_id, lot.supplier_id, card.state,
       card.tail, card.max_uses, lot.shared, lot.state = 'frozen' AS frozen,
       lot.sold_elsewhere, lot.expires_on, lot.unit_cost_e4, card.reservation_id, held.line_id, held.allocated_at, held.revealed_at
  FROM stock.cards AS card
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = card.lot_id
  LEFT JOIN LATERAL (  -- a shared card's lines are many, and none of them is looked up
       SELECT line_id, allocated_at, revealed_at
         FROM stock.allocations
        WHERE tenant_id = :tenant::bigint
          AND card_id = card.id
          AND released_at IS NULL
          AND NOT lot.shared
       OFFSET 0
     ) AS held
    ON true
 WHERE card.tenant_id = :tenant::bigint
   AND card.id = ANY (:cards::uuid[])
