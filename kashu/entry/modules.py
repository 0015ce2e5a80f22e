"""Every module with tables, so that the schema is whole whichever edge starts; what joins them."""

from kashu.access import tables as access
from kashu.catalog import tables as catalog
from kashu.channels import tables as channels
from kashu.core import events as core
from kashu.core import untold as core_untold
from kashu.customers import tables as customers
from kashu.desk import tables as desk
from kashu.downstream import tables as downstream
from kashu.ledger import tables as ledger
from kashu.orders import tables as orders
from kashu.orders.give_bought import give_bought
from kashu.pilot import tables as pilot
from kashu.purchases import tables as purchases
from kashu.purchases import tables_quality as purchase_quality
from kashu.purchases import tables_rules as purchase_rules
from kashu.purchases import tables_statements as statements
from kashu.purchases.give import on_arrival
from kashu.reports import tables as reports
from kashu.stock import tables as stock
from kashu.suppliers import tables as suppliers
from kashu.suppliers import tables_prepaid as prepaid
from kashu.webhooks import tables as webhooks

MODULES = (
    access,
    core,
    core_untold,
    catalog,
    channels,
    customers,
    suppliers,
    prepaid,
    ledger,
    stock,
    purchases,
    purchase_quality,
    statements,
    purchase_rules,
    orders,
    downstream,
    pilot,
    reports,
    desk,
    webhooks,
)

on_arrival(give_bought)  # what was bought for an order's line is its own as it comes
