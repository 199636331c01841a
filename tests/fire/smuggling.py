"""Requests that two readers may read differently, each with a second request hidden where one of them would not look."""

HIDDEN = b"GET /status HTTP/1.1\r\nHost: hidden\r\n\r\n"


def post(*headers, body=b"", version=b"1.1"):
    head = b"POST {path} HTTP/" + version + b"\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return head + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


CHUNKED = b"Transfer-Encoding: chunked"


def length(n):
    return b"Content-Length: %d" % n


# All of the first reading is one request with HIDDEN inside; no reader may answer twice.
SHAPES = {
    "length and chunked": post(length(len(HIDDEN) + 5), CHUNKED, body=b"0\r\n\r\n" + HIDDEN),
    "chunked and length": post(CHUNKED, length(len(HIDDEN) + 5), body=b"0\r\n\r\n" + HIDDEN),
    "two lengths": post(length(0), length(len(HIDDEN)), body=HIDDEN),
    "two lengths, the longer first": post(length(len(HIDDEN)), length(0), body=HIDDEN),
    "a list of lengths": post(b"Content-Length: 0, %d" % len(HIDDEN), body=HIDDEN),
    "a signed length": post(b"Content-Length: +%d" % len(HIDDEN), body=HIDDEN),
    "a negative length": post(b"Content-Length: -1", body=HIDDEN),
    "a length in hexadecimal": post(b"Content-Length: 0x%x" % len(HIDDEN), body=HIDDEN),
    "an endless length": post(b"Content-Length: 99999999999999999999999", body=HIDDEN),
    "an unknown coding": post(b"Transfer-Encoding: xchunked", body=HIDDEN),
    "a coding in quotes": post(b'Transfer-Encoding: "chunked"', length(len(HIDDEN)), body=HIDDEN),
    "two codings": post(CHUNKED, b"Transfer-Encoding: identity", body=b"0\r\n\r\n" + HIDDEN),
    "a coding after chunked": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + HIDDEN),
    "a space before the colon": post(b"Transfer-Encoding : chunked", length(len(HIDDEN) + 5), body=b"0\r\n\r\n" + HIDDEN),
    "a folded header": post(b"Transfer-Encoding:\r\n chunked", length(len(HIDDEN) + 5), body=b"0\r\n\r\n" + HIDDEN),
    "a space before the name": post(b" Transfer-Encoding: chunked", length(len(HIDDEN) + 5), body=b"0\r\n\r\n" + HIDDEN),
    "a zero byte in a name": post(b"Transfer-\0Encoding: chunked", length(len(HIDDEN) + 5), body=b"0\r\n\r\n" + HIDDEN),
    "a bare return in a value": post(b"X: a\rContent-Length: 0", length(len(HIDDEN)), body=HIDDEN),
    "a bare line feed in a value": post(b"X: a\nContent-Length: 0", length(len(HIDDEN)), body=HIDDEN),
    "chunked in HTTP/1.0": post(CHUNKED, body=b"0\r\n\r\n" + HIDDEN, version=b"1.0"),
    "a chunk size with 0x": post(CHUNKED, body=b"0x5\r\nhallo\r\n0\r\n\r\n" + HIDDEN),
    "a chunk size that overflows": post(CHUNKED, body=b"10000000000000000\r\n0\r\n\r\n" + HIDDEN),
    "a negative chunk size": post(CHUNKED, body=b"-1\r\n\r\n0\r\n\r\n" + HIDDEN),
    "no chunk size": post(CHUNKED, body=b"\r\n0\r\n\r\n" + HIDDEN),
    "a chunk longer than its size": post(CHUNKED, body=b"3\r\nhallo\r\n0\r\n\r\n" + HIDDEN),
    "a line feed in a chunk's extension": post(CHUNKED, body=b"2;\nxx\r\n%x\r\n0\r\n\r\n" % len(HIDDEN) + HIDDEN),
    "a version that does not exist": post(length(len(HIDDEN)), body=HIDDEN, version=b"3.7"),
}
