"""Raw sockets: bytes as an attacker writes them, and what came back."""

import re
import socket
import ssl
import time
from typing import NamedTuple


class Door(NamedTuple):
    """Where and how to knock."""

    port: int
    path: bytes
    tls: ssl.SSLContext | None = None

    @property
    def head(self):
        """How a POST with JSON begins."""
        return b"POST " + self.path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def connected(door):
    """A connection to a door: a port, and the TLS that it wants, if any."""
    connection = socket.create_connection(("127.0.0.1", door.port), timeout=5)
    return door.tls.wrap_socket(connection, server_hostname="localhost") if door.tls else connection


def exchange(door, *pieces, patience=3.0):
    """Sends the pieces; yields everything that came back until the other end closed or was silent for so long."""
    with connected(door) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except OSError:
            pass
        return received(connection, patience)


def received(connection, patience):
    raw = b""
    connection.settimeout(patience)
    try:
        while piece := connection.recv(65536):
            raw += piece
    except OSError:
        pass
    return raw


def statuses(raw):
    """Of every answer in what came back."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", raw)]


def seconds_until_cut(door, pieces, pause):
    """How long the other end bears a sender of one piece each `pause` seconds. Yields seconds and what it said."""
    started, raw = time.monotonic(), b""
    with connected(door) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
                connection.settimeout(pause)
                said = connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                said = b""
            raw += said
            if not said:
                break
            raw += received(connection, 5)
            break
    return time.monotonic() - started, raw


def resident_mb(process):
    with open(f"/proc/{process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) // 1024
