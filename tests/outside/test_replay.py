"""A replay as whoever gave the file sees it. What it says of itself is held against the file and against the databases."""

import csv
import json
import math
import os
import pathlib
import pty
import re
import signal
import sqlite3
import subprocess
import threading
from collections import Counter
from types import SimpleNamespace

import pytest
from programs import BINARIES, wait

SHIPPED = pathlib.Path(__file__).parents[2] / "deploy/data/public-app-ratings-replay.csv"
PER_THOUSAND = 40
ROW = re.compile(r"^(\w+) +([\w-]+) +([1-5]) +(\d+) +(\d+) +(\d+)$", re.MULTILINE)
# Ten servers in one process, some tens of thousands of ratings: what one of them costs must not stay.
MEMORY_MAX = 256 * 1024


def replay(*more, **how):
    command = [BINARIES / "gradimento-demo", "--replay", SHIPPED, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **how)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory):
    """One replay of a part of the file, started from a terminal."""
    data, drawn = tmp_path_factory.mktemp("replay") / "data", []
    terminal, line = pty.openpty()
    process = replay("--per-thousand", str(PER_THOUSAND), "--data", data, stderr=line, env=dict(os.environ, TERM="xterm"))
    os.close(line)
    threading.Thread(target=keep, args=(terminal, drawn), daemon=True).start()
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    drawn = b"".join(drawn).decode(errors="replace")
    assert process.returncode == 0, said + drawn
    return SimpleNamespace(data=data, said=said, drawn=drawn, kilobytes=usage.ru_maxrss)


def keep(terminal, drawn):
    try:
        while piece := os.read(terminal, 65536):
            drawn.append(piece)
    except OSError:
        return  # The other end is closed.


def of_the_file():
    counts = Counter()
    for row in csv.DictReader(SHIPPED.open()):
        for star in "12345":
            counts[row["agency_ipa"], row["service_id"], star] += math.ceil(int(row[f"stars_{star}"]) * PER_THOUSAND / 1000)
    return counts


def of_the_ledger(data):
    """Straight from the bodies that were accepted."""
    counts = Counter()
    for (body,) in sqlite3.connect(data / "aggregator/aggregator.sqlite").execute("SELECT body FROM entry"):
        message = json.loads(body)
        for batch in message["payload"].get("batches", []):
            for star in "12345":
                counts[message["agency"], batch["service"], star] += batch["counts"]["overall"][star]
    return counts


def of_the_pools(data):
    counts = Counter()
    for database in data.glob("*/collector.sqlite"):
        for service, answers in sqlite3.connect(database).execute("SELECT service, answers FROM pool"):
            counts[database.parent.name, service, json.loads(answers)["overall"][0]] += 1
    return counts


def test_every_replayed_rating_is_in_the_ledger_or_in_a_pool(replayed):
    said = {(agency, service, star): tuple(map(int, n)) for agency, service, star, *n in ROW.findall(replayed.said)}
    file, ledger, pools = of_the_file(), of_the_ledger(replayed.data), of_the_pools(replayed.data)
    assert said == {place: (file[place], ledger[place], pools[place]) for place in file}
    assert all(file[place] == ledger[place] + pools[place] for place in file)
    assert set(ledger) | set(pools) <= set(file)
    assert file.total() > 5_000 and pools.total() < 7 * 12


def test_the_report_closes_with_what_was_sent_sealed_waits_and_counts(replayed):
    sums = re.search(r"^sent (\d+), sealed (\d+), waiting in pools (\d+), in the ledger (\d+)$", replayed.said, re.MULTILINE)
    ledger = of_the_ledger(replayed.data).total()
    assert [int(n) for n in sums.groups()] == [of_the_file().total(), ledger, of_the_pools(replayed.data).total(), ledger]
    figures = re.findall(r"^national, .* n = (\d+), score \d", replayed.said, re.MULTILINE)
    assert sum(map(int, figures)) == ledger
    assert replayed.said.endswith("Every count agrees.\n")
    print(replayed.said)


def test_a_replay_draws_how_far_it_is_and_holds_little(replayed):
    total = of_the_file().total()
    steps = [int(n.replace(",", "")) for n in re.findall(rf"([\d,]+)/{total:,} ratings", replayed.drawn)]
    assert steps == sorted(steps) and steps[-1] == total and len(set(steps)) > 3
    assert replayed.kilobytes < MEMORY_MAX, replayed.kilobytes


MOMENTS = {
    "before everything is ready": lambda folder: any(folder.glob("*/aggregator/aggregator.sqlite")),
    "while ratings are sent": lambda folder: any(map(waiting, folder.glob("*/m_sa/collector.sqlite"))),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_interrupted_replay_ends_in_order_and_leaves_nothing(tmp_path, moment):
    process = replay(stderr=subprocess.PIPE, env=dict(os.environ, TMPDIR=str(tmp_path)))
    wait(lambda: MOMENTS[moment](tmp_path), "that moment does not come")
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=60)
    # Its counts were not shown to agree.
    assert process.returncode == 1 and "panicked" not in complaints, complaints
    assert list(tmp_path.iterdir()) == []


def waiting(database):
    """How many wait in the pool of a database that may be in the making."""
    try:
        return sqlite3.connect(f"file:{database}?mode=ro", uri=True).execute("SELECT COUNT(*) FROM pool").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def test_a_file_that_is_no_list_of_ratings_is_refused(tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("a,b\n1,2\n")
    done = subprocess.run([BINARIES / "gradimento-demo", "--replay", wrong], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "agency_ipa" in done.stderr
