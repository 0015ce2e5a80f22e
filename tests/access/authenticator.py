"""A passkey authenticator in software: what a phone or a security key does, without one."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from kashu.core.ids import new_id

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftwarePasskey:
    """One credential of an authenticator."""

    origin: str
    verifies: bool = True
    counts: bool = True
    count: int = 0
    handle: str = ""
    credential_id: bytes = field(default_factory=lambda: new_id().bytes)
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )

    def create(self, options: dict[str, Any], **other: Any) -> dict[str, Any]:  # noqa: ANN401
        """What navigator.credentials.create() would give, as JSON."""
        self.handle = options["user"]["id"]
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        attested = (
            bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id + cbor2.dumps(cose)
        )
        auth_data = self._auth_data(options["rp"]["id"], ATTESTED) + attested
        statement = {"fmt": "none", "attStmt": {}, "authData": auth_data}
        told = {"attestationObject": bytes_to_base64url(cbor2.dumps(statement))}
        told["clientDataJSON"] = self._client_data("webauthn.create", options, other)
        return self._credential(told | {"transports": ["internal"]})

    def get(self, options: dict[str, Any], **other: Any) -> dict[str, Any]:  # noqa: ANN401
        """What navigator.credentials.get() would give, as JSON."""
        self.count += self.counts
        auth_data = self._auth_data(options["rpId"], 0)
        client_data = self._client_data("webauthn.get", options, other)
        hashed = hashlib.sha256(base64url_to_bytes(client_data)).digest()
        signature = self.key.sign(auth_data + hashed, ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "authenticatorData": bytes_to_base64url(auth_data),
                "clientDataJSON": client_data,
                "signature": bytes_to_base64url(signature),
                "userHandle": self.handle,
            }
        )

    def _auth_data(self, rp_id: str, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client_data(self, kind: str, options: dict[str, Any], other: dict[str, Any]) -> str:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin} | other
        return bytes_to_base64url(json.dumps(told).encode())

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = bytes_to_base64url(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
