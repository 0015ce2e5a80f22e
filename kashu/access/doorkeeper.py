"""Find out who calls: by the cookie of a session, or by a signature."""

import asyncio
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

from kashu.access.api_keys import OpenKey, open_key
from kashu.access.caller import Caller
from kashu.access.errors import CsrfTokenWrong, SessionOver, SignatureWrong
from kashu.access.nonces import Nonces
from kashu.access.permissions import ROLE_PERMISSIONS, Role
from kashu.access.sessions import Session, note_seen, read_session
from kashu.access.signatures import Signed, check_signature, check_time
from kashu.access.tokens import tenant_of
from kashu.core.db import Database
from kashu.core.secrets import MasterKeys

# How long a key that was revoked may go on working in a process that knew it. Reading it for each
# request would cost more than all the rest of the check.
REMEMBERED_S: Final = 10.0
REMEMBERED_MAX: Final = 10_000


@dataclass(slots=True)
class Doorkeeper:
    """Knows API keys for ten seconds; asks the database about sessions each time."""

    database: Database
    masters: MasterKeys
    nonces: Nonces
    time_s: Callable[[], float] = time.time
    monotonic_s: Callable[[], float] = time.monotonic
    _known: dict[tuple[int, UUID], tuple[float, OpenKey]] = field(default_factory=dict, repr=False)
    _asking: dict[tuple[int, UUID], asyncio.Task[OpenKey]] = field(default_factory=dict)

    async def admit_session(self, token: str, language: str) -> tuple[Caller, Session]:
        """Tell whose session a cookie is. Raises: SessionOver."""
        tenant_id = tenant_of(token)
        if tenant_id is None:
            raise SessionOver
        async with self.database.transaction(tenant_id) as tx:
            session = await read_session(tx, tenant_id, token)
            await note_seen(tx, tenant_id, session)
        caller = Caller(
            tenant_id,
            f"staff:{session.staff_id}",
            frozenset() if session.must_enrol else ROLE_PERMISSIONS[Role(session.role)],
            timezone=session.timezone,
            language=language,
            must_enrol=session.must_enrol,
        )
        return caller, session

    async def admit_signed(
        self, signed: Signed, language: str, *, method: str, path: str, query: str, body_hash: str
    ) -> Caller:
        """Tell whose signature it is, and use its nonce up.

        Raises: TimestampOutside, SignatureWrong, NonceUsed.
        """
        caller = await self.check_signed(
            signed, method=method, path=path, query=query, body_hash=body_hash
        )
        await self.nonces.use(signed.tenant_id, signed.key_id, signed.nonce)
        return in_language(caller, language)

    async def check_signed(
        self, signed: Signed, *, method: str, path: str, query: str, body_hash: str
    ) -> Caller:
        """Tell whose signature it is. The nonce isn't used up yet.

        Raises: TimestampOutside, SignatureWrong.
        """
        check_time(signed, self.time_s())
        key = await self._key(signed.tenant_id, signed.key_id)
        check_signature(
            signed, key.secret, method=method, path=path, query=query, body_hash=body_hash
        )
        if key.expires_at is not None and key.expires_at.timestamp() <= self.time_s():
            raise SignatureWrong
        return key.caller

    async def _key(self, tenant_id: int, key_id: UUID) -> OpenKey:
        known = self._known.get((tenant_id, key_id))
        if known is not None and self.monotonic_s() - known[0] < REMEMBERED_S:
            return known[1]
        # Those who come meanwhile wait for the one who asks: not a hundred reads at once.
        asking = self._asking.get((tenant_id, key_id))
        if asking is None:
            asking = asyncio.create_task(self._ask(tenant_id, key_id))
            self._asking[tenant_id, key_id] = asking
        return await asyncio.shield(asking)

    async def _ask(self, tenant_id: int, key_id: UUID) -> OpenKey:
        asked_at = self.monotonic_s()
        try:
            async with self.database.transaction(tenant_id) as tx:
                key = await open_key(tx, tenant_id, key_id, self.masters)
        finally:
            del self._asking[tenant_id, key_id]
        if key is None:
            self._known.pop((tenant_id, key_id), None)
            raise SignatureWrong
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[tenant_id, key_id] = (asked_at, key)
        return key


def in_language(caller: Caller, language: str) -> Caller:
    """Speak to a caller as this request asks."""
    return caller if caller.language == language else replace(caller, language=language)


def csrf_token(session_token: str) -> str:
    """Derive the anti-forgery token of a session: only our own page can have read it."""
    return hmac.digest(session_token.encode(), b"kashu csrf", "sha256").hex()


def check_csrf(session_token: str, sent: str) -> None:
    """Refuse a change that a browser may have been tricked into. Raises: CsrfTokenWrong.

    Source: OWASP, Cross-Site Request Forgery Prevention, "HMAC-based token pattern".
    """
    if not hmac.compare_digest(csrf_token(session_token).encode(), sent.encode()):
        raise CsrfTokenWrong
