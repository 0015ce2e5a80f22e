"""Brands, products, SKUs: a merchant's own, begun from the catalogue that ships."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy, SkuState
from kashu.core.schema import (
    belongs_to,
    index,
    of_a_tenant,
    one_of,
    state_column,
    tenant_table,
    unique,
)

brands: Final = tenant_table(
    "catalog",
    "brands",
    Column("code", Text(), nullable=False),
    Column("name_zh", Text(), nullable=False),
    Column("name_en", Text(), nullable=False),
    Column("colour", Text(), nullable=False, server_default="#0E7C66"),
    Column("initial", Text(), nullable=False, server_default=""),
    unique("brand_code_is_unique", "code"),
    of_a_tenant("brand_knows_its_tenant"),
)

products: Final = tenant_table(
    "catalog",
    "products",
    Column("brand_id", Uuid(), nullable=False),
    Column("code", Text(), nullable=False),
    Column("name_zh", Text(), nullable=False),
    Column("name_en", Text(), nullable=False),
    unique("product_code_is_unique", "code"),
    belongs_to("brand_id", "catalog.brands", "product_knows_its_brand"),
)

skus: Final = tenant_table(
    "catalog",
    "skus",
    Column("product_id", Uuid(), nullable=False),
    Column("code", Text(), nullable=False),
    Column("name_zh", Text(), nullable=False),
    Column("name_en", Text(), nullable=False),
    Column("period", Text(), nullable=False),
    Column("days", Integer(), nullable=False),  # of entitlement
    Column("terminal", Text(), nullable=False),  # phone | tv | all
    Column("account_type", Text(), nullable=False),
    Column("fulfilment", Text(), nullable=False),
    Column("face_value_e4", BigInteger(), nullable=False),
    Column("currency", Text(), nullable=False, server_default="CNY"),
    Column("face_value_verified", Boolean(), nullable=False, server_default="false"),
    Column("face_value_as_of", Date()),  # the brand's price on that day; NULL: nobody noted it
    Column("returnable", Boolean(), nullable=False),  # allocated, unseen → available again
    Column("partial_allowed", Boolean(), nullable=False, server_default="false"),
    Column("shortage_policy", Text(), nullable=False, server_default="wait"),
    Column("card_pattern", Text()),  # NULL: nothing is checked
    Column("card_lengths", ARRAY(Integer()), nullable=False, server_default="{}"),
    Column("card_luhn", Boolean(), nullable=False, server_default="false"),
    Column("card_password", Text()),  # a pattern; NULL: these cards have no password
    Column("card_password_optional", Boolean(), nullable=False, server_default="false"),
    Column("steps_zh", ARRAY(Text()), nullable=False, server_default="{}"),
    Column("steps_en", ARRAY(Text()), nullable=False, server_default="{}"),
    Column("devices_zh", Text(), nullable=False, server_default=""),
    Column("devices_en", Text(), nullable=False, server_default=""),
    Column("redemption_url", Text()),
    Column("validity_zh", Text(), nullable=False, server_default=""),
    Column("validity_en", Text(), nullable=False, server_default=""),
    state_column(SkuState.ACTIVE),
    unique("sku_code_is_unique", "code"),
    belongs_to("product_id", "catalog.products", "sku_knows_its_product"),
    one_of("period", Period, "sku_period_is_known"),
    one_of("fulfilment", Fulfilment, "sku_fulfilment_is_known"),
    one_of("shortage_policy", ShortagePolicy, "sku_shortage_policy_is_known"),
    one_of("state", SkuState, "sku_state_is_known"),
    CheckConstraint("days > 0", name="sku_lasts_some_days"),
    CheckConstraint("face_value_e4 >= 0", name="sku_face_value_is_not_negative"),
)

# What a SKU of the fulfilment `bundle` is made of, in order of `place`; its parts are in stock.
bundle_parts: Final = tenant_table(
    "catalog",
    "bundle_parts",
    Column("bundle_id", Uuid(), nullable=False),
    Column("part_id", Uuid(), nullable=False),
    Column("place", Integer(), nullable=False),
    Column("units", Integer(), nullable=False),  # of the part in one of the bundle
    index("bundles_of_a_part", "part_id"),
    belongs_to("bundle_id", "catalog.skus", "part_knows_its_bundle"),
    belongs_to("part_id", "catalog.skus", "part_knows_its_sku"),
    CheckConstraint("units BETWEEN 1 AND 1000", name="part_is_of_a_sane_size"),
    CheckConstraint("bundle_id <> part_id", name="bundle_is_no_part_of_itself"),
    key=("bundle_id", "part_id"),
)
