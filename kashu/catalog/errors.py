"""What the catalogue refuses. What a file is refused for: sheet.py and drafts.py."""

from kashu.core.errors import Conflict, Invalid, NotFound


class UnknownSku(NotFound):
    """No such SKU of this merchant's."""

    code = "unknown_sku"
    zh = "没有规格 {sku}：请核对规格编码，或先在“商品目录”里新增。"
    en = "There is no SKU {sku}. Check its code, or add it to the catalogue first."


class UnknownProduct(Invalid):
    """A SKU belongs to a product that must be there before it."""

    code = "unknown_product"
    zh = "没有商品 {product}，规格没有新增。请核对商品编码，或先导入含有这个商品的目录文件。"
    en = (
        "There is no product {product}; the SKU was not added. Check its code, or import a "
        "catalogue file that has it."
    )


class SkuWrong(Invalid):
    """A SKU was described, and something about it can't be; `problems` names each."""

    code = "sku_wrong"
    zh = "规格有 {count} 处问题，什么都没有改动。请按列出的字段修改后再试。"
    en = "The SKU has {count} problems; nothing was changed. Correct the fields listed."


class SkuCodeTaken(Conflict):
    """Codes of SKUs are unique, and never used again."""

    code = "sku_code_taken"
    zh = "已经有编码为 {sku} 的规格，没有新增。请换一个编码，或修改那个规格。"
    en = "There is a SKU {sku} already; none was added. Choose another code, or change that one."


class SkuRetired(Conflict):
    """A retired SKU takes neither orders nor stock."""

    code = "sku_retired"
    zh = "规格 {sku} 已停售，不再接单和入库。请先恢复销售，或换一个规格。"
    en = "The SKU {sku} is retired: no orders, no stock. Put it on sale again, or use another."


class SkuIsAnother(Conflict):
    """What was stocked and sold under a code can't become something else."""

    code = "sku_is_another"
    zh = (
        "规格 {skus} 已经存在，但所属商品、周期或交付方式与文件不同，什么都没有写入。"
        "请为新的规格另取编码，或在文件中改成一致。"
    )
    en = (
        "{skus} exist with another product, period or fulfilment than the file says; nothing was "
        "written. Give the new SKUs codes of their own, or make the file agree."
    )


class ProductIsElsewhere(Conflict):
    """A product stays with its brand."""

    code = "product_is_elsewhere"
    zh = "商品 {products} 已经属于另一个品牌，什么都没有写入。请另取商品编码，或改正文件里的品牌。"
    en = (
        "{products} belong to another brand already; nothing was written. Choose other codes, or "
        "correct the brand in the file."
    )


class NotABundle(Conflict):
    """Only a bundle has parts."""

    code = "not_a_bundle"
    zh = "规格 {sku} 不是组合，不能设置组成。请新增一个交付方式为组合的规格。"
    en = "The SKU {sku} isn't a bundle and has no parts. Add a SKU whose fulfilment is bundle."


class BundlePartsWrong(Invalid):
    """Something about the parts can't be; `problems` names each."""

    code = "bundle_parts_wrong"
    zh = "组合的组成有 {count} 处问题，什么都没有改动。请按列出的条目修改后再试。"
    en = "The parts of the bundle have {count} problems; nothing was changed. Correct them."
