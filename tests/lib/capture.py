"""A TLS recorder between a collector and the aggregator: what it keeps is what was on the wire, byte for byte.

It stands where the collector expects the aggregator, under a certificate of the same authority, and passes every request on over
a connection of its own, with the collector's certificate.
"""

import datetime
import http.client
import ipaddress
import socket
import ssl
import threading
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass
class Exchange:
    """One request as it arrived and the reply as it was sent back."""

    method: str
    path: str
    headers: dict
    body: bytes
    raw: bytes
    status: int = 0
    reply: bytes = b""


@dataclass
class Recorder:
    """Listens until closed; `exchanges` grows."""

    folder: object
    aggregator_data: object
    upstream: tuple
    upstream_context: ssl.SSLContext
    exchanges: list = field(default_factory=list)

    def start(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(self.aggregator_data / "root.pem")
        context.load_cert_chain(*issue_server(self.aggregator_data, self.folder))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.context = context
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as stream:
                while (exchange := read_request(stream)) is not None:
                    self._forward(exchange)
                    stream.sendall(self._reply_bytes(exchange))
        except (OSError, ssl.SSLError):
            return

    def _forward(self, exchange):
        upstream = http.client.HTTPSConnection(*self.upstream, context=self.upstream_context, timeout=10)
        upstream.request(exchange.method, exchange.path, exchange.body or None, exchange.headers)
        reply = upstream.getresponse()
        exchange.status, exchange.reply = reply.status, reply.read()
        exchange.reply_headers = [(k, v) for k, v in reply.getheaders() if k.lower() not in ("content-length", "connection")]
        upstream.close()
        self.exchanges.append(exchange)

    @staticmethod
    def _reply_bytes(exchange):
        head = [f"HTTP/1.1 {exchange.status} .", f"content-length: {len(exchange.reply)}"]
        head += [f"{name}: {value}" for name, value in exchange.reply_headers]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + exchange.reply

    def close(self):
        self.listener.close()


def read_request(stream):
    raw = b""
    while b"\r\n\r\n" not in raw:
        piece = stream.recv(65536)
        if not piece:
            return None
        raw += piece
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ")
    headers = dict(line.split(": ", 1) for line in lines[1:])
    headers = {name.title(): value for name, value in headers.items()}
    length = int(headers.get("Content-Length", 0))
    while len(body) < length:
        piece = stream.recv(65536)
        body, raw = body + piece, raw + piece
    return Exchange(method, path, headers, body, raw)


def issue_server(aggregator_data, folder):
    """A server certificate for 127.0.0.1 under the aggregator's own issuing authority."""
    issuing = x509.load_pem_x509_certificate((aggregator_data / "issuing.pem").read_bytes())
    issuing_key = serialization.load_pem_private_key((aggregator_data / "issuing.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "recorder")]))
        .issuer_name(issuing.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .sign(issuing_key, hashes.SHA256())
    )
    chain, private = folder / "recorder.pem", folder / "recorder.key"
    pem = serialization.Encoding.PEM
    chain.write_bytes(certificate.public_bytes(pem) + issuing.public_bytes(pem))
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return chain, private
