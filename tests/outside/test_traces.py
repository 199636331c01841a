"""What an attacker finds who holds the database files, every log line at the finest level, and the wire."""

import re
import sqlite3

from conftest import ADDRESS, AGENT, ANSWERS, CANARY, FORWARDED, SUGGESTION

TIME_OF_DAY = re.compile(r"\d{1,2}:\d{2}")
# Seconds or milliseconds since the Unix epoch, of these years.
INSTANT = re.compile(r"(?<!\d)1[789]\d{8}(\d{3})?(?!\d)")


def haystacks(journey):
    for path in sorted(journey.folder.rglob("*")):
        if path.is_file() and ("sqlite" in path.name or path.suffix == ".log"):
            yield path.relative_to(journey.folder), path.read_bytes()
    for number, exchange in enumerate(journey.recorder.exchanges):
        yield f"wire {number} {exchange.path}", exchange.raw + exchange.reply


def secrets_of(journey):
    fixed = [AGENT, "Tracciabile", FORWARDED, ADDRESS, "segreta-12345", "sessione="]
    return [text.encode() for text in fixed + journey.keys + journey.codes]


def test_no_agent_address_cookie_key_or_code_is_anywhere(journey):
    places = list(haystacks(journey))
    names = [str(name) for name, _ in places]
    assert any("collector.sqlite" in name for name in names) and any("collector.log" in name for name in names)
    assert any("aggregator.sqlite" in name for name in names) and any("messages" in name for name in names)
    found = [(name, secret) for name, content in places for secret in secrets_of(journey) if secret in content]
    assert found == []


def test_nothing_of_what_was_refused_is_anywhere(journey):
    # Its start is what one of them sent alone.
    assert [str(name) for name, content in haystacks(journey) if CANARY[:9].encode() in content] == []


def test_a_suggestion_is_in_its_own_table_and_nowhere_else(journey):
    needle = SUGGESTION.split()[0].encode()
    holders = [str(name) for name, content in haystacks(journey) if needle in content]
    assert holders == ["collector/collector.sqlite"]
    connection = sqlite3.connect(f"file:{journey.collector.data / 'collector.sqlite'}?mode=ro", uri=True)
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    with_it = {}
    for table in tables:
        rows = [row for row in connection.execute(f"SELECT * FROM {table}") if any(needle.decode() in str(cell) for cell in row)]
        if rows:
            with_it[table] = len(rows)
    # They move from the first to the second at the first boundary of a day, and the first boundary ever is one.
    assert set(with_it) <= {"suggestion_today", "suggestion"} and sum(with_it.values()) == ANSWERS
    both = "SELECT text FROM suggestion_today UNION SELECT text FROM suggestion"
    texts = {text for (text,) in connection.execute(both)}
    assert texts == {SUGGESTION}


def test_nothing_beside_a_response_is_finer_than_the_day(journey):
    connection = sqlite3.connect(f"file:{journey.collector.data / 'collector.sqlite'}?mode=ro", uri=True)
    seen = 0
    for table in ("pool", "sealed_today", "sealed", "suggestion_today", "suggestion", "nullifier", "tally"):
        for row in connection.execute(f"SELECT * FROM {table}"):
            cells = [str(cell) for cell in row if not isinstance(cell, bytes) and SUGGESTION not in str(cell)]
            assert not any(TIME_OF_DAY.search(cell) or INSTANT.search(cell) for cell in cells), (table, row)
            seen += 1
    assert seen > 3 * ANSWERS


def test_no_log_line_tells_that_or_what_somebody_answered(journey):
    log = journey.collector.log.read_text()
    assert "sealed" in log, "the log is not the one of this journey"
    for telling in ("national-core", "/s/pensioni", "services/pensioni/responses", "overall", "POST /"):
        lines = [line for line in log.splitlines() if telling in line]
        assert lines == [], (telling, lines[:3])
