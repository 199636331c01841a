"""After the fire: every acknowledged answer is in a pool or in a batch, once; every batch is in the ledger, once; and every
message has a receipt that an independent library verifies."""

import base64
import collections
import hashlib
import json
import sqlite3
from dataclasses import dataclass

from cryptography import x509
from tokens import opened


@dataclass
class Account:
    """What both files hold."""

    pool: int
    sealed: int
    messages: int
    receipts: int
    lost: int


def rows(database, sql, *parameters):
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()


def stored(collector):
    """Responses in the pool and in batches, as the collector's file has them."""
    pool = rows(collector, "SELECT COUNT(*) FROM pool")[0][0]
    sealed = rows(collector, "SELECT (SELECT COUNT(*) FROM sealed) + (SELECT COUNT(*) FROM sealed_today)")[0][0]
    return pool, sealed


def reconcile(world, load):
    """Both programs have ended. Asserts that nothing is lost, double, or without a receipt; yields the counts."""
    collector, aggregator = world.databases["collector"], world.databases["aggregator"]
    for database in (collector, aggregator):
        assert rows(database, "PRAGMA integrity_check") == [("ok",)]
    pool, sealed = stored(collector)
    assert pool + sealed == len(load.acknowledged), f"pool {pool} + sealed {sealed}, acknowledged {len(load.acknowledged)}"
    marks = rows(collector, "SELECT COUNT(*) FROM nullifier")[0][0]
    assert marks == len(load.acknowledged)
    tallied = rows(collector, "SELECT option, SUM(n) FROM tally WHERE question = 'overall' AND n > 0 GROUP BY 1 ORDER BY 1")
    assert {int(option): n for option, n in tallied} == load.by_stars()
    superseded = rows(collector, "SELECT COUNT(*) FROM receipt_superseded")
    assert superseded == [(0,)], "the aggregator has lost what it gave receipts for"
    bodies = chain(world, collector)
    ledger(world, aggregator, bodies, sealed)
    assert counted(collector, aggregator) == load.by_stars()
    return Account(pool, sealed, len(bodies), len(bodies), len(load.acknowledged) - pool - sealed)


def chain(world, collector):
    """The outbox has no gap, is one chain, and every receipt in it is the aggregator's, for these bytes."""
    seal = x509.load_der_x509_certificate(base64.b64decode(world.identity()["membership"]["reply"]["aggregator_seal"]))
    stream = world.identity()["membership"]["reply"]["stream"]
    previous, bodies = None, []
    for number, (epoch, sequence, body, receipt) in enumerate(
        rows(collector, "SELECT epoch, sequence, body, receipt FROM outbox ORDER BY epoch, sequence"), 1
    ):
        message, digest = json.loads(body), "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode()
        assert (epoch, sequence, message["sequence"]) == (1, number, number), "a gap in the outbox"
        assert message["previous"] == previous, f"message {number} does not continue the one before"
        assert receipt is not None, f"message {number} has no receipt"
        _, claims, leaf = opened(receipt)
        assert leaf[0] == seal
        assert (claims["stream"], claims["epoch"], claims["sequence"], claims["digest"]) == (stream, epoch, sequence, digest)
        previous = digest
        bodies.append((body, receipt))
    return bodies


def ledger(world, aggregator, bodies, sealed):
    """The ledger holds these bodies with these receipts, in order, and their sums."""
    entries = rows(aggregator, "SELECT sequence, body, receipt FROM entry ORDER BY leaf_index")
    assert [(body, receipt) for _, body, receipt in entries] == bodies
    assert [sequence for sequence, _, _ in entries] == list(range(1, len(entries) + 1))
    batches = [batch for _, body, _ in entries for batch in json.loads(body)["payload"].get("batches", [])]
    assert all(batch["responses"] >= 10 for batch in batches)
    assert sum(batch["responses"] for batch in batches) == sealed
    assert (rows(aggregator, "SELECT SUM(responses) FROM rollup")[0][0] or 0) == sealed


def counted(collector, aggregator):
    """Answers by stars: the ledger's sums and what waits."""
    stars = collections.Counter()
    summed = "SELECT option, SUM(n) FROM rollup_count WHERE question = 'overall' AND option <> 'none' GROUP BY 1"
    waiting = "SELECT json_extract(answers, '$.overall[0]'), COUNT(*) FROM pool GROUP BY 1"
    for option, n in rows(aggregator, summed) + rows(collector, waiting):
        stars[int(option)] += n
    return dict(sorted((option, n) for option, n in stars.items() if n))
