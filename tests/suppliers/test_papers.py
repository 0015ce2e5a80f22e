"""Papers: kept sealed, told before they expire; contacts are forgotten on request."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.core.secrets import KEY_BYTES, MasterKey, MasterKeys
from kashu.suppliers.alerts import alert_list
from kashu.suppliers.errors_prepaid import (
    FileTooLarge,
    LetterInFuture,
    NoFileKept,
    PaperWrong,
    UnknownContact,
    UnknownPaper,
)
from kashu.suppliers.files import PAPER_MAX, Attached
from kashu.suppliers.kinds_prepaid import PaperKind
from kashu.suppliers.letter import LetterFormat, read_letter, write_letter
from kashu.suppliers.papers import (
    NewPaper,
    Reached,
    add_contact,
    add_paper,
    contact_list,
    erase_contact,
    paper_file,
    paper_list,
    remove_paper,
)
from kashu.suppliers.papers_due import watch_papers
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.reseal import reseal_suppliers
from tests.conftest import MASTERS, Tenant
from tests.suppliers.books import TODAY, deposit, make_supplier

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SCAN = Attached("授权书.pdf", b"%PDF-1.7 the paper")


async def test_a_paper_is_kept_sealed_and_opened(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    new = NewPaper(
        supplier_id,
        PaperKind.AUTHORISATION,
        " 芒果TV授权 ",
        "A-1",
        "芒果TV",
        date(2026, 1, 1),
        date(2026, 12, 31),
        SCAN,
    )
    kept = await add_paper(tx, tenant.id, "cli", new, masters=MASTERS)
    assert (kept.name, kept.file_name, kept.file_bytes) == ("芒果TV授权", "授权书.pdf", 18)
    assert await paper_list(tx, tenant.id, supplier_id) == [kept]
    assert await paper_file(tx, tenant.id, kept.id, MASTERS) == SCAN
    sealed = (await tx.execute(text("SELECT sealed_file FROM suppliers.papers"))).scalar_one()
    assert b"paper" not in bytes(sealed)


@pytest.mark.parametrize(
    ("new", "error"),
    [
        (NewPaper(new_id(), PaperKind.OTHER, " "), PaperWrong),
        (NewPaper(new_id(), PaperKind.OTHER, "x" * 101), PaperWrong),
        (
            NewPaper(
                new_id(),
                PaperKind.OTHER,
                "x",
                issued_on=TODAY,
                expires_on=TODAY - timedelta(days=1),
            ),
            PaperWrong,
        ),
        (
            NewPaper(new_id(), PaperKind.OTHER, "x", file=Attached("f", b"x" * (PAPER_MAX + 1))),
            FileTooLarge,
        ),
    ],
)
async def test_a_paper_that_cannot_be_is_not_kept(
    tx: Tx, tenant: Tenant, new: NewPaper, error: type[KashuError]
) -> None:
    with pytest.raises(error):
        await add_paper(tx, tenant.id, "cli", new, masters=MASTERS)
    count = (await tx.execute(text("SELECT count(*) FROM suppliers.papers"))).scalar_one()
    assert count == 0


async def test_people_are_told_at_each_step_and_no_more_once_a_newer_one_is_there(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    ends = TODAY + timedelta(days=61)
    new = NewPaper(supplier_id, PaperKind.LICENCE, "营业执照", expires_on=ends)
    paper = await add_paper(tx, tenant.id, "cli", new, masters=MASTERS)
    told = []
    for days in (61, 60, 59, 30, 8, 7, 1, 0, -1, -30):
        for _ in range(2):
            await watch_papers(tx, tenant.id, ends - timedelta(days=days), NOW)
        told.append(
            sum(
                event.kind == "supplier.paper_expiring"
                for event in await events_of(tx, tenant.id, paper.id)
            )
        )
    assert told == [0, 1, 1, 2, 2, 3, 4, 4, 5, 5]
    newer = NewPaper(
        supplier_id, PaperKind.LICENCE, "营业执照", expires_on=ends + timedelta(days=365)
    )
    await add_paper(tx, tenant.id, "cli", newer, masters=MASTERS)
    await watch_papers(tx, tenant.id, ends + timedelta(days=30), NOW)
    assert await alert_list(tx, tenant.id) == []


async def test_a_removed_paper_loses_its_file_and_its_alert(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    new = NewPaper(supplier_id, PaperKind.CONTRACT, "合同", expires_on=TODAY, file=SCAN)
    paper = await add_paper(tx, tenant.id, "cli", new, masters=MASTERS)
    await watch_papers(tx, tenant.id, TODAY, NOW)
    assert len(await alert_list(tx, tenant.id)) == 1
    await remove_paper(tx, tenant.id, "cli", paper.id)
    await watch_papers(tx, tenant.id, TODAY, NOW)
    assert await alert_list(tx, tenant.id) == []
    with pytest.raises(UnknownPaper):
        await paper_file(tx, tenant.id, paper.id, MASTERS)
    with pytest.raises(UnknownPaper):
        await remove_paper(tx, tenant.id, "cli", paper.id)
    kept = (await tx.execute(text("SELECT sealed_file, name FROM suppliers.papers"))).one()
    assert kept == (None, "合同")


async def test_a_paper_without_a_file_has_none_to_open(tx: Tx, tenant: Tenant) -> None:
    new = NewPaper(await make_supplier(tx, tenant.id), PaperKind.OTHER, "备忘")
    paper = await add_paper(tx, tenant.id, "cli", new, masters=MASTERS)
    with pytest.raises(NoFileKept):
        await paper_file(tx, tenant.id, paper.id, MASTERS)


async def test_a_contact_is_sealed_and_forgotten_for_good(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    reached = Reached("王经理", "13800138000", "wx-wang")
    contact_id = await add_contact(
        tx, tenant.id, "cli", supplier_id, "商务", reached=reached, masters=MASTERS
    )
    [shown] = await contact_list(tx, tenant.id, supplier_id, MASTERS)
    assert (shown.role, shown.reached) == ("商务", reached)
    assert "138" not in repr(shown)
    assert "138" not in repr(reached)
    await erase_contact(tx, tenant.id, "cli", contact_id)
    assert await contact_list(tx, tenant.id, supplier_id, MASTERS) == []
    with pytest.raises(UnknownContact):
        await erase_contact(tx, tenant.id, "cli", contact_id)
    assert (await tx.execute(text("SELECT sealed FROM suppliers.contacts"))).scalar_one() is None
    facts = [str(event.facts) for event in await events_of(tx, tenant.id, contact_id)]
    assert "王经理" not in "".join(facts)


async def test_what_is_sealed_goes_under_a_new_master_key(tx: Tx, tenant: Tenant) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    new = NewPaper(supplier_id, PaperKind.OTHER, "x", file=SCAN)
    paper = await add_paper(tx, tenant.id, "cli", new, masters=MASTERS)
    await add_contact(
        tx, tenant.id, "cli", supplier_id, "商务", reached=Reached("王"), masters=MASTERS
    )
    fresh = MasterKey.of(b"f" * KEY_BYTES)
    assert await reseal_suppliers(tx, tenant.id, MasterKeys(fresh, (MASTERS.current,))) == 2
    alone = MasterKeys(fresh)
    assert await reseal_suppliers(tx, tenant.id, alone) == 0
    assert await paper_file(tx, tenant.id, paper.id, alone) == SCAN


async def test_a_letter_says_what_the_books_said_at_the_end_of_a_day(
    tx: Tx, tenant: Tenant
) -> None:
    supplier_id = await make_supplier(tx, tenant.id)
    yesterday = TODAY - timedelta(days=1)
    await deposit(tx, tenant.id, supplier_id, 1_234_500, on=yesterday)
    await deposit(tx, tenant.id, supplier_id, 1_000_000, on=TODAY)
    supplier = replace(await supplier_by_code(tx, tenant.id, "fulu"), name="<b>福禄|x</b>")
    letter = await read_letter(tx, tenant.id, supplier, yesterday, ours="小店", today=TODAY)
    assert letter.money.prepaid_e4 == 1_234_500
    page = write_letter(letter, LetterFormat.HTML).decode()
    assert "123.45" in page
    assert "<b>" not in page
    written = write_letter(letter, LetterFormat.MARKDOWN).decode()
    assert "| 预付款余额 | Prepaid balance | 123.45 | |" in written
    assert "<b>" not in written
    assert write_letter(letter, LetterFormat.XLSX).startswith(b"PK")
    with pytest.raises(LetterInFuture):
        tomorrow = TODAY + timedelta(days=1)
        await read_letter(tx, tenant.id, supplier, tomorrow, ours="小店", today=TODAY)
