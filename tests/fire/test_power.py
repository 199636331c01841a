"""The power fails under load: what was not synced is gone, and nothing that was acknowledged is. The same with NORMAL loses."""

import time

import pytest
from interpose import Disk
from load import Load
from programs import BINARIES
from reconcile import reconcile, stored
from world import SERVICE

ROUND = 25
NORMAL = BINARIES / "gradimento-collector-normal"


def under_power_failures(world, name, luck, cycles):
    """Load on a world in which the power of one side fails again and again, every second time with a part of the unsynced
    writes on the disk. Yields the load, ended, and how many bytes were lost."""
    program, serve, gone = getattr(world, name), getattr(world, f"serve_{name}"), 0
    disk = Disk(program)
    program.stop()
    serve(**disk.environment())
    load = Load(world.door, SERVICE).start()
    for cycle in range(cycles):
        time.sleep(0.2 + luck.random() * 1.3)
        program.kill()
        gone += disk.fail(torn=luck.random() if cycle % 2 else None)
        serve(**disk.environment())
    load.end()
    return load, gone


@pytest.mark.parametrize("name", ["collector", "aggregator"])
def test_at_power_failures_nothing_acknowledged_is_lost(name, luck, worlds, cycles, tell):
    total, left = dict.fromkeys(("cycles", "acknowledged", "sealed", "receipts", "lost", "unsynced_bytes_lost"), 0), cycles(8, 100)
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


def test_with_synchronous_normal_the_same_failures_lose_acknowledged_answers(luck, worlds, cycles, tell):
    assert NORMAL.exists(), "build it first: tests/fire/normal"
    world = worlds()
    world.collector.binary = NORMAL
    load, _ = under_power_failures(world, "collector", luck, cycles(4, 12))
    world.stop()
    lost = len(load.acknowledged) - sum(stored(world.databases["collector"]))
    tell("power failure, collector, NORMAL", cycles=cycles(4, 12), acknowledged=len(load.acknowledged), lost=lost)
    assert lost > 0
