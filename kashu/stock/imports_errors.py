"""What can be wrong with an import as a whole, in words. What is wrong with a row: recognise."""

from kashu.core.errors import Busy, Conflict, Invalid, NotFound


class UnknownImport(NotFound):
    """No such import of this tenant."""

    code = "unknown_import"
    zh = "没有找到导入 {import_id}。请在导入列表中核对编号。"
    en = "No import {import_id}. Check its number in the list of imports."


class ImportSupplierUnknown(NotFound):
    """No such supplier of this tenant."""

    code = "import_supplier_unknown"
    zh = "没有供应商「{supplier}」。请核对编码，或先添加：kashu supplier add {supplier} --name …"
    en = "No supplier “{supplier}”. Check its code, or: kashu supplier add {supplier} --name …"


class SkuNotStocked(Invalid):
    """Only card, link and shared SKUs pass through stock."""

    code = "sku_not_stocked"
    zh = "规格「{sku}」的交付方式是 {fulfilment}，不经过库存。请选择卡密、券码链接或循环码规格。"
    en = "The SKU “{sku}” is delivered by {fulfilment}, not from stock. Choose a card SKU."


class MaxUsesMissing(Invalid):
    """A shared card is used many times: how many must be said."""

    code = "max_uses_missing"
    zh = "规格「{sku}」是循环码，请填写每张可用次数（max_uses，1–{most:,}）。"
    en = "The SKU “{sku}” is shared: say how often each card may be used (max_uses, 1–{most:,})."


class MaxUsesUnexpected(Invalid):
    """A card of an ordinary SKU is used once."""

    code = "max_uses_unexpected"
    zh = "规格「{sku}」的卡密只能用一次，请不要填写可用次数（max_uses）。"
    en = "Cards of the SKU “{sku}” are used once: leave max_uses out."


class UnitCostNegative(Invalid):
    """Nobody pays us for taking cards."""

    code = "unit_cost_negative"
    zh = "单价不能是负数。请填写进货单价，例如 14.1250；赠送的填 0。"
    en = "The unit cost can't be negative. Enter what one costs, such as 14.1250; 0 if it is free."


class DefaultExpiryPast(Invalid):
    """Cards that have expired can't be sold."""

    code = "default_expiry_past"
    zh = "默认有效期 {expires_on} 已经过去。请填写今天或以后的日期。"
    en = "The default expiry {expires_on} has passed. Enter today or a later day."


class TooManyRows(Invalid):
    """More rows than an import may have."""

    code = "too_many_rows"
    zh = "文件超过 {most:,} 行，没有写入任何内容。请拆成几个文件分别导入。"
    en = "The file has more than {most:,} rows; nothing was written. Split it into several files."


class FileNeeded(Invalid):
    """There is nothing to import."""

    code = "file_needed"
    zh = "请上传文件（file），或粘贴卡密文本（text）。"
    en = "Upload a file (file) or paste the cards as text (text)."


class FileAndText(Invalid):
    """Which of the two counts?"""

    code = "file_and_text"
    zh = "同时给出了文件和文本。请只保留 file 或 text 中的一个。"
    en = "Both a file and text were given. Send only one of file and text."


class Sha256Wrong(Invalid):
    """It isn't what a preview answers."""

    code = "sha256_wrong"
    zh = "expect_sha256 应为预检结果中的 sha256（64 位十六进制）。请重新预检后再确认。"
    en = "expect_sha256 must be the sha256 of the preview (64 hexadecimal digits). Preview again."


class FileChanged(Conflict):
    """It isn't the file that was previewed."""

    code = "file_changed"
    zh = "这不是刚才预检的文件（内容不同），没有写入任何内容。请重新预检后再确认。"
    en = "This isn't the file that was previewed; nothing was written. Preview it again."


class ImportLost(Conflict):
    """The import was taken for dead while it ran: nothing of it was kept."""

    code = "import_lost"
    zh = "导入中断超过 60 秒，已被判为失败，没有写入任何内容。请重新导入同一文件。"
    en = "The import was silent for 60 s and counted as failed; nothing was kept. Import it again."


class KeyReplaced(Busy):
    """The key that the cards were sealed under went out of use while they were."""

    code = "import_key_replaced"
    zh = "导入期间数据密钥已轮换，没有写入任何内容。请重新导入同一文件。"
    en = "The data key was rotated meanwhile; nothing was written. Import the same file again."


class ImportNotDone(Conflict):
    """Only a finished import can be undone."""

    code = "import_not_done"
    zh = "这次导入的状态是 {state}，不能撤销。只有已完成的导入可以撤销。"
    en = "This import is {state} and can't be undone: only one that is done can."


class ImportInUse(Conflict):
    """Some of its cards have left: it can't be as if it had never been."""

    code = "import_in_use"
    zh = (
        "这次导入的 {total:,} 张卡已有 {left:,} 张被发出、预占或处理过，不能撤销。"
        "请冻结或作废其余的。"
    )
    en = (
        "Of its {total:,} cards {left:,} have been given out, reserved or dealt with: it can't be "
        "undone. Freeze or void the rest instead."
    )


class SoldElsewhereWrong(Invalid):
    """Such cards belong to somebody: they cost nothing here, and each has one owner."""

    code = "sold_elsewhere_wrong"
    zh = "登记「别处已售」的卡不计成本，也不能是循环码（{sku}），没有导入。请把单价写成 0。"
    en = "Cards sold elsewhere cost nothing here, and aren't shared ones ({sku}). Set the cost 0."
