"""About: what the desk says of each kind of matter, and what may be done about it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from kashu.access.permissions import Permission


class Target(StrEnum):
    """What a row, or something that was found, leads to."""

    ORDER = "order"
    APPROVAL = "approval"  # of orders or a refund above a limit
    SHOP_ORDER = "shop_order"
    SHOP_REFUND = "shop_refund"
    STORE = "store"
    MAPPING = "mapping"  # of a store's listings
    PILOT = "pilot"  # of a store
    PURCHASE = "purchase"
    SUPPLIER_ORDER = "supplier_order"
    STATEMENT = "statement"
    MOVEMENT = "movement"
    OFFER = "offer"
    PRICES = "prices"  # of a SKU
    SUPPLIER = "supplier"
    SKU = "sku"
    LOT = "lot"
    CARD = "card"
    CUSTOMER = "customer"
    HEALTH = "health"


class Deed(StrEnum):
    """What a person may do about a matter, as the console's buttons name it."""

    TRY_AGAIN = "try_again"
    HAND_OVER = "hand_over"
    RELEASE = "release"
    TAKE_OVER = "take_over"
    GIVE_UP = "give_up"
    ENTER_ACCOUNT = "enter_account"
    TELL_TOPPED_UP = "tell_topped_up"
    BUY_AGAIN = "buy_again"
    CORRECT_ACCOUNT = "correct_account"
    WANT = "want"
    REFUND = "refund"
    BOOK = "book"
    DISMISS = "dismiss"
    AUTHORIZE = "authorize"
    ACKNOWLEDGE = "acknowledge"
    APPROVE = "approve"
    REFUSE = "refuse"
    SUBMIT = "submit"
    CANCEL = "cancel"
    ASK = "ask"
    PLACE = "place"
    BOUGHT = "bought"
    NOT_BOUGHT = "not_bought"
    RESOLVE = "resolve"
    PAY = "pay"
    POST = "post"
    SEE = "see"
    RECONNECT = "reconnect"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Act:
    """A call that does something about one matter, and the one that does it about many."""

    deed: Deed
    operation: str
    method: str
    path: str  # {id} and the like stand for what the matter is of
    permission: Permission
    needs: tuple[str, ...] = ()  # what a person must say in the body
    many: str = ""  # the operation that takes a list …
    many_path: str = ""
    people_only: bool = False  # a program's key may not
    by_another: bool = False  # not who asked for it
    only_with: str = ""  # a fact that must be there


@dataclass(frozen=True, slots=True)
class About:
    """A kind of matter. Texts are templates over its facts: see words.py."""

    see: Permission
    what: tuple[str, str]  # Chinese, English: what happened
    then: tuple[str, str]  # what to do next
    target: Target
    target_id: str = "id"  # the column of what it leads to
    acts: tuple[Act, ...] = ()
    within: timedelta | None = None  # where nobody says by when: so long after it began

    @property
    def act_permissions(self) -> frozenset[Permission]:
        """What whoever does something about it needs one of; to claim it, too."""
        return frozenset(act.permission for act in self.acts) or frozenset({self.see})


_SHOP_ORDER: Final = "/v1/shop-orders/{id}"

TRY_AGAIN: Final = Act(
    Deed.TRY_AGAIN,
    "tryShopOrderAgain",
    "POST",
    f"{_SHOP_ORDER}/try-again",
    Permission.ORDERS_WRITE,
    many="tryShopOrdersAgain",
    many_path="/v1/shop-orders/try-again",
)
HAND_OVER: Final = Act(
    Deed.HAND_OVER,
    "handShopOrderOver",
    "POST",
    f"{_SHOP_ORDER}/handed-over",
    Permission.ORDERS_WRITE,
    many="handShopOrdersOver",
    many_path="/v1/shop-orders/handed-over",
    only_with="order_id",
)
RELEASE: Final = Act(
    Deed.RELEASE,
    "releaseShopOrders",
    "POST",
    "/v1/shop-orders/release",
    Permission.ORDERS_WRITE,
    needs=("ids",),
    many="releaseShopOrders",
    many_path="/v1/shop-orders/release",
)
TAKE_OVER: Final = Act(
    Deed.TAKE_OVER,
    "releaseShopOrders",
    "POST",
    "/v1/shop-orders/release",
    Permission.ORDERS_WRITE,
    needs=("ids", "take_over"),
    many="releaseShopOrders",
    many_path="/v1/shop-orders/release",
)
GIVE_UP: Final = Act(
    Deed.GIVE_UP,
    "giveShopOrderUp",
    "POST",
    f"{_SHOP_ORDER}/give-up",
    Permission.ORDERS_REFUND,
    needs=("why",),
    only_with="asked",
)
ENTER_ACCOUNT: Final = Act(
    Deed.ENTER_ACCOUNT,
    "enterAccount",
    "PUT",
    f"{_SHOP_ORDER}/account",
    Permission.ORDERS_WRITE,
    needs=("account",),
)
TELL_TOPPED_UP: Final = Act(
    Deed.TELL_TOPPED_UP,
    "tellToppedUp",
    "POST",
    f"{_SHOP_ORDER}/topped-up",
    Permission.ORDERS_WRITE,
)
BUY_AGAIN: Final = Act(
    Deed.BUY_AGAIN,
    "buyForLine",
    "POST",
    "/v1/orders/{order_id}/lines/{line}/buy",
    Permission.ORDERS_WRITE,
    only_with="buying",
)
CORRECT_ACCOUNT: Final = Act(
    Deed.CORRECT_ACCOUNT,
    "correctLineAccount",
    "PUT",
    "/v1/orders/{order_id}/lines/{line}/account",
    Permission.ORDERS_WRITE,
    needs=("account",),
)
WANT: Final = Act(
    Deed.WANT,
    "wantPurchase",
    "POST",
    "/v1/purchases",
    Permission.PURCHASES_WRITE,
    needs=("sku", "quantity", "warehouse"),
)
REFUND: Final = Act(
    Deed.REFUND,
    "refundOrder",
    "POST",
    "/v1/orders/{order_id}/refunds",
    Permission.ORDERS_REFUND,
    needs=("refund_id",),
)
