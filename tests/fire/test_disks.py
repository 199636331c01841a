"""Bad disks and neighbours: a clear word in the log, no false success, and nothing lost that was acknowledged."""

import contextlib
import os
import resource
import socket
import sqlite3
import time

import pytest
from interpose import Disk, interposed
from load import Load
from programs import get, still, wait
from reconcile import counted, reconcile, rows, stored
from world import SERVICE


class Switch:
    """While it is on, what was planned to last fails."""

    def __init__(self, world):
        self.path = world.folder / "switch"

    def __enter__(self):
        self.path.touch()

    def __exit__(self, *_):
        self.path.unlink()


def restarted(world, name, plan, **more):
    """One of the two again, with the plan in front of it."""
    program = getattr(world, name)
    program.stop()
    getattr(world, f"serve_{name}")(**interposed(program, plan, world.messages, FIRE_SWITCH=world.folder / "switch", **more))
    return program


def all_is_there(world, load, seconds=90):
    world.settle(load.end(), seconds)
    world.stop()
    return reconcile(world, load)


FAULTS = {
    "disk full, log": ("ENOSPC*@write:wal", "database or disk is full"),
    "disk full, file": ("ENOSPC*@write:db", None),
    "read-only while running": ("EROFS*@write:wal", "disk I/O error"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_collector_whose_disk_refuses_writes_acknowledges_nothing_and_recovers(fault, world, tell):
    plan, word = FAULTS[fault]
    collector = restarted(world, "collector", plan)
    load = Load(world.door, SERVICE).start()
    time.sleep(1)
    with Switch(world):
        # A full file stops nobody: what is said stands in the log until there is room.
        before = still(load.acknowledged_now, "a disk that refuses goes on") if word else load.acknowledged_now()
        time.sleep(2)
        gained = load.acknowledged_now() - before
    assert (gained == 0) == (word is not None), f"{gained} were acknowledged on a disk that refuses"
    assert word is None or word in collector.log.read_text()
    account = all_is_there(world, load)
    tell(f"{fault}, collector", acknowledged=len(load.acknowledged), refused=load.statuses[500], lost=account.lost)


@pytest.mark.parametrize("fault", ["disk full, log", "read-only while running"])
def test_an_aggregator_whose_disk_refuses_writes_gives_no_receipt_and_recovers(fault, world, tell):
    plan, word = FAULTS[fault]
    aggregator = restarted(world, "aggregator", plan)
    load = Load(world.door, SERVICE).start()
    with Switch(world):
        size = still(world.ledger_size, "a disk that refuses goes on")
        time.sleep(2)
        assert world.ledger_size() == size
    assert word in aggregator.log.read_text()
    account = all_is_there(world, load)
    tell(f"{fault}, aggregator", acknowledged=len(load.acknowledged), receipts=account.receipts, lost=account.lost)


FAILED_SYNCS = [
    ("collector", "EIO@sync:wal:7"),
    ("collector", "EIO*@sync:db"),
    ("aggregator", 'EIO@write:wal~"kind":"summary">sync:wal'),
]


@pytest.mark.parametrize("name, plan", FAILED_SYNCS)
def test_a_failed_sync_ends_the_process_and_the_next_start_has_all_that_was_acknowledged(name, plan, world, tell):
    program, serve = getattr(world, name), getattr(world, f"serve_{name}")
    disk = Disk(program)
    program.stop()
    serve(**disk.environment(plan, FIRE_SWITCH=world.folder / "switch"))
    load = Load(world.door, SERVICE, citizens=2).start()
    if "db" in plan:
        # The file is synced when the log is emptied: after a second without answers. One more comes, and nobody after it.
        wait(lambda: load.acknowledged_now() > 20, "nobody is served")
        load.end()
    with Switch(world):
        if "db" in plan:
            load.once()
        assert program.process.wait(timeout=20) == -6, "the process did not end"
    assert "the disk did not confirm a write; ending" in program.log.read_text()
    # What the failed sync left in the page cache is gone, as it is after an error that the kernel has reported once.
    disk.fail()
    serve()
    account = all_is_there(world, load)
    tell(f"failed sync, {name}", acknowledged=len(load.acknowledged), receipts=account.receipts, lost=account.lost)


DAMAGES = {"the file's header": lambda page, size: (0, 100), "a table's page": lambda page, size: ((page - 1) * size, 200)}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name, table", [("collector", "pool"), ("aggregator", "entry")])
def test_a_damaged_file_is_refused_with_a_word_about_what_to_do(name, table, damage, world):
    world.stop()
    database, program = world.databases[name], getattr(world, name)
    page = rows(database, "SELECT rootpage FROM sqlite_schema WHERE name = ?", table)[0][0]
    size = rows(database, "PRAGMA page_size")[0][0]
    # A page that stands in the log still is read from there.
    empty_log(database)
    at, length = DAMAGES[damage](page, size)
    with database.open("r+b") as file:
        file.seek(at)
        file.write(b"\x5a" * length)
    told_to_restore(program)


def told_to_restore(program):
    done = program.attempt("serve")
    said = done.stdout + done.stderr
    assert done.returncode == 1 and "damaged" in said and "restore the last backup" in said, said


def empty_log(database):
    # Not left to the garbage collector: who has a database open keeps the index of its log alive.
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("name", ["collector", "aggregator"])
def test_a_log_that_is_cut_off_while_somebody_reads_is_refused_with_a_word_about_what_to_do(name, world):
    program, database = getattr(world, name), world.databases[name]
    with contextlib.closing(sqlite3.connect(database)) as neighbour:
        neighbour.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()
        program.kill()
        os.truncate(database.with_name(f"{name}.sqlite-wal"), 32)
        told_to_restore(program)


def test_a_read_only_disk_at_the_start_is_refused_with_a_clear_word(world):
    world.stop()
    for program in (world.collector, world.aggregator):
        plan = "EROFS*@open:db;EROFS*@open:wal;EROFS*@open:file"
        with Switch(world):
            done = program.attempt("serve", **interposed(program, plan, FIRE_SWITCH=world.folder / "switch"))
        assert done.returncode == 1 and "readonly" in done.stderr.replace("-", "").replace(" only", "only"), done.stderr


def test_a_truncated_log_costs_only_what_was_cut_off(worlds, luck, tell):
    # No boundary comes while it runs: what was already sent is the business of a restore.
    world = worlds(seal_seconds=86_400)
    load = Load(world.door, SERVICE).start()
    time.sleep(2)
    world.collector.kill()
    database, log = world.databases["collector"], world.databases["collector"].with_name("collector.sqlite-wal")
    content = log.read_bytes()
    log.unlink()
    checkpointed = sum(stored(database))
    kept = luck.randint(1, len(content) - 1)
    log.write_bytes(content[:kept])
    if not serves(world.serve_collector, world.collector):
        return tell("truncated log, collector", log_bytes=len(content), kept=kept, damage="told at the start")
    load.end()
    world.stop()
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]
    assert checkpointed <= sum(stored(database)) <= len(load.acknowledged)
    counts = {"acknowledged": len(load.acknowledged), "stored": sum(stored(database))}
    tell("truncated log, collector", log_bytes=len(content), kept=kept, **counts)


def serves(serve, program):
    """Whether it starts. A log may be cut off within what a checkpoint has copied from it: then the file is damaged, and says so."""
    try:
        serve()
    except AssertionError:
        assert "keep a copy of the files as they are, and restore the last backup" in program.log.read_text()
        return False
    return True


def test_a_truncated_log_of_the_aggregator_is_sent_to_it_again(world, luck, tell):
    # Who is registered is in the file: where that is cut off too, nobody is known any more.
    world.stop()
    empty_log(world.databases["aggregator"])
    world.serve_aggregator()
    world.serve_collector()
    load = Load(world.door, SERVICE).start()
    wait(lambda: world.collected() > 50, "nothing arrives")
    world.aggregator.kill()
    log = world.databases["aggregator"].with_name("aggregator.sqlite-wal")
    content = log.read_bytes()
    kept = luck.randint(0, len(content) // 2)
    log.write_bytes(content[:kept])
    if not serves(world.serve_aggregator, world.aggregator):
        return tell("truncated log, aggregator", log_bytes=len(content), kept=kept, damage="told at the start")
    world.settle(load.end())
    world.stop()
    collector, aggregator = world.databases["collector"], world.databases["aggregator"]
    again = rows(collector, "SELECT COUNT(*) FROM receipt_superseded")[0][0]
    assert counted(collector, aggregator) == load.by_stars()
    assert again == 0 or "the aggregator has lost messages" in world.collector.log.read_text()
    tell("truncated log, aggregator", log_bytes=len(content), kept=kept, acknowledged=len(load.acknowledged), again=again)


@pytest.mark.parametrize("name", ["collector", "aggregator"])
def test_a_database_that_somebody_else_holds_makes_citizens_wait_or_come_back(name, world, tell):
    # Longer than either waits for the lock.
    seconds = 7
    load = Load(world.door, SERVICE).start()
    time.sleep(1)
    neighbour = sqlite3.connect(world.databases[name], isolation_level=None, timeout=10)
    neighbour.execute("BEGIN IMMEDIATE")
    count = {"collector": load.acknowledged_now, "aggregator": world.ledger_size}[name]
    before = still(count, "nobody waits for the lock")
    time.sleep(seconds)
    assert count() == before
    busy = 'outcome="busy"' in get(f"{world.office}/metrics")[1].decode()
    neighbour.execute("ROLLBACK")
    neighbour.close()
    account = all_is_there(world, load)
    assert load.statuses[500] == 0, load.statuses
    if name == "collector":
        assert load.problems == {"Too much is being stored at this moment"}, load.problems
    else:
        assert busy, "the collector was not told why it waits"
    tell(f"held for {seconds} s, {name}", acknowledged=len(load.acknowledged), busy=load.statuses[503], lost=account.lost)


@pytest.mark.parametrize("name", ["collector", "aggregator"])
def test_without_file_descriptors_newcomers_are_refused_and_nobody_is_lied_to_and_it_passes(name, world, tell):
    program, port = getattr(world, name), {"collector": world.door, "aggregator": world.public}[name]
    answers = getattr(world, f"{name}_answers")
    load = Load(world.door, SERVICE).start()
    wait(lambda: load.acknowledged_now() > 20, "nobody is served")
    resource.prlimit(program.process.pid, resource.RLIMIT_NOFILE, (64, 64))
    idle = [socket.socket() for _ in range(200)]
    for connection in idle:
        # Nobody waits: what is not accepted stands in the kernel's queue, or is turned away there.
        connection.setblocking(False)
        connection.connect_ex(("127.0.0.1", port))
    refused = int(not answers())
    wait(lambda: "Too many open files" in program.log.read_text(), "the log does not say what it lacks")
    for connection in idle:
        connection.close()
    wait(answers, "it does not recover")
    before = load.acknowledged_now()
    wait(lambda: load.acknowledged_now() > before, "it does not recover")
    account = all_is_there(world, load)
    counts = {"acknowledged": len(load.acknowledged), "refused": refused, "lost": account.lost}
    tell(f"no file descriptors, {name}", **counts)
    assert refused > 0, "there was room"
