"""The demo as somebody meets it who has just cloned the project."""

import json
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
from programs import BINARIES, Program, free_port, get, wait

SEAL_INTERVAL_SECONDS = 3


@pytest.fixture
def demo(tmp_path):
    data = tmp_path / "demo"
    process = subprocess.Popen([BINARIES / "gradimento-demo", "--data", data], stdout=subprocess.PIPE, text=True)
    started = time.monotonic()
    wait((data / "endpoints.json").exists, "the demo is not ready", lambda: process.poll() is None, seconds=15)
    endpoints = json.loads((data / "endpoints.json").read_text())
    endpoints["seconds"] = time.monotonic() - started
    yield endpoints
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert "--replay" in process.stdout.read()


def answer_on_the_page(page, stars):
    """As a browser without JavaScript does it."""
    form = get(page)[1].decode()
    fields = {"form_token": re.search(r'name="form_token" value="([^"]+)"', form)[1], "overall": stars, "language": "it"}
    with urllib.request.urlopen(page, urllib.parse.urlencode(fields).encode(), timeout=10) as reply:
        assert reply.status in (200, 201)


def national(demo):
    items = json.loads(get(f"{demo['aggregator']['public']}/rest/cx/v1/indicators?level=country")[1])["items"]
    return sum(item["responses"] for item in items)


def test_answers_on_the_inps_page_reach_the_national_figure_once_k_and_r_wait_and_not_before(demo):
    inps = next(collector for collector in demo["collectors"] if collector["agency"] == "inps")
    page = f"{inps['public']}/s/{inps['services'][0]['id']}"
    for n in range(11):
        answer_on_the_page(page, 1 + n % 5)
    time.sleep(3 * SEAL_INTERVAL_SECONDS)
    assert national(demo) == 0
    answer_on_the_page(page, 5)
    wait(lambda: national(demo) == 10, "the figure did not arrive", seconds=30)
    assert "n&nbsp;=&nbsp;10" in get(f"{demo['aggregator']['public']}/")[1].decode()


def test_the_demo_is_complete(demo):
    assert {collector["agency"] for collector in demo["collectors"]} >= {"inps", "inail", "c_h501"}
    assert pathlib.Path(demo["root_certificate"]).exists()
    for part in [demo["aggregator"], *demo["collectors"]]:
        assert pathlib.Path(part["database"]).exists()
        assert get(f"{part['public']}/status")[0] == 200
    assert metrics(demo["aggregator"], "gradimento_aggregator_") >= {"ledger_size", "messages", "days_left"}
    for collector in demo["collectors"]:
        names = {"batches_sealed", "pushes", "outbox_messages", "outbox_oldest_seconds", "certificate_days_left"}
        assert metrics(collector, "gradimento_collector_") >= names


def metrics(part, prefix):
    """The names of what monitoring reads."""
    status, text = get(f"{part['admin']}/metrics")
    assert status == 200 and text.endswith(b"# EOF\n")
    return set(re.findall(rf"^# TYPE {prefix}(\w+) ", text.decode(), re.MULTILINE))


def test_what_the_demo_publishes_holds_and_one_changed_byte_is_found(demo, tmp_path):
    inps = next(collector for collector in demo["collectors"] if collector["agency"] == "inps")
    for n in range(12):
        answer_on_the_page(f"{inps['public']}/s/{inps['services'][0]['id']}", 1 + n % 5)
    wait(lambda: national(demo) == 10, "the figure did not arrive", seconds=30)
    held = verify(demo["aggregator"]["public"], demo["root_certificate"])
    assert held.returncode == 0 and re.match(r"holds: \d+ messages .* of 10 people", held.stdout), held.stdout + held.stderr

    # The same aggregator from a copy of its folder, in which one message has one star more or less.
    public = free_port()
    listeners = "".join(f"[{name}]\naddress = '127.0.0.1:{free_port()}'\n" for name in ("messages", "admin"))
    copy = Program("aggregator", tmp_path, f"{listeners}[public]\naddress = '127.0.0.1:{public}'\ntls = false\n")
    original = pathlib.Path(demo["aggregator"]["database"])
    shutil.copytree(original.parent, copy.data, ignore=shutil.ignore_patterns("*.sqlite*"))
    message = copy_with_a_changed_byte(original, copy.data / original.name)
    try:
        copy.serve(lambda: get(f"http://127.0.0.1:{public}/status")[0] == 200, "warn")
        found = verify(f"http://127.0.0.1:{public}", demo["root_certificate"])
    finally:
        copy.stop()
    assert found.returncode == 1 and f"message {message}, agency inps" in found.stderr, found.stdout + found.stderr


def copy_with_a_changed_byte(original, changed):
    """The ledger's database with one digit changed in one stored summary; yields its number."""
    with sqlite3.connect(f"file:{original}?mode=ro", uri=True) as source, sqlite3.connect(changed) as copy:
        source.backup(copy)
        number, body = copy.execute("SELECT leaf_index, body FROM entry WHERE instr(body, CAST('summary' AS BLOB))").fetchone()
        digit = re.search(rb'"overall":\{"1":(\d)', body).start(1)
        body = body[:digit] + bytes([body[digit] ^ 1]) + body[digit + 1 :]
        assert copy.execute("UPDATE entry SET body = ? WHERE leaf_index = ?", (body, number)).rowcount == 1
    return number


def verify(url, root):
    """As anybody runs it: an address and a root certificate, nothing else."""
    command = [BINARIES / "gradimento-aggregator", "verify", "--url", url, "--root", root]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)
