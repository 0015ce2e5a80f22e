"""Files that are kept sealed: evidence of payments, papers of suppliers."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from kashu.access.keyring import open_for_access, seal_for_access
from kashu.core.secrets import MasterKeys, Secret
from kashu.suppliers.errors_prepaid import FileTooLarge

MIB: Final = 1 << 20
EVIDENCE_MAX: Final = MIB
PAPER_MAX: Final = 5 * MIB
NAME_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a request. Its name is for people; it is never a path."""

    name: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> bytes:
        """What tells it from others."""
        return hashlib.sha256(self.content).digest()


def attached(name: str | None, content: bytes) -> Attached | None:
    """Take a file of a form; None where it is empty. Its folders and odd signs are dropped."""
    if not content:
        return None
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    plain = "".join(each for each in last if each.isprintable() and each not in '"<>:|?*')
    return Attached(plain[-NAME_MAX:].strip() or "file", content)


def seal_file(
    masters: MasterKeys, file: Attached, *, tenant_id: int, owner: UUID, most: int
) -> bytes:
    """Seal a file for the row that owns it. Raises: FileTooLarge."""
    if len(file.content) > most:
        raise FileTooLarge(limit_mib=most // MIB)
    written = Secret(base64.b64encode(file.content).decode())
    return seal_for_access(masters, written, tenant_id=tenant_id, owner=owner)


def open_file(masters: MasterKeys, sealed: bytes, *, tenant_id: int, owner: UUID) -> bytes:
    """Open a file. Raises: MasterKeyMissing, SealBroken."""
    clear = open_for_access(masters, sealed, tenant_id=tenant_id, owner=owner)
    return base64.b64decode(clear.clear)
