"""A SKU as a catalogue says it, and as its row keeps it."""

from collections.abc import Mapping
from typing import Any

from kashu.catalog.card_format import CardFormat
from kashu.catalog.drafts import Written
from kashu.catalog.entries import Sku
from kashu.core.money import format_amount


def row_of(sku: Sku) -> dict[str, Any]:
    """Lay an entry out as columns, except whose it is, whether it is sold, and its product."""
    redemption, card_format = sku.redemption, sku.card_format
    return {
        "code": sku.code,
        "name_zh": sku.name_zh,
        "name_en": sku.name_en,
        "period": sku.period.value,
        "days": sku.days,
        "terminal": sku.terminal.value,
        "account_type": sku.account_type.value,
        "fulfilment": sku.fulfilment.value,
        "face_value_e4": sku.face_value_e4,
        "face_value_verified": sku.face_value_verified,
        "face_value_as_of": sku.face_value_as_of,
        "returnable": sku.returnable,
        "shortage_policy": sku.shortage_policy.value,
        "card_pattern": card_format.number if card_format else None,
        "card_lengths": list(card_format.lengths) if card_format else [],
        "card_luhn": bool(card_format and card_format.luhn),
        "card_password": (card_format.password or None) if card_format else None,
        "card_password_optional": bool(card_format and card_format.password_optional),
        "steps_zh": list(redemption.steps_zh),
        "steps_en": list(redemption.steps_en),
        "devices_zh": redemption.devices_zh,
        "devices_en": redemption.devices_en,
        "validity_zh": redemption.validity_zh,
        "validity_en": redemption.validity_en,
        "redemption_url": redemption.url,
    }


def written_of(row: Mapping[str, Any]) -> Written:
    """Write a row as a catalogue would, so that it can be changed and judged by the same rules."""
    same = ("code", "name_zh", "name_en", "period", "days", "terminal", "account_type")
    written: Written = {name: row[name] for name in (*same, "fulfilment", "returnable")}
    written |= {
        "shortage_policy": row["shortage_policy"],
        "face_value": format_amount(row["face_value_e4"]),
        "face_value_as_of": row["face_value_as_of"],
        "redemption": redemption_of(row),
    }
    card_format = format_of(row)
    if card_format is not None:
        written["card_format"] = card_format
    return written


def redemption_of(row: Mapping[str, Any]) -> Written:
    """Write how a SKU is redeemed."""
    names = ("steps_zh", "steps_en", "devices_zh", "devices_en", "validity_zh", "validity_en")
    return {**{name: row[name] for name in names}, "url": row["redemption_url"]}


def format_of(row: Mapping[str, Any]) -> CardFormat | None:
    """Say what a SKU's cards look like; None: nothing is checked."""
    if row["card_pattern"] is None:
        return None
    return CardFormat(
        number=row["card_pattern"],
        lengths=tuple(row["card_lengths"]),
        password=row["card_password"] or "",
        password_optional=row["card_password_optional"],
        luhn=row["card_luhn"],
    )
