"""Citizens who insist: each answer has a key of its own, is sent until it is acknowledged, and is remembered once it is."""

import collections
import json
import random
import secrets
import socket
import threading
import time

ANSWER = {"questionnaire": "national-core", "version": 1, "language": "it"}
# Of the acknowledged ones, how many are sent again as if the reply had been lost.
AGAIN = 0.05


class Refused(Exception):
    """Something else than 201 came back."""


class Line:
    """One kept-alive connection, by raw socket."""

    def __init__(self, port, service, timeout=10):
        self.port, self.path, self.timeout, self.socket = port, f"/rest/cx/v1/services/{service}/responses", timeout, None

    def post(self, key, stars):
        body = json.dumps({**ANSWER, "answers": {"overall": stars}, "suggestion": "Ottimo servizio, grazie"}).encode()
        head = f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\nIdempotency-Key: {key}\r\n\r\n"
        try:
            if self.socket is None:
                self.socket = socket.create_connection(("127.0.0.1", self.port), self.timeout)
            self.socket.sendall(head.encode() + body)
            return self._reply()
        except OSError:
            self.close()
            raise

    def _reply(self):
        raw = b""
        while b"\r\n\r\n" not in raw:
            raw += self._some()
        head, _, body = raw.partition(b"\r\n\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
        while len(body) < int(headers["content-length"]):
            body += self._some()
        return int(head.split()[1]), headers, body

    def _some(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("closed before the reply")
        return piece

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


class Load:
    """`citizens` threads that answer until they are told to end; then each sends its last answer until it is acknowledged."""

    def __init__(self, port, service, citizens=6, pause=0.03):
        self.port, self.service, self.pause = port, service, pause
        self.acknowledged, self.statuses, self.faults = {}, collections.Counter(), []
        self.repeated, self.problems = 0, set()
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._guarded, daemon=True) for _ in range(citizens)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def _guarded(self):
        try:
            self._answer()
        except Exception as error:
            self.faults.append(repr(error))

    def _answer(self):
        line, luck = Line(self.port, self.service), random.Random()
        while not self.ending.is_set():
            key, stars = secrets.token_urlsafe(24), luck.randint(1, 5)
            code = self._insist(line, key, stars)
            with self.lock:
                self.acknowledged[key] = stars
            if luck.random() < AGAIN:
                assert self._insist(line, key, stars) == code, "the same key got another code"
                self.repeated += 1
            time.sleep(luck.random() * self.pause)

    def once(self):
        """One more citizen, who answers once."""
        key, stars = secrets.token_urlsafe(24), 3
        self._insist(Line(self.port, self.service), key, stars)
        self.acknowledged[key] = stars

    def _insist(self, line, key, stars):
        for _ in range(3_000):
            try:
                status, headers, body = line.post(key, stars)
            except OSError:
                self._count("no reply")
                time.sleep(0.05)
                continue
            self._count(status)
            if status == 503:
                self.problems.add(json.loads(body)["title"])
            if status == 201:
                return json.loads(body)["withdrawal_code"]
            assert status in (500, 503), f"{status}: {body}"
            time.sleep(min(0.5, float(headers.get("retry-after", 0.1))))
        raise Refused(f"never acknowledged: {self.statuses}")

    def _count(self, what):
        with self.lock:
            self.statuses[what] += 1

    def acknowledged_now(self):
        return len(self.acknowledged)

    def end(self):
        """No new answers; yields how many were acknowledged."""
        self.ending.set()
        for thread in self.threads:
            thread.join(timeout=120)
        assert self.faults == [] and not any(thread.is_alive() for thread in self.threads), self.faults
        return len(self.acknowledged)

    def by_stars(self):
        return dict(sorted(collections.Counter(self.acknowledged.values()).items()))
