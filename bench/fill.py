"""Fill a shop quickly, past the verbs: random bytes where nobody will look, sealed where one will.

What is filled is consistent with what the verbs would have left: counters, heads, levels.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg

from bench.ground import Ground, Named, Shop
from kashu.core.clock import day_of, now
from kashu.core.ids import new_id, new_ids
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, account_id
from kashu.orders.intake import BATCH_ORDERS
from kashu.stock.recognise import normalise
from kashu.stock.secret import encode, mask

COST_E4: Final = 141_250

_HISTORY: Final = Path(__file__).with_name("history.sql")

_LOT: Final = """
    INSERT INTO stock.lots (tenant_id, id, sku_id, warehouse_id, supplier_id, unit_cost_e4,
                            expires_on, available)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_LEVEL: Final = (
    "INSERT INTO stock.levels (tenant_id, sku_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
)
_RANDOM_CARDS: Final = """
    INSERT INTO stock.cards (tenant_id, id, sku_id, lot_id, position, sealed, key_version,
                             blind_index, tail)
    SELECT %s, uuidv7(), %s, %s, n, decode(md5(n::text) || md5(%s || n), 'hex') || '\\x0123456789',
           1, sha256(convert_to(%s || n, 'UTF8')), lpad((n %% 10000)::text, 4, '0')
      FROM generate_series(1, %s) AS n
"""


def lot_of(ground: Ground, shop: Shop, sku: Named, number: int, count: int) -> UUID:
    """Write an empty lot that says it has `count` cards, and its SKU's level."""
    lot_id = new_id()
    supplier = shop.suppliers[number % len(shop.suppliers)]
    expires_on = day_of(now()) + timedelta(days=30 * (number + 1))
    ground.sql(_LEVEL, shop.tenant_id, sku.id)
    ground.sql(
        _LOT,
        shop.tenant_id,
        lot_id,
        sku.id,
        shop.warehouse_id,
        supplier.id,
        COST_E4 + 100 * number,
        expires_on,
        count,
    )
    return lot_id


def fill_unreadable(ground: Ground, shop: Shop, sku: Named, *, lots: int, cards: int) -> None:
    """Give a SKU `lots` lots with `cards` cards in all, sealed with random bytes."""
    each = cards // lots
    for number in range(lots):
        lot_id = lot_of(ground, shop, sku, number, each)
        seed = str(lot_id)
        ground.sql(_RANDOM_CARDS, shop.tenant_id, sku.id, lot_id, seed, seed, each)


async def fill_sealed(ground: Ground, shop: Shop, sku: Named, *, lots: int, cards: int) -> None:
    """Give a SKU `lots` lots with `cards` cards in all, sealed under the merchant's key."""
    async with shop.database.transaction(shop.tenant_id) as tx:
        keyring = await shop.keyrings.of(tx, shop.tenant_id)
    each = cards // lots
    for number in range(lots):
        lot_id = lot_of(ground, shop, sku, number, each)
        with (
            psycopg.connect(ground.server.url(role="postgres")) as connection,
            connection.cursor().copy(
                "COPY stock.cards (tenant_id, id, sku_id, lot_id, position, sealed, key_version,"
                " blind_index, tail) FROM STDIN"
            ) as copy,
        ):
            for position, card_id in enumerate(new_ids(each), start=1):
                written = f"{card_id.int % 10**16:016d}"
                secret = (written, f"pw{position:08d}", None)
                copy.write_row(
                    (
                        shop.tenant_id,
                        card_id,
                        sku.id,
                        lot_id,
                        position,
                        keyring.seal(encode(*secret), kind=sku.id, owner=card_id),
                        keyring.version,
                        keyring.blind_index(normalise(written)),
                        mask(*secret),
                    )
                )


def fill_history(ground: Ground, shop: Shop, issued: int) -> None:
    """Issue that many of the shop's cards, in batches as the engine's, past the verbs."""
    size = min(BATCH_ORDERS, max(1, issued // 20))
    assert issued % size == 0, issued
    make_accounts(ground, shop)
    with psycopg.connect(ground.server.url(role="postgres"), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(_HISTORY.read_bytes())
        connection.execute(
            "CALL pg_temp.issue(%s, %s, %s, 'history')", (shop.tenant_id, issued // size, size)
        )


def make_accounts(ground: Ground, shop: Shop) -> None:
    """Write the accounts that sales use, under the ids that the books will look for."""
    accounts = (
        Account(AccountKind.REVENUE),
        Account(AccountKind.COST_OF_GOODS),
        Account(AccountKind.INVENTORY, shop.warehouse_id),
        *(Account(AccountKind.RECEIVABLE, store.id) for store in shop.stores),
    )
    for account in accounts:
        ground.sql(
            "INSERT INTO ledger.accounts (tenant_id, id, kind, owner_id, currency)"
            " VALUES (%s, %s, %s, %s, 'CNY')",
            shop.tenant_id,
            account_id(shop.tenant_id, account),
            account.kind.value,
            account.owner_id,
        )


def settle(ground: Ground) -> None:
    """Give the planner its statistics, and write out what filling left behind."""
    ground.sql("VACUUM ANALYZE stock.cards, stock.lots, stock.levels")
    ground.sql("CHECKPOINT")


def today() -> date:
    """The merchant's day."""
    return day_of(now())
