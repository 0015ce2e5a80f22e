-- The offers of some SKUs with what one unit of ours costs there, part by part, the best first.
-- No lock. Numbers are exact: numeric, divided by div(), which cuts towards zero.
WITH told AS (
    SELECT offer.*,
           offer.units::numeric AS per,  -- of ours for one of theirs
           supplier.code AS supplier,
           supplier.name AS supplier_name,
           supplier.fee_e4 AS fee_each_e4,
           supplier.fee_ppm,
           supplier.rebate_ppm,
           supplier.frozen_because,
           :stock_days::int + CASE supplier.settlement WHEN 'prepaid' THEN :prepaid_days::int
                                                       ELSE -supplier.settle_days END AS days,
           link.state AS link_state,
           coalesce(link.broken_until > :at::timestamptz, false) AND NOT :lasting::boolean AS broken,
           coalesce(link.breaks, 0) AS breaks,
           coalesce(quality.attempts, 0) AS attempts,
           quality.success_ppm,
           quality.p95_ms,
           -- Little known of a supplier counts as though 20 more orders had gone as usual.
           coalesce(quality.attempts::numeric * (1000000 - quality.success_ppm), 0)
               + 20 * :usual_failure_ppm::numeric AS failures,
           coalesce(quality.attempts::numeric * quality.invalid_ppm, 0)
               + 20 * :usual_invalid_ppm::numeric AS invalid,
           -- A whole list that was read later tells all that is in it, too.
           CASE WHEN offer.told IN ('polled', 'pushed') AND offer.state <> 'gone'
                THEN greatest(offer.seen_at, link.prices_ok_at)
                ELSE offer.seen_at END AS told_at,
           make_interval(secs => CASE WHEN offer.told IN ('file', 'hand') THEN :file_stale_s::int
                                      ELSE :stale_s::int END) AS fresh_for,
           (:quantity::int + offer.units - 1) / offer.units AS wanted,
           CASE WHEN offer.currency = 'CNY' THEN offer.unit_cost_e4::numeric
                ELSE div(offer.unit_cost_e4::numeric * rate.rate_e6 + 999999, 1000000)
           END AS cost,
           CASE WHEN offer.currency = 'CNY' THEN 1000000 ELSE rate.rate_e6 END AS rate_e6
      FROM suppliers.offers AS offer
      JOIN suppliers.suppliers AS supplier
        ON supplier.tenant_id = :tenant::bigint
       AND supplier.id = offer.supplier_id
      LEFT JOIN suppliers.connections AS link
        ON link.tenant_id = :tenant::bigint
       AND link.supplier_id = offer.supplier_id
      LEFT JOIN suppliers.quality AS quality
        ON quality.tenant_id = :tenant::bigint
       AND quality.supplier_id = offer.supplier_id
      LEFT JOIN suppliers.rates AS rate
        ON rate.tenant_id = :tenant::bigint
       AND rate.currency = offer.currency
     WHERE offer.tenant_id = :tenant::bigint
       AND offer.sku_id = ANY (:skus::uuid[])
),
parts AS (
    SELECT told.*,
           div(cost + per - 1, per) AS price_e4,
           div(fee_each_e4 * 1000000 + cost * fee_ppm + 1000000 * per - 1, 1000000 * per)
               AS fee_part_e4,
           div(cost * rebate_ppm, 1000000 * per) AS rebate_e4,
           div(
               failures * :failure_cost_e4::numeric * per
                   + invalid * (cost + :invalid_cost_e4::numeric * per) * :quantity::numeric
                   + (attempts + 20) * 1000000::numeric * per * :quantity::numeric - 1,
               (attempts + 20) * 1000000::numeric * per * :quantity::numeric
           ) AS risk_e4,
           div(
               cost * :capital_ppm::numeric * days
                   + CASE WHEN days > 0 THEN 365000000::numeric * per - 1 ELSE 0 END,
               365000000::numeric * per
           ) AS capital_e4,
           array_remove(ARRAY[
               CASE WHEN state = 'held' THEN 'held' END,
               CASE WHEN state = 'gone' THEN 'gone' END,
               CASE WHEN NOT on_sale THEN 'off_sale' END,
               CASE WHEN NOT in_stock OR stock <= 0 THEN 'sold_out' END,
               CASE WHEN unit_cost_e4 IS NULL THEN 'no_price' END,
               CASE WHEN unit_cost_e4 IS NOT NULL AND cost IS NULL THEN 'no_rate' END,
               CASE WHEN told_at < :at::timestamptz - fresh_for THEN 'stale' END,
               CASE WHEN in_stock AND stock > 0 AND stock < wanted THEN 'too_few' END,
               CASE WHEN wanted < least THEN 'below_least' END,
               CASE WHEN frozen_because IS NOT NULL THEN 'frozen' END,
               CASE WHEN link_state IS NULL THEN 'not_connected' END,
               CASE WHEN link_state = 'stopped' THEN 'stopped' END,
               CASE WHEN link_state = 'locked_out' THEN 'locked_out' END,
               CASE WHEN broken THEN 'broken' END
           ], NULL) AS why_not
      FROM told
),
totals AS (
    SELECT parts.*,
           price_e4 + fee_part_e4 - rebate_e4 + risk_e4 + capital_e4 AS total_e4
      FROM parts
),
ranked AS (
    SELECT totals.*,
           row_number() OVER (
               PARTITION BY sku_id
                   ORDER BY cardinality(why_not) = 0 DESC,
                            total_e4 NULLS LAST,
                            success_ppm DESC NULLS LAST,
                            told_at DESC,
                            supplier,
                            ref
           ) AS rank
      FROM totals
)
SELECT sku_id,
       rank,
       id AS offer_id,
       supplier_id,
       supplier,
       supplier_name,
       ref,
       title,
       goods,
       units,
       unit_cost_e4,
       currency,
       rate_e6,
       stock,
       least,
       most,
       wanted,
       told_at AS seen_at,
       breaks,
       attempts,
       success_ppm,
       p95_ms,
       price_e4::bigint,
       fee_part_e4::bigint AS fee_e4,
       rebate_e4::bigint,
       risk_e4::bigint,
       capital_e4::bigint,
       total_e4::bigint,
       why_not,
       :quantity::int AS quantity
  FROM ranked
 WHERE rank <= :best::int
 ORDER BY sku_id, rank
