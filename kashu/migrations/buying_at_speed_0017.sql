-- What may still be called back is looked through with each batch that is bought: without walking
-- through all that was ever bought.
CREATE INDEX topups_not_ordered ON purchases.purchases (tenant_id, id)
 WHERE cause = 'topup' AND state IN ('asked', 'draft', 'held', 'wanted');
