"""Clients that are slow, silent, many, large, or ambiguous. Others are served meanwhile, and nobody is answered twice."""

import contextlib
import gzip
import resource
import secrets
import socket
import ssl
import threading
import time

import pytest
from load import Line
from programs import client_context, get
from smuggling import HIDDEN, SHAPES
from wire import Door, exchange, received, resident_mb, seconds_until_cut, statuses
from world import SERVICE

IDLE_CONNECTIONS = 10_000
# Heads: 15 seconds at the collector, 10 at the aggregator; bodies: 30 and 25; handshakes: 15. One more for the closing.
HEAD_SECONDS, BODY_SECONDS, SLACK_SECONDS = 15, 30, 6


# At the message listener requests come from a collector that has joined, with its own certificate.
DOORS = ["collector", "aggregator", "messages"]


def door(world, name):
    if name == "messages":
        tls = client_context(world.aggregator.data, world.identity(), world.folder)
        return Door(world.messages, b"/rest/cx/v1/messages", tls)
    if name == "aggregator":
        return Door(world.public, b"/rest/cx/v1/enrolments")
    return Door(world.door, f"/rest/cx/v1/services/{SERVICE}/responses".encode())


def program(world, name):
    return world.collector if name == "collector" else world.aggregator


def hello(world):
    """The first bytes of a handshake."""
    outgoing = ssl.MemoryBIO()
    half = door(world, "messages").tls.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        half.do_handshake()
    return outgoing.read()


class Meanwhile:
    """Asks again and again whether others are served; keeps the longest wait."""

    def __init__(self, port):
        self.port, self.longest, self.unserved, self.ending = port, 0.0, 0, threading.Event()
        self.thread = threading.Thread(target=self._ask, daemon=True)

    def _ask(self):
        while not self.ending.is_set():
            started = time.monotonic()
            self.unserved += get(f"http://127.0.0.1:{self.port}/status")[0] != 200
            self.longest = max(self.longest, time.monotonic() - started)
            time.sleep(0.1)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()


def test_slow_and_silent_senders_are_cut_off_while_others_are_served(world, tell):
    waits = {}

    def cut(what, at, pieces):
        waits[what] = seconds_until_cut(at, pieces, 1)

    senders = []
    for name in DOORS:
        at = door(world, name)
        head = at.head + b"Content-Length: 9000\r\n\r\n"
        kinds = {"head": [bytes([byte]) for byte in head], "body": [head] + [b" "] * 90, "silence": [b""] * 90}
        senders += [threading.Thread(target=cut, args=(f"{name}, {kind}", at, kinds[kind])) for kind in kinds]
    bare, greeting = Door(world.messages, b""), hello(world)
    handshakes = {"slow": [bytes([byte]) for byte in greeting], "half": [greeting[:50]] + [b""] * 90, "none": [b""] * 90}
    for kind, pieces in handshakes.items():
        senders.append(threading.Thread(target=cut, args=(f"messages, {kind} handshake", bare, pieces)))
    with Meanwhile(world.door) as citizens, Meanwhile(world.public) as readers:
        [sender.start() for sender in senders]
        [sender.join() for sender in senders]
    assert len(waits) == len(senders) == 12
    for what, (seconds, raw) in waits.items():
        limit = BODY_SECONDS if "body" in what else HEAD_SECONDS
        assert seconds <= limit + SLACK_SECONDS, f"{what}: {seconds:.0f} s"
        assert all(400 <= status < 500 for status in statuses(raw)), f"{what}: {raw[:200]}"
    assert citizens.unserved == readers.unserved == 0 and max(citizens.longest, readers.longest) < 10
    tell("slow senders", **{what.replace(", ", "_"): f"{seconds:.0f}s" for what, (seconds, _) in waits.items()})


def test_who_has_closed_his_half_still_gets_his_answer(world):
    with socket.create_connection(("127.0.0.1", world.door), timeout=5) as connection:
        connection.sendall(b"GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        assert statuses(received(connection, 3)) == [200]


@pytest.mark.parametrize("name", DOORS)
def test_oversize_heads_are_refused(name, world):
    at = door(world, name)
    start = b"POST " + at.path + b" HTTP/1.1\r\nHost: localhost\r\n"
    large = [
        start + b"X-Large: " + b"a" * 2_000_000 + b"\r\n\r\n",
        start + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]
    for head in large:
        answers = statuses(exchange(at, head))
        assert len(answers) <= 1 and all(400 <= status < 500 for status in answers), answers
    assert world.collector_answers() and world.aggregator_answers()


@pytest.mark.parametrize("name", DOORS)
def test_compression_bombs_are_not_unpacked(name, world, tell):
    at, process = door(world, name), program(world, name).process
    bomb = gzip.compress(b" " * 20_000_000)

    def throw(coding):
        head = at.head + b"Idempotency-Key: " + secrets.token_urlsafe(24).encode() + b"\r\n"
        head += b"Content-Encoding: " + coding + b"\r\nContent-Length: %d\r\n\r\n" % len(bomb)
        for body in (bomb, gzip.compress(b"{}").ljust(len(bomb))):
            answers = statuses(exchange(at, head, body, patience=1))
            assert answers and answers[0] in (400, 401, 413, 415), answers

    # The first warms up: threads, buffers, caches.
    throw(b"gzip")
    before = resident_mb(process)
    for coding in (b"gzip", b"deflate", b"br", b"zstd", b"gzip, gzip"):
        throw(coding)
    grown = resident_mb(process) - before
    tell(f"compression bombs, {name}", requests=12, unpacked_mb=20, grown_mb=grown)
    assert grown < 20


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", DOORS)
def test_an_ambiguous_request_is_never_answered_twice(name, shape, settled):
    at = door(settled, name)
    answers = statuses(exchange(at, SHAPES[shape].replace(b"{path}", at.path), patience=0.5))
    assert len(answers) <= 1 and all(400 <= status < 500 for status in answers), f"{shape}: {answers}"


def test_two_requests_in_a_row_are_answered_twice(settled):
    # So that the test before this one could fail.
    assert statuses(exchange(door(settled, "collector"), HIDDEN + HIDDEN)) == [200, 200]
    hidden = HIDDEN.replace(b"/status", b"/nothing")
    assert statuses(exchange(door(settled, "messages"), hidden + hidden)) == [404, 404]


@pytest.mark.parametrize("name", ["collector", "aggregator"])
def test_ten_thousand_idle_connections_leave_room_for_those_who_speak(name, worlds, tell):
    room = IDLE_CONNECTIONS + 1_500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # The programs are born with this, and raise what nobody has raised for them.
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, room), max(hard, room)))
    world = worlds(open_files=f"1024:{room}")
    process, port = program(world, name).process, {"collector": world.door, "aggregator": world.public}[name]
    before, idle = resident_mb(process), []
    for _ in range(IDLE_CONNECTIONS):
        idle.append(socket.create_connection(("127.0.0.1", port), timeout=10))
    started = time.monotonic()
    if name == "collector":
        served = Line(world.door, SERVICE).post(secrets.token_urlsafe(24), 5)[0] == 201
    else:
        served = world.aggregator_answers()
    waited, held = time.monotonic() - started, resident_mb(process)
    for connection in idle:
        connection.close()
    counts = {"rss_mb_before": before, "rss_mb": held, "answer_ms": round(1000 * waited)}
    tell(f"idle connections, {name}", connections=len(idle), **counts)
    assert served and waited < 5 and held - before < 200


def test_more_readers_than_the_aggregator_holds_wait_and_are_served(worlds, tell):
    world, idle = worlds(open_files="1024:1024"), []
    for _ in range(1_000):
        connection = socket.socket()
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", world.public))
        idle.append(connection)
    started = time.monotonic()
    while get(f"http://127.0.0.1:{world.public}/status")[0] != 200:
        assert time.monotonic() - started < 60
    waited = time.monotonic() - started
    for connection in idle:
        connection.close()
    counts = {"waited_s": round(waited), "rss_mb": resident_mb(world.aggregator.process)}
    tell("idle connections, aggregator with few files", connections=1_000, **counts)
