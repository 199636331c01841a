"""The demo as somebody meets it who has just cloned the project."""

import json
import pathlib
import re
import signal
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
from programs import BINARIES, get, wait

SHIPPED = pathlib.Path(__file__).parents[2] / "deploy/data/public-app-ratings-replay.csv"
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
        metrics = get(f"{part['admin']}/metrics")
        assert metrics[0] == 200 and b"gradimento" in metrics[1]


def test_every_replayed_rating_is_in_the_ledger_or_in_a_pool():
    command = [BINARIES / "gradimento-demo", "--replay", SHIPPED, "--per-thousand", "40"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "Every count agrees." in done.stdout, done.stdout + done.stderr
    sent, ledger, pools = map(int, re.search(r"sent (\d+), in the ledger (\d+), waiting in pools (\d+)", done.stdout).groups())
    assert sent == ledger + pools > 5_000 and pools < 7 * 12
    print(done.stdout)


def test_a_file_that_is_no_list_of_ratings_is_refused(tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    done = subprocess.run([BINARIES / "gradimento-demo", "--replay", wrong], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "agency_ipa" in done.stderr
