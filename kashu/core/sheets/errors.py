"""Why a whole file cannot be read. What is wrong with one row is the row's own business."""

from kashu.core.errors import Invalid


class SheetEmpty(Invalid):
    """There is no cell with anything in it."""

    code = "sheet_empty"
    zh = "文件里没有任何内容。请确认选对了文件和工作表，再重新上传。"
    en = "The file holds nothing. Check that it is the right file and worksheet, and try again."


class SheetTooLarge(Invalid):
    """Past a limit that keeps memory bounded."""

    code = "sheet_too_large"
    zh = "文件太大：{what}超过 {limit_mib} MiB。请拆成几个文件导入，或另存为 CSV。"
    en = (
        "Too large: {what_en} exceeds {limit_mib} MiB. Split it into several files, or save as CSV."
    )


class SheetUnsafe(Invalid):
    """Built like an attack: a zip bomb, a DTD, a row without end."""

    code = "sheet_unsafe"
    zh = "文件结构异常（{reason}），为安全起见没有打开。请用 Excel 或 WPS 另存为新的 xlsx 再导入。"
    en = (
        "The file is built in an unsafe way ({reason_en}) and was not opened. "
        "Save it as a new xlsx in Excel or WPS and try again."
    )


class SheetEncrypted(Invalid):
    """It needs a password to open."""

    code = "sheet_encrypted"
    zh = "文件带有打开密码。请用 Excel 或 WPS 打开，去掉密码后另存，再导入。"
    en = "The file needs a password. Open it in Excel or WPS, remove the password, save, try again."


class SheetUnreadable(Invalid):
    """Damaged, cut off, or not what its parts say."""

    code = "sheet_unreadable"
    zh = "文件已损坏或不完整（{part}）。请用 Excel 或 WPS 打开并另存为 xlsx 或 CSV，再导入。"
    en = (
        "The file is damaged or incomplete ({part}). "
        "Open it in Excel or WPS, save it as xlsx or CSV, and try again."
    )


class SheetNotATable(Invalid):
    """Another kind of file, perhaps under the name of a table."""

    code = "sheet_not_a_table"
    zh = "这是{found}，不是表格。请换成表格文件，或另存为 xlsx、xls、csv、txt 再导入。"
    en = (
        "This is {found_en}, not a table. Take the table itself, or save it as xlsx, xls, csv or "
        "txt, and try again."
    )


class SheetEncodingUnknown(Invalid):
    """Text in no encoding that reads."""

    code = "sheet_encoding_unknown"
    zh = "无法识别文本编码。请用记事本打开，另存为 UTF-8 编码，再导入。"
    en = "The text encoding cannot be told. Open it in an editor, save it as UTF-8, and try again."


class WorksheetUnknown(Invalid):
    """The workbook has no visible worksheet of this name."""

    code = "worksheet_unknown"
    zh = "没有名为“{worksheet}”的工作表。可选的有：{worksheets}。"
    en = "No worksheet is named “{worksheet}”. There are: {worksheets}."
