"""What channels refuses."""

from kashu.core.errors import Conflict, NotFound


class UnknownStore(NotFound):
    """No such store of this merchant's."""

    code = "unknown_store"
    zh = "没有店铺 {store}：请核对店铺编码，或先在“店铺”里新开一个。"
    en = "There is no store {store}. Check its code, or open it under Stores first."


class StoreCodeTaken(Conflict):
    """Codes of stores are unique."""

    code = "store_code_taken"
    zh = "已经有编码为 {store} 的店铺，没有新开。请换一个编码，或直接使用那个店铺。"
    en = "There is a store {store} already; none was opened. Choose another code, or use that one."


class StoreClosed(Conflict):
    """A closed store takes no new orders."""

    code = "store_closed"
    zh = "店铺 {store} 已关闭，不再接单。请先重新开启，或换一个店铺。"
    en = "The store {store} is closed and takes no orders. Reopen it first, or use another."
