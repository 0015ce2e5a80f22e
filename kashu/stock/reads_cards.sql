-- Some cards as a screen shows them, masked. Takes no lock.
SELECT card.id, card.sku_id, card.lot_id, lot.warehouse_id, lot.supplier_id, card.state,
       card.tail, card.max_uses, lot.shared, lot.state = 'frozen' AS frozen, lot.expires_on,
       lot.unit_cost_e4, card.reservation_id, held.line_id, held.allocated_at, held.revealed_at
  FROM stock.cards AS card
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = card.lot_id
  LEFT JOIN stock.allocations AS held  -- a shared card's lines are many: see its history
    ON held.tenant_id = :tenant::bigint AND held.card_id = card.id
   AND held.released_at IS NULL AND card.max_uses = 1
 WHERE card.tenant_id = :tenant::bigint
   AND card.id = ANY (:cards::uuid[])
