"""What suppliers refuses."""

from kashu.core.errors import Conflict, Invalid, NotFound


class UnknownSupplier(NotFound):
    """No such supplier of this merchant's."""

    code = "unknown_supplier"
    zh = "没有供应商 {supplier}：请核对供应商编码，或先在“供应商”里新增。"
    en = "There is no supplier {supplier}. Check the code, or add it under Suppliers first."


class SupplierCodeTaken(Conflict):
    """Codes of suppliers are unique."""

    code = "supplier_code_taken"
    zh = "已经有编码为 {supplier} 的供应商，没有新增。请换一个编码，或直接使用那个供应商。"
    en = "There is a supplier {supplier} already; none was added. Choose another code, or use it."


class TierWrong(Invalid):
    """There are three tiers."""

    code = "supplier_tier_wrong"
    zh = "供应商级别只有 1（一手）、2（二级）、3（三级），没有改动。请改成其中之一。"
    en = "A supplier's tier is 1 (first-hand), 2 or 3; nothing was changed. Choose one of them."
