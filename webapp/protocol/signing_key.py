"""Device signing keys (ECDSA on P-256 with SHA-256) and the signatures they make."""

import base64
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from webapp.protocol.errors import ProtocolError, SignatureError

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order n of P-256's base point (SEC 2, section 2.4.2)."""
KEY_LIFETIME_DAYS = 30
"""How long a key signs after its registration: a lost device's key ends by itself within a month."""

# All that DER allows before the point: id-ecPublicKey, secp256r1, BIT STRING, no unused bits (RFC 5480).
_SPKI_HEADER = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
_UNCOMPRESSED = b"\x04"
_BASE64_LENGTH = 124

_SIGNATURE_FORM = re.compile(r"0x([0-9a-fA-F]{64})([0-9a-fA-F]{64})")
_ALGORITHM = ec.ECDSA(SHA256())


@dataclass(frozen=True, slots=True)
class MessageSignature:
    """A raw signature r || s (IEEE P1363), as WebCrypto makes it; high s is legal."""

    text: str  # `0x` and 128 hex digits
    r: int  # 1 to n - 1
    s: int  # 1 to n - 1

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `0x` and exactly 128 hex digits, in either case, with r and s in 1 to n - 1."""
        found = _SIGNATURE_FORM.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise SignatureError("signature", "0x and 128 hexadecimal digits: r and s, 32 bytes each")
        r, s = int(found[1], 16), int(found[2], 16)
        if not (0 < r < ORDER and 0 < s < ORDER):
            raise SignatureError("signature", "r and s from 1 to the order of P-256 less one")
        return cls(found[0].lower(), r, s)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A device's public key."""

    text: str  # standard base64 of the SubjectPublicKeyInfo, 124 characters: the key's one spelling
    spki: bytes = field(repr=False)  # the SubjectPublicKeyInfo in DER, 91 bytes
    _point: ec.EllipticCurvePublicKey = field(repr=False, compare=False)

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a P-256 key: uncompressed point, named curve, canonical DER and base64 (RFC 5480, 4648)."""
        if not isinstance(text, str) or len(text) != _BASE64_LENGTH:
            raise ProtocolError("signingKey", f"{_BASE64_LENGTH} characters of base64")
        return cls(text, *_parsed(text))

    @property
    def fingerprint(self) -> str:
        """The first 8 hex digits of the SPKI's SHA-256, as `xxxx·xxxx`: for people, never for comparing."""
        digest = hashlib.sha256(self.spki).hexdigest()
        return f"{digest[:4]}·{digest[4:8]}"

    def verify(self, signature: MessageSignature, payload: bytes) -> bool:
        """Return whether this key made the signature over exactly these bytes (FIPS 186-5, section 6.4.2)."""
        try:
            self._point.verify(encode_dss_signature(signature.r, signature.s), payload, _ALGORITHM)
        except InvalidSignature:
            return False
        return True

    def __str__(self) -> str:
        return self.text


@lru_cache(4096)
def _parsed(text: str) -> tuple[bytes, ec.EllipticCurvePublicKey]:
    """Decode once for a key that signs again and again: what cannot be read is not remembered."""
    try:
        spki = base64.b64decode(text, validate=True)
    except ValueError:
        raise ProtocolError("signingKey", "standard base64") from None
    if base64.b64encode(spki).decode("ascii") != text:
        raise ProtocolError("signingKey", "canonical base64: encoding it again gives the same text")
    if not spki.startswith(_SPKI_HEADER + _UNCOMPRESSED):
        raise ProtocolError("signingKey", "the SPKI of an uncompressed P-256 key, 91 bytes of DER")
    try:  # this also counts the bytes
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), spki[len(_SPKI_HEADER) :])
    except ValueError:
        raise ProtocolError("signingKey", "a point on P-256") from None
    return spki, point
