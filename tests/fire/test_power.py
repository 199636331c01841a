"""The power fails under load: what was not synced is gone, and nothing that was acknowledged is. With a planted fault, such as
`synchronous=NORMAL`, the same harness finds the loss."""

import subprocess

import pytest
from interpose import Disk
from load import Load
from programs import BINARIES
from reconcile import reconcile, rows, stored
from world import SERVICE

ROUND = 25
# Until a planned moment has come.
PLANNED_SECONDS = 15
# Moments at which the power fails besides random ones: before a sync, after a reply and before the next sync, after a sync and
# before its reply.
POINTS = ["kill@send:in:{n}>sync:wal", "kill@sync:wal:{n}", "kill@sync:wal:{n}>send:in", None]
# Syncs and replies until then: many at the collector, one for each message at the aggregator.
COUNTS = {"collector": (5, 60), "aggregator": (1, 3)}


def under_power_failures(world, name, luck, cycles, points=POINTS):
    """Load on a world in which the power of one side fails again and again, every second time with a part of the unsynced
    writes on the disk. Yields the load, ended, and how many bytes were lost."""
    program, serve, gone = getattr(world, name), getattr(world, f"serve_{name}"), 0
    disk = Disk(program)
    program.stop()
    serve(**disk.environment())
    load, planned = Load(world.door, SERVICE).start(), None
    for cycle in range(cycles):
        fail(program, luck, planned)
        gone += disk.fail(torn=luck.random() if luck.random() < 0.5 else None)
        planned = points[cycle % len(points)]
        program.start("info", **disk.environment((planned or "").format(n=luck.randint(*COUNTS[name]))))
    program.kill()
    serve()
    load.end()
    return load, gone


def fail(program, luck, planned):
    """Waits for the planned moment, or a random one where none is planned or it does not come."""
    try:
        program.process.wait(timeout=PLANNED_SECONDS if planned else 0.3 + luck.random() * 1.2)
    except subprocess.TimeoutExpired:
        program.kill()


@pytest.mark.parametrize("name", ["collector", "aggregator"])
def test_at_power_failures_nothing_acknowledged_is_lost(name, luck, worlds, cycles, tell):
    total = dict.fromkeys(("cycles", "acknowledged", "sealed", "receipts", "lost", "unsynced_bytes_lost"), 0)
    left = cycles(8, 100)
    while left > 0:
        world, now = worlds(), min(ROUND, left)
        load, gone = under_power_failures(world, name, luck, now)
        world.settle(len(load.acknowledged))
        world.stop()
        account = reconcile(world, load)
        add = (now, len(load.acknowledged), account.sealed, account.receipts, account.lost, gone)
        total = {key: count + more for (key, count), more in zip(total.items(), add)}
        left -= now
    tell(f"power failure, {name}, as shipped", **total)
    assert total["unsynced_bytes_lost"] > 0, "the failures took nothing away"


def lost_answers(world, load):
    return len(load.acknowledged) - sum(stored(world.databases["collector"]))


def lost_entries(world, _):
    """Messages for which there was a receipt, and which the ledger had lost: their collector has noticed, and sent them again."""
    return rows(world.databases["collector"], "SELECT COUNT(*) FROM receipt_superseded")[0][0]


# With what loses, and the moments at which it is looked for: a log that is not synced loses at any moment.
PLANTED = {
    "collector-normal": ([None], lost_answers),
    "collector-early": (POINTS[:1], lost_answers),
    "aggregator-normal": ([None], lost_entries),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_with_a_planted_fault_the_same_failures_lose_what_was_acknowledged(fault, luck, worlds, cycles, tell):
    binary, (points, lost_in) = BINARIES / f"gradimento-{fault}", PLANTED[fault]
    assert binary.exists(), "build it first: tests/fire/planted"
    world, name = worlds(), fault.split("-")[0]
    getattr(world, name).binary = binary
    load, _ = under_power_failures(world, name, luck, cycles(16, 32), points)
    if name == "aggregator":
        world.settle(len(load.acknowledged))
    world.stop()
    lost = lost_in(world, load)
    tell(f"power failure, planted: {fault}", cycles=cycles(16, 32), acknowledged=len(load.acknowledged), lost=lost)
    assert lost > 0
