-- Add SKUs to their products; with :replace, update those that differ. A SKU keeps its product, its
-- period, its fulfilment, and what the merchant decided: partial_allowed and state.
-- Locks the SKUs that are there, in order of code.
INSERT INTO catalog.skus AS ours (
       tenant_id, id, product_id, code, name_zh, name_en, period, days, terminal, account_type,
       fulfilment, face_value_e4, face_value_verified, face_value_as_of, returnable,
       shortage_policy, card_pattern, card_lengths, card_luhn, card_password,
       card_password_optional, steps_zh, steps_en, devices_zh, devices_en, validity_zh,
       validity_en, redemption_url)
SELECT :tenant::bigint, entry.id, product.id, entry.code, entry.name_zh, entry.name_en,
       entry.period, entry.days, entry.terminal, entry.account_type, entry.fulfilment,
       entry.face_value_e4, entry.face_value_verified, entry.face_value_as_of, entry.returnable,
       entry.shortage_policy, entry.card_pattern, entry.card_lengths, entry.card_luhn,
       entry.card_password, entry.card_password_optional, entry.steps_zh, entry.steps_en,
       entry.devices_zh, entry.devices_en, entry.validity_zh, entry.validity_en,
       entry.redemption_url
  FROM jsonb_to_recordset(:entries::jsonb) AS entry(
       id uuid, product text, code text, name_zh text, name_en text, period text, days integer,
       terminal text, account_type text, fulfilment text, face_value_e4 bigint,
       face_value_verified boolean, face_value_as_of date, returnable boolean,
       shortage_policy text, card_pattern text, card_lengths integer[], card_luhn boolean,
       card_password text, card_password_optional boolean, steps_zh text[], steps_en text[],
       devices_zh text, devices_en text, validity_zh text, validity_en text, redemption_url text)
  JOIN catalog.products AS product
    ON product.tenant_id = :tenant::bigint AND product.code = entry.product
 ORDER BY entry.code
    ON CONFLICT (tenant_id, code) DO UPDATE
   SET name_zh = excluded.name_zh,
       name_en = excluded.name_en,
       days = excluded.days,
       terminal = excluded.terminal,
       account_type = excluded.account_type,
       face_value_e4 = excluded.face_value_e4,
       face_value_verified = excluded.face_value_verified,
       face_value_as_of = excluded.face_value_as_of,
       returnable = excluded.returnable,
       shortage_policy = excluded.shortage_policy,
       card_pattern = excluded.card_pattern,
       card_lengths = excluded.card_lengths,
       card_luhn = excluded.card_luhn,
       card_password = excluded.card_password,
       card_password_optional = excluded.card_password_optional,
       steps_zh = excluded.steps_zh,
       steps_en = excluded.steps_en,
       devices_zh = excluded.devices_zh,
       devices_en = excluded.devices_en,
       validity_zh = excluded.validity_zh,
       validity_en = excluded.validity_en,
       redemption_url = excluded.redemption_url
 WHERE :replace::boolean
   AND (ours.name_zh, ours.name_en, ours.days, ours.terminal, ours.account_type,
        ours.face_value_e4, ours.face_value_verified, ours.face_value_as_of, ours.returnable,
        ours.shortage_policy, ours.card_pattern, ours.card_lengths, ours.card_luhn,
        ours.card_password, ours.card_password_optional, ours.steps_zh, ours.steps_en,
        ours.devices_zh, ours.devices_en, ours.validity_zh, ours.validity_en,
        ours.redemption_url)
       IS DISTINCT FROM
       (excluded.name_zh, excluded.name_en, excluded.days, excluded.terminal,
        excluded.account_type, excluded.face_value_e4, excluded.face_value_verified,
        excluded.face_value_as_of, excluded.returnable, excluded.shortage_policy,
        excluded.card_pattern, excluded.card_lengths, excluded.card_luhn, excluded.card_password,
        excluded.card_password_optional, excluded.steps_zh, excluded.steps_en,
        excluded.devices_zh, excluded.devices_en, excluded.validity_zh, excluded.validity_en,
        excluded.redemption_url)
RETURNING id, code
