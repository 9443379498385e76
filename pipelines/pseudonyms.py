"""The secret that keys the pseudonyms of customers (spec: HMAC-SHA256, RFC 2104)."""

import hashlib

KEY_VARIABLE = "CCW_PSEUDONYM_KEY"
DEMO_KEY = "the key of the demo extracts, which protects nobody"

_BLOCK_BYTES = 64


def hmac_pads(key: str) -> tuple[bytes, bytes]:
    """Combine `key` with the inner and the outer pad of HMAC-SHA256; 64 bytes each."""
    secret = key.encode()
    if len(secret) > _BLOCK_BYTES:
        secret = hashlib.sha256(secret).digest()
    secret = secret.ljust(_BLOCK_BYTES, b"\0")
    return bytes(byte ^ 0x36 for byte in secret), bytes(byte ^ 0x5C for byte in secret)
