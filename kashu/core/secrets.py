"""Secrets: sealed at rest, found through a blind index, never printed by accident.

A card is sealed under its tenant's data key; a data key is wrapped under a master key that is
kept outside the database. Source: NIST SP 800-38D (GCM), RFC 2104 (HMAC).
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kashu.core.errors import Conflict, Invalid

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_HIDDEN: Final = "•••"


class MasterKeyUnusable(Invalid):
    """The master key given isn't one."""

    code = "master_key_unusable"
    zh = "主密钥无法使用（{where}）：应为 32 字节的 Base64。请检查 KASHU_MASTER_KEY 或密钥文件。"
    en = "The master key ({where}) is unusable: 32 bytes in Base64 are expected. Check it."


class MasterKeyMissing(Invalid):
    """The data was wrapped under a master key that we don't have."""

    code = "master_key_missing"
    zh = "这些数据由另一把主密钥（{key}）保护。请把原来的主密钥放回，卡密才能打开。"
    en = "This data is protected by another master key ({key}). Put it back to open the cards."


class SealBroken(Conflict):
    """A sealed value doesn't open: it was changed, or moved to another row."""

    code = "seal_broken"
    zh = "编号 {id} 的密文校验失败，可能被改动过。请停用它并联系管理员从备份核对。"
    en = "The sealed value of {id} fails its check: it may have been altered. Compare a backup."


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that must not be seen by accident: its repr and str are dots."""

    clear: str = field(repr=False)

    def __repr__(self) -> str:
        """Hide it."""
        return _HIDDEN

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class MasterKey:
    """What wraps data keys. `id` names it without telling anything about it."""

    id: str
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, key: bytes) -> "MasterKey":
        """Name a key by a hash that only it gives."""
        return cls(hmac.digest(key, b"kashu master key id", "sha256").hex()[:16], key)


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """The master key in force, and those it replaced that data may still be wrapped under."""

    current: MasterKey
    earlier: tuple[MasterKey, ...] = ()
    file: Path | None = None  # looked into again for a key we don't know: it may be newer than us

    def named(self, key_id: str) -> MasterKey:
        """Find one by id. Raises: MasterKeyMissing."""
        for key in (self.current, *self.earlier):
            if key.id == key_id:
                return key
        if self.file is not None and self.file.exists():
            found = parse_master_keys(self.file.read_text(), str(self.file))
            return found.named(key_id)
        raise MasterKeyMissing(key=key_id)


def parse_master_keys(written: str, where: str) -> MasterKeys:
    """Read Base64 keys, one a line or separated by commas: the first is in force.

    Raises: MasterKeyUnusable.
    """
    keys = []
    for part in written.replace(",", "\n").split():
        try:
            key = base64.b64decode(part, validate=True)
        except (binascii.Error, ValueError) as error:
            raise MasterKeyUnusable(where=where) from error
        if len(key) != KEY_BYTES:
            raise MasterKeyUnusable(where=where)
        keys.append(MasterKey.of(key))
    if not keys:
        raise MasterKeyUnusable(where=where)
    return MasterKeys(keys[0], tuple(keys[1:]))


def read_master_keys(path: Path) -> MasterKeys:
    """Read the key file, making it with one new key where there is none (mode 0600).

    It appears whole, or not at all: of two who make it at once, both read the first one's key.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}")
        _write_whole(written, base64.b64encode(os.urandom(KEY_BYTES)).decode() + "\n")
        with suppress(FileExistsError):
            os.link(written, path)
        written.unlink()
    return _in_file(path)


def _write_whole(path: Path, content: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _in_file(path: Path) -> MasterKeys:
    return replace(parse_master_keys(path.read_text(), str(path)), file=path)


def add_master_key(path: Path) -> MasterKeys:
    """Put a new key in force in front of the earlier ones; the file is replaced in one step."""
    read_master_keys(path)
    fresh = base64.b64encode(os.urandom(KEY_BYTES)).decode()
    written = path.with_suffix(".new")
    _write_whole(written, fresh + "\n" + path.read_text())
    written.replace(path)
    return _in_file(path)


def _encrypt(key: AESGCM, clear: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + key.encrypt(nonce, clear, bound_to)


def _decrypt(key: AESGCM, sealed: bytes, bound_to: bytes, name: str) -> bytes:
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise SealBroken(id=name) from error


def wrap(master: MasterKey, key: bytes, bound_to: str) -> bytes:
    """Seal a data key under a master key, bound to whose and which it is."""
    return _encrypt(AESGCM(master.key), key, bound_to.encode())


def unwrap(masters: MasterKeys, master_id: str, wrapped: bytes, bound_to: str) -> bytes:
    """Open a data key. Raises: MasterKeyMissing, SealBroken."""
    master = masters.named(master_id)
    return _decrypt(AESGCM(master.key), wrapped, bound_to.encode(), bound_to)


@dataclass(frozen=True, slots=True)
class Keyring:
    """One tenant's data keys, open, in memory only."""

    tenant_id: int
    version: int  # seals what is new
    _seals: Mapping[int, AESGCM] = field(repr=False)
    _index: bytes = field(repr=False)

    @classmethod
    def of(
        cls, tenant_id: int, version: int, seals: Mapping[int, bytes], index: bytes
    ) -> "Keyring":
        """Make one from bare keys."""
        opened = {number: AESGCM(key) for number, key in seals.items()}
        return cls(tenant_id, version, opened, index)

    def has(self, version: int) -> bool:
        """Tell whether something sealed under `version` can be opened."""
        return version in self._seals

    def seal(self, clear: str, *, kind: UUID, owner: UUID) -> bytes:
        """Encrypt under the current version, bound to tenant, `kind` (the SKU) and `owner`.

        Returns 12 bytes of nonce, the ciphertext, 16 bytes of tag.
        """
        return _encrypt(self._seals[self.version], clear.encode(), self._bound(kind, owner))

    def open(self, sealed: bytes, version: int, *, kind: UUID, owner: UUID) -> Secret:
        """Decrypt. Whoever calls this has written a reveal, or never lets the text leave.

        Raises: SealBroken when it was changed, or belongs to another row.
        """
        clear = _decrypt(self._seals[version], sealed, self._bound(kind, owner), str(owner))
        return Secret(clear.decode())

    def blind_index(self, identity: str) -> bytes:
        """32 bytes that are equal for equal texts and tell nothing else."""
        return hmac.digest(self._index, identity.encode(), hashlib.sha256)

    def _bound(self, kind: UUID, owner: UUID) -> bytes:
        return self.tenant_id.to_bytes(8, "big") + kind.bytes + owner.bytes


def fingerprint(token: str) -> bytes:
    """What is kept of a random token (≥ 128 bits) so that it can be recognised, not recovered."""
    return hashlib.sha256(token.encode()).digest()
