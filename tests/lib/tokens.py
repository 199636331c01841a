"""Signed tokens, read by a JOSE library that has nothing to do with us."""

import base64
import json

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from joserfc import jws
from joserfc.jwk import ECKey

# Two certificates in `x5c` make a header longer than the library expects by default; size is all that is relaxed.
REGISTRY = jws.JWSRegistry(algorithms=["ES256"])
REGISTRY.max_header_length = 8192


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def opened(token):
    """Header, claims and certificates of a token whose signature holds under its own leaf."""
    header = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    chain = [x509.load_der_x509_certificate(base64.b64decode(der)) for der in header["x5c"]]
    pem = chain[0].public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    verified = jws.deserialize_compact(token, ECKey.import_key(pem), registry=REGISTRY)
    return verified.headers(), json.loads(verified.payload), chain
