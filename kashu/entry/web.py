"""The web interface: the table of contents of every module's routes, and the frame around them."""

import time
from typing import Final

from litestar import Litestar, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from sqlalchemy import text

from kashu.access import api as access
from kashu.access import api_events, api_me, api_second_factor, api_shop, api_sign_in, api_views
from kashu.access.guards import BODY_MAX, PUBLIC, Authentication
from kashu.access.keyring import Keyrings
from kashu.access.site import site_of
from kashu.catalog import api as catalog
from kashu.channels import api as channels
from kashu.channels import api_channels, api_connections, api_stop
from kashu.channels import api_listings as api_fetch_listings
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.core.ids import new_id
from kashu.customers import api as customers
from kashu.delivery import api as delivery
from kashu.delivery import api_accounts, api_asked, api_by_hand, api_release, api_topups
from kashu.desk import api as desk
from kashu.desk import api_cards as desk_cards
from kashu.desk import api_people as desk_people
from kashu.desk import api_personal, api_search, api_which
from kashu.downstream import api as downstream
from kashu.downstream import api_dialects, api_goods, api_logins, api_moves
from kashu.entry import audit, console, join, lately, live, openapi, order_files, system
from kashu.entry.access_log import AccessLog
from kashu.entry.express import Express
from kashu.entry.means import Means, dependencies, gather
from kashu.entry.problems import answer
from kashu.entry.requests import StrictRequest, read_form
from kashu.entry.settings import Settings
from kashu.ledger import api as ledger
from kashu.orders import api as orders
from kashu.orders import (
    api_held,
    api_lines,
    api_listings,
    api_mapping,
    api_shop_refunds,
    api_shop_refunds_many,
    api_suggestions,
)
from kashu.orders import api_list as orders_list
from kashu.orders import api_story as orders_story
from kashu.orders import api_topups as api_bought_lines
from kashu.pilot import api_begin, api_compare
from kashu.purchases import api as purchases
from kashu.purchases import (
    api_approve_many,
    api_attempts,
    api_notices,
    api_quality,
    api_received,
    api_reorder,
    api_returns,
    api_rules,
    api_statements,
)
from kashu.reports import api as reports
from kashu.reports import api_capital, api_cockpit, api_profit_orders, api_proof
from kashu.stock import api as stock
from kashu.suppliers import api as suppliers
from kashu.suppliers import (
    api_alerts_many,
    api_balances,
    api_movements,
    api_offer_files,
    api_offer_mapping,
    api_offers,
    api_overview,
    api_papers,
    api_prepaid,
    api_price_rules,
    api_prices,
)
from kashu.suppliers import api_connections as api_supplier_connections
from kashu.webhooks import api as webhooks
from kashu.webhooks import api_deliveries

UPLOAD_MAX: Final = 200 << 20  # bytes; a handler that takes files sets it as its own limit

# Every module's routes. A handler needs a caller unless its `opt` is PUBLIC.
ROUTES: Final = (
    *access.routes,
    *api_sign_in.routes,
    *api_second_factor.routes,
    *api_me.routes,
    *api_views.routes,
    *api_shop.routes,
    *api_events.routes,
    *live.routes,
    *system.routes,
    *audit.routes,
    *lately.routes,
    *catalog.routes,
    *channels.routes,
    *api_channels.routes,
    *api_stop.routes,
    *api_connections.routes,
    *api_fetch_listings.routes,
    *customers.routes,
    *suppliers.routes,
    *api_supplier_connections.routes,
    *api_offers.routes,
    *api_offer_mapping.routes,
    *api_offer_files.routes,
    *api_prices.routes,
    *api_overview.routes,
    *api_price_rules.routes,
    *purchases.routes,
    *api_rules.routes,
    *api_reorder.routes,
    *api_attempts.routes,
    *api_notices.routes,
    *api_received.routes,
    *api_returns.routes,
    *api_statements.routes,
    *api_quality.routes,
    *api_prepaid.routes,
    *api_movements.routes,
    *api_balances.routes,
    *api_papers.routes,
    *api_capital.routes,
    *ledger.routes,
    *stock.routes,
    *orders.routes,
    *orders_list.routes,
    *api_held.routes,
    *orders_story.routes,
    *order_files.routes,
    *api_suggestions.routes,
    *api_lines.routes,
    *api_bought_lines.routes,
    *api_listings.routes,
    *api_mapping.routes,
    *api_shop_refunds.routes,
    *delivery.routes,
    *api_asked.routes,
    *api_topups.routes,
    *api_accounts.routes,
    *api_release.routes,
    *api_by_hand.routes,
    *downstream.routes,
    *api_goods.routes,
    *api_moves.routes,
    *api_logins.routes,
    *api_dialects.routes,
    *webhooks.routes,
    *api_deliveries.routes,
    *reports.routes,
    *api_profit_orders.routes,
    *api_cockpit.routes,
    *api_proof.routes,
    *api_begin.routes,
    *api_compare.routes,
    *desk.routes,
    *desk_people.routes,
    *api_search.routes,
    *api_which.routes,
    *api_personal.routes,
    *desk_cards.routes,
    *api_shop_refunds_many.routes,
    *api_approve_many.routes,
    *api_alerts_many.routes,
)

# Source: OWASP Secure Headers Project. Answers of the API are never shown as a page.
_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"server", b"kashu"),  # or Granian would tell its own name
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ),
)
_HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")


@get("/healthz", operation_id="readHealth", opt=PUBLIC)
async def read_health(database: NamedDependency[Database]) -> dict[str, str]:
    """Say whether we and our database answer."""
    async with database.transaction(None) as tx:
        await tx.execute(text("SELECT 1"))
    return {"status": "ok"}


def make_app(database: Database, keyrings: Keyrings, settings: Settings) -> Litestar:
    """Join all modules' routes to one application on this database."""
    return app_with(gather(database, keyrings, settings), settings)


def app_with(means: Means, settings: Settings) -> Litestar:
    """Join all modules' routes to one application that works with these means."""
    https = (settings.public_url or "").startswith("https:")
    app = Litestar(
        route_handlers=[*ROUTES, read_health, *openapi.routes, *join.routes, *console.routes],
        dependencies=dependencies(means),
        middleware=[DefineMiddleware(Authentication, means=means)],
        exception_handlers={KashuError: answer, HTTPException: answer, Exception: answer},
        request_class=StrictRequest,
        before_request=read_form,
        request_max_body_size=BODY_MAX,
        openapi_config=openapi.CONFIG,
        state=State(
            {
                "secure_cookies": https,
                "site": site_of(settings.public_url, settings.port),
                "means": means,
                "live_lasts_s": live.LASTS_S,
            }
        ),
        logging_config=None,
    )
    app.on_shutdown.append(means.outside.http.close)
    express = Express(app.asgi_handler, means)
    log = AccessLog() if _wants_access_log(settings) else None
    app.asgi_handler = Frame(express, https=https, log=log)
    if log is not None:
        app.on_shutdown.append(log.write)
    return app


def _wants_access_log(settings: Settings) -> bool:
    return settings.access_log and settings.log_level in {"debug", "info"}


class Frame:
    """Around everything, the router's own refusals too: request ids, headers, the access log."""

    def __init__(self, app: ASGIApp, *, https: bool, log: AccessLog | None) -> None:
        """Stand around `app`."""
        self.inner = app
        self._headers = (*_HEADERS, _HTTPS_ONLY) if https else _HEADERS
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        began_at = time.perf_counter()
        request_id = new_id().hex
        scope["state"]["request_id"] = request_id
        own_headers = (*self._headers, (b"x-request-id", request_id.encode()))

        async def send_framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = {name for name, _ in message["headers"]}  # a page's own policy stands
                message["headers"] = [
                    *message["headers"],
                    *(header for header in own_headers if header[0] not in told),
                ]
                if self._log:
                    ms = round(1000 * (time.perf_counter() - began_at), 2)
                    method = str(scope.get("method", ""))
                    self._log.note(request_id, method, scope["path"], message["status"], ms)
            await send(message)

        await self.inner(scope, receive, send_framed)
