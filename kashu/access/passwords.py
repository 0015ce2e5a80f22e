"""Passwords: argon2id, in threads of their own, so that the event loop goes on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kashu.access.errors import PasswordWeak, SignInBusy

MINIMUM: Final = 10  # characters
MAXIMUM: Final = 200  # argon2 reads all of it
DIFFERENT_MIN: Final = 5
WAITING_MAX: Final = 32  # queued and being hashed; each takes about 0.1 s and 64 MiB

Found = TypeVar("Found")

# The second recommended option of RFC 9106, section 4: 3 passes, 64 MiB, 4 lanes.
hasher: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)

# Compared with when there is no such login, so that the answer takes as long as when there is
# one. Of a random password that nobody kept; it must cost the same as what `hasher` makes.
NOBODY: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$n1Z+eRiA/rpIk7G2U2u9xQ"
    "$saX8OytjkJw+NVnu2GZvHpLAZ/EhGLYeq9zXObbGZh4"
)

_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_waiting = 0


def check_strength(password: str, login: str) -> None:
    """Refuse what is guessed first. Raises: PasswordWeak."""
    if (
        not MINIMUM <= len(password) <= MAXIMUM
        or len(set(password)) < DIFFERENT_MIN
        or login.lower() in password.lower()
    ):
        raise PasswordWeak(minimum=MINIMUM)


async def hash_password(password: str) -> str:
    """Hash a new password. Raises: SignInBusy."""
    return await _in_a_thread(lambda: hasher.hash(password))


async def matches(password: str, password_hash: str | None) -> bool:
    """Tell whether it is the password; takes as long when there is no hash to compare with.

    Raises: SignInBusy.
    """
    right = await _in_a_thread(lambda: _verify(password, password_hash or NOBODY))
    return right and password_hash is not None


def _verify(password: str, password_hash: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def _in_a_thread(work: Callable[[], Found]) -> Found:
    global _waiting  # noqa: PLW0603  (this process's)
    if _waiting >= WAITING_MAX:
        raise SignInBusy
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _waiting -= 1
