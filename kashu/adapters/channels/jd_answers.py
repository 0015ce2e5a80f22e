"""The shapes of JD's answers: only the fields that are read."""

import msgspec

from kashu.adapters.channels.jd_gateway import Number

ABSENT = msgspec.Raw(b"null")


class ApiResult(msgspec.Struct):
    """Whether the service behind the gateway did it: a word, or a text."""

    success: bool | str | None = None


class Search(msgspec.Struct):
    """Orders, and how many there are in all."""

    result: ApiResult | None = msgspec.field(default=None, name="apiResult")
    total: Number | None = msgspec.field(default=None, name="orderTotal")
    orders: list[msgspec.Raw] | None = msgspec.field(default=None, name="orderInfoList")


class SearchAnswer(msgspec.Struct):
    """Of pop.order.search."""

    search: Search = msgspec.field(name="searchorderinfo_result")


class Detail(msgspec.Struct):
    """One order."""

    result: ApiResult | None = msgspec.field(default=None, name="apiResult")
    order: msgspec.Raw = msgspec.field(default=ABSENT, name="orderInfo")


class DetailAnswer(msgspec.Struct):
    """Of pop.order.get."""

    detail: Detail = msgspec.field(name="orderDetailInfo")


class ShipmentAnswer(msgspec.Struct):
    """Of pop.order.shipment."""

    result: ApiResult = msgspec.field(name="sopjosshipment_result")


class Upload(msgspec.Struct):
    """Whether codes were taken."""

    is_success: bool | str | None = None


class UploadAnswer(msgspec.Struct):
    """Of pop.oto.checkNumbers.upload."""

    result: Upload


class WriteAnswer(msgspec.Struct):
    """Of the stock and price writes: beside `code`, `success` was seen, and isn't documented."""

    success: bool | str | None = None


class Refunds(msgspec.Struct, rename="camel"):
    """Refunds, and how many there are in all."""

    success: bool | str | None = None
    total_count: Number | None = None
    result: list[msgspec.Raw] | None = None


class RefundsAnswer(msgspec.Struct, rename="camel"):
    """Of afs.soa.refundapply.queryPageList."""

    query_result: Refunds


class ReplyAnswer(msgspec.Struct, rename="camel"):
    """Of afs.soa.refundapply.replyRefund."""

    reply_result: ApiResult


class Skus(msgspec.Struct, rename="camel"):
    """Variants, and how many there are in all."""

    total_item: int
    data: list[msgspec.Raw] | None = None


class SkusAnswer(msgspec.Struct):
    """Of sku.read.searchSkuList."""

    page: Skus


class Shop(msgspec.Struct):
    """Whose token it is."""

    shop_id: Number
    shop_name: str = ""


class ShopAnswer(msgspec.Struct):
    """Of vender.shop.query."""

    shop: Shop = msgspec.field(name="shop_jos_result")


class Token(msgspec.Struct):
    """Of the token calls."""

    access_token: str | None = None
    refresh_token: str | None = None
    expires_in: Number | None = None
    time: Number | None = None  # when it was issued, milliseconds; older applications
    code: Number | None = None
