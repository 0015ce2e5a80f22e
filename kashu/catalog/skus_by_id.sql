-- What orders and imports must know of some SKUs, in the order of Sku's fields.
SELECT id, code, name_zh, name_en, fulfilment, state, shortage_policy, partial_allowed, returnable,
       days, face_value_e4, currency, account_type
  FROM catalog.skus
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
