-- Take an import's cards and lots out again. Under hold() of the SKU, when none has left.
WITH uses_gone AS (
    DELETE FROM stock.free_uses
     USING stock.cards AS card
     WHERE free_uses.tenant_id = :tenant::bigint
       AND card.tenant_id = :tenant::bigint
       AND card.lot_id = ANY (:lots::uuid[])
       AND free_uses.card_id = card.id
), cards_gone AS (
    DELETE FROM stock.cards
     WHERE tenant_id = :tenant::bigint
       AND lot_id = ANY (:lots::uuid[])
)
DELETE FROM stock.lots
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:lots::uuid[])
