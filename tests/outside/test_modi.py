"""A pushed message against ModI (PROFILE_NON_REPUDIATION_01), by a JOSE library that has nothing to do with us; then every lie."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from joserfc import jws
from joserfc.jwk import ECKey
from tokens import b64url, opened

ORGANIZATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")


def tokens(exchange):
    return exchange.headers["Authorization"].removeprefix("Bearer "), exchange.headers["Agid-Jwt-Signature"]


def test_both_tokens_of_the_captured_message_verify_with_an_independent_library(journey):
    exchange = journey.summaries()[0]
    audience = f"https://127.0.0.1:{journey.messages}"
    for token in tokens(exchange):
        header, claims, _ = opened(token)
        assert (header["alg"], header["typ"]) == ("ES256", "JWT")
        assert claims["aud"] == audience
        assert claims["iat"] < claims["exp"] <= claims["iat"] + 600
        assert abs(claims["iat"] - time.time()) < 120
    identifiers = [opened(tokens(e)[0])[1]["jti"] for e in journey.recorder.exchanges if e.method == "POST"]
    assert all(len(base64.urlsafe_b64decode(jti + "==")) >= 16 for jti in identifiers)
    assert len(set(identifiers)) == len(identifiers) > 1


def test_the_digest_is_of_the_body_and_the_signed_headers_are_those_that_were_sent(journey):
    exchange = journey.summaries()[0]
    digest = "SHA-256=" + base64.b64encode(hashlib.sha256(exchange.body).digest()).decode()
    assert exchange.headers["Digest"] == digest
    signed = opened(tokens(exchange)[1])[1]["signed_headers"]
    assert signed == [{"digest": digest}, {"content-type": exchange.headers["Content-Type"]}]
    # The vector of the standard, corrected (the one printed there is wrong).
    example = base64.b64encode(hashlib.sha256(b'{"testo": "Ciao mondo"}').digest()).decode()
    assert example == "hPq3xjgxGMr98LL2/lP2Y66DVCTcXdwL+YpNQD/gmvk="


def test_the_seal_certificate_is_the_agencys_and_no_more(journey):
    leaf, issuing = opened(tokens(journey.summaries()[0])[1])[2]
    root = x509.load_pem_x509_certificate((journey.aggregator.data / "root.pem").read_bytes())
    leaf.verify_directly_issued_by(issuing)
    issuing.verify_directly_issued_by(root)
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    stream = journey.identity["membership"]["reply"]["stream"]
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [f"urn:x-italian-pa:inps:stream:{stream}"]
    assert leaf.subject.get_attributes_for_oid(ORGANIZATION_IDENTIFIER)[0].value == "CF:IT-80078750587"
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days == 30
    tls = x509.load_der_x509_certificate(base64.b64decode(journey.identity["membership"]["reply"]["certificates"]["tls"][0]))
    assert tls.public_key() != leaf.public_key()


def test_the_receipt_is_signed_and_names_the_digest(journey):
    exchange = journey.summaries()[0]
    header = json.loads(base64.urlsafe_b64decode(json.loads(exchange.reply)["receipt"].split(".")[0] + "=="))
    assert header["typ"] == "receipt+jwt"
    _, claims, chain = opened(json.loads(exchange.reply)["receipt"])
    assert claims["digest"] == exchange.headers["Digest"]
    seal = journey.identity["membership"]["reply"]["aggregator_seal"]
    assert chain[0] == x509.load_der_x509_certificate(base64.b64decode(seal))


class Forger:
    """Speaks with the collector's own certificate and, where a lie needs it, with its seal key."""

    def __init__(self, journey):
        self.journey = journey
        self.exchange = journey.summaries()[0]
        self.headers = dict(self.exchange.headers)
        self.body = self.exchange.body
        self.now = int(time.time())

    def sign(self, claims, key=None):
        header = json.loads(base64.urlsafe_b64decode(tokens(self.exchange)[0].split(".")[0] + "=="))
        private = serialization.load_der_private_key(self.journey.seal_key(), None) if key is None else key
        pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return jws.serialize_compact(header, json.dumps(claims).encode(), ECKey.import_key(pem), algorithms=["ES256"])

    def resign(self, iat=0, life=120, audience=None, jti=None, digest=None, bearer_only=False):
        audience = audience or f"https://127.0.0.1:{self.journey.messages}"
        digest = digest or self.headers["Digest"]
        common = {"iat": self.now + iat, "exp": self.now + iat + life, "aud": audience}
        self.headers["Digest"] = digest
        self.headers["Authorization"] = "Bearer " + self.sign({**common, "jti": jti or secrets.token_urlsafe(16)})
        signed = [{"digest": digest}, {"content-type": "application/json"}]
        self.headers["Agid-Jwt-Signature"] = self.sign({**common, "signed_headers": signed})
        return self

    def replace_header(self, alg, signature):
        """Both tokens under another algorithm, `signature` made from the signing input."""
        for name in ("Authorization", "Agid-Jwt-Signature"):
            prefix = "Bearer " if name == "Authorization" else ""
            header, payload, _ = self.headers[name].removeprefix(prefix).split(".")
            fields = json.loads(base64.urlsafe_b64decode(header + "=="))
            fields["alg"] = alg
            signed = f"{b64url(json.dumps(fields).encode())}.{payload}"
            self.headers[name] = f"{prefix}{signed}.{signature(signed.encode())}"
        return self

    def send(self):
        line = http.client.HTTPSConnection("127.0.0.1", self.journey.messages, context=self.journey.client, timeout=10)
        headers = {k: v for k, v in self.headers.items() if k not in ("Host", "Content-Length", "Connection")}
        line.request("POST", "/rest/cx/v1/messages", self.body, headers)
        reply = line.getresponse()
        return reply.status, json.loads(reply.read() or b"{}")


def public_key_bytes(forger):
    leaf = opened(tokens(forger.exchange)[0])[2][0]
    return leaf.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hs256(forger):
    key = public_key_bytes(forger)
    return forger.resign().replace_header("HS256", lambda signed: b64url(hmac.digest(key, signed, "sha256")))


def other_content_type(forger):
    forger.resign().headers["Content-Type"] = "application/json; charset=utf-8"
    return forger


def other_body(forger):
    forger.body = forger.body.replace(b'"responses":', b'"responses": ')
    return forger.resign()


def without(name):
    def lie(forger):
        forger.resign()
        del forger.headers[name]
        return forger

    return lie


def hex_digest(forger):
    return forger.resign(digest="SHA-256=" + hashlib.sha256(forger.body).hexdigest())


LIES = {
    "alg none": (lambda f: f.resign().replace_header("none", lambda _: ""), 401, "algorithm-refused"),
    "HS256 with the public key": (hs256, 401, "algorithm-refused"),
    "a foreign audience": (lambda f: f.resign(audience="https://altrove.example"), 401, "audience-wrong"),
    "an expired token": (lambda f: f.resign(iat=-600), 401, "token-expired"),
    "a token from the future": (lambda f: f.resign(iat=600), 401, "token-not-yet-valid"),
    "a life without end": (lambda f: f.resign(life=86_400), 401, "token-malformed"),
    "the same jti again": (lambda f: f, 401, "token-replayed"),
    "a hex digest": (hex_digest, 400, "digest-malformed"),
    "another body under the old digest": (other_body, 400, "digest-mismatch"),
    "another content type than the signed one": (other_content_type, 415, "media-type-unsupported"),
    "no bearer token": (without("Authorization"), 401, "token-missing"),
    "no integrity token": (without("Agid-Jwt-Signature"), 401, "token-missing"),
    "no digest": (without("Digest"), 401, "token-missing"),
}


@pytest.mark.parametrize("name", LIES)
def test_each_lie_is_refused_with_its_own_problem_and_the_ledger_stays(journey, name):
    lie, status, problem = LIES[name]
    before = journey.status()
    got = lie(Forger(journey)).send()
    assert (got[0], got[1].get("type")) == (status, f"/problems/{problem}"), got
    assert journey.status() == before


def test_the_same_message_honestly_signed_again_gets_the_stored_receipt(journey):
    before = journey.status()
    status, reply = Forger(journey).resign().send()
    assert (status, reply) == (200, json.loads(journey.summaries()[0].reply))
    assert journey.status() == before


# What may be said of each part: a flipped byte can make it unreadable, another's, or a lie.
FLIPPED = {
    "body": {"digest-mismatch"},
    "Content-Type": {"media-type-unsupported"},
    "Digest": {"digest-malformed", "digest-mismatch"},
    "Authorization": {"token-missing", "token-malformed", "algorithm-refused", "signature-invalid"},
    "Agid-Jwt-Signature": {"token-malformed", "algorithm-refused", "signature-invalid"},
}


@pytest.mark.parametrize("part", FLIPPED)
def test_a_byte_flipped_anywhere_is_refused_for_what_it_is(journey, part):
    before, seen = journey.status(), set()
    length = len(Forger(journey).body if part == "body" else Forger(journey).resign().headers[part])
    for position in range(length):
        forger = Forger(journey).resign()
        if part == "body":
            forger.body = flipped(forger.body, position)
        else:
            forger.headers[part] = flipped(forger.headers[part].encode(), position).decode("latin-1")
        status, reply = forger.send()
        problem = reply.get("type", "").removeprefix("/problems/")
        assert 400 <= status < 500 and problem in FLIPPED[part], (part, position, status, reply)
        seen.add(problem)
    assert seen == FLIPPED[part] and journey.status() == before


def flipped(data, position):
    """One bit of one byte, so that the result is still printable where it was."""
    return data[:position] + bytes([data[position] ^ 0x01]) + data[position + 1 :]
