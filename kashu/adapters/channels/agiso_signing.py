"""Agiso's signature: MD5 over sorted names and values, between two copies of the secret."""

from collections.abc import Mapping
from hashlib import md5

from kashu.core.secrets import Secret


def sign(parameters: Mapping[str, str], secret: Secret) -> str:
    """Sign parameters, all but `sign` itself: 32 digits in lower case.

    A push is signed in the same way, over `json` and `timestamp`.
    """
    pairs = "".join(name + value for name, value in sorted(parameters.items()) if name != "sign")
    text = secret.clear + pairs + secret.clear
    return md5(text.encode(), usedforsecurity=False).hexdigest()
