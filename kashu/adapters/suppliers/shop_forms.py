"""Which field of a shop's form is the account to top up, where no mark says so."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kashu.suppliers.upstream import Input

ACCOUNTS: Final = (
    "account",
    "phone",
    "mobile",
    "uid",
    "qq",
    "email",
    "账号",
    "帐号",
    "手机",
    "邮箱",
)


def with_account(inputs: Sequence[Input]) -> Sequence[Input]:
    """Mark the account: the first whose key or title says so, else the first that must be there."""
    named = [each for each in inputs if _is_named(each)]
    musts = [each for each in inputs if each.required]
    account = next(iter([*named, *musts, *inputs]), None)
    return [replace(each, is_account=each is account) for each in inputs]


def _is_named(each: Input) -> bool:
    told = f"{each.key} {each.title}".lower()
    return any(word in told for word in ACCOUNTS)
