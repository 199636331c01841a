"""SIGKILL under load, at random moments and at named points, on either side: afterwards every count agrees. With a planted fault,
a reply before its commit, the same harness finds the loss."""

import subprocess
import time

import pytest
from interpose import interposed
from load import Load
from programs import BINARIES
from reconcile import reconcile, stored
from world import SERVICE

# Cycles after which a world is reconciled and a fresh one begins: its files stay of a size that starts fast.
ROUND = 50
# Until a named point is reached: couriers that met a dead peer some times in a row wait longer and longer.
NAMED_SECONDS = 40

COLLECTOR_POINTS = {
    "between the pages of a commit": "kill@write:wal:{n}",
    "before a commit is synced": "kill@sync:wal:{n}",
    "after a commit, before its reply": "kill@sync:wal:{n}>send:in",
    "after a reply, before the next pages are written": "kill@send:in~201 Created:{n}>write:wal",
    "in the middle of a checkpoint": "kill@write:db:{n}",
    "after sealing, before pushing": 'kill@write:wal~"kind":"summary">sync:wal>send:out',
    "after pushing, before the receipt is read": 'kill@write:wal~"kind":"summary">sync:wal>send:out>recv:out',
    "after the receipt, before it is kept": 'kill@write:wal~"kind":"summary">send:out>recv:out>write:wal',
}
AGGREGATOR_POINTS = {
    "between the pages of a ledger commit": 'kill@write:wal~"kind":"summary">write:wal',
    "before a ledger commit is synced": 'kill@write:wal~"kind":"summary">sync:wal',
    "after a ledger commit, before its receipt": 'kill@write:wal~"kind":"summary">sync:wal>send:in',
}


class Killer:
    """Kills one of the two again and again, and starts it again."""

    def __init__(self, world, luck, name):
        self.world, self.luck, self.name = world, luck, name
        self.program = getattr(world, name)
        self.named = 0

    def start(self, **environment):
        getattr(self.world, f"serve_{self.name}")(**environment)

    def at_random(self):
        time.sleep(self.luck.random() * 1.2)
        self.program.kill()
        self.start()

    def at(self, plan):
        """The point must be reached; who waits for it in vain kills all the same, and does not count."""
        self.program.kill()
        self.program.start("info", **interposed(self.program, plan, self.world.messages))
        try:
            self.program.process.wait(timeout=NAMED_SECONDS)
            self.named += self.program.process.returncode == -9
        except subprocess.TimeoutExpired:
            self.program.kill()
        self.start()


@pytest.mark.parametrize("name, points", [("collector", COLLECTOR_POINTS), ("aggregator", AGGREGATOR_POINTS)])
def test_killed_at_random_moments_and_named_points_nothing_is_lost_or_counted_twice(
    name, points, luck, worlds, cycles, tell
):
    random_cycles, named_cycles = cycles((8, 1), (300, 200 // len(points) + 1))
    plans = [plan for plan in points.values() for _ in range(named_cycles)] + [None] * random_cycles
    luck.shuffle(plans)
    total = dict.fromkeys(("cycles", "at_named_points", "acknowledged", "pool", "sealed", "receipts", "lost"), 0)
    for first in range(0, len(plans), ROUND):
        add(total, one_round(worlds(), name, luck, plans[first : first + ROUND]))
    tell(f"SIGKILL, {name}", **total)
    assert total["lost"] == 0 and total["at_named_points"] >= 0.8 * named_cycles * len(points)


def test_with_a_planted_fault_the_same_kills_lose_acknowledged_answers(luck, worlds, cycles, tell):
    world = worlds()
    world.collector.binary = BINARIES / "gradimento-collector-early"
    assert world.collector.binary.exists(), "build it first: tests/fire/planted"
    load, killer = Load(world.door, SERVICE).start(), Killer(world, luck, "collector")
    for _ in range(cycles(6, 32)):
        killer.at(COLLECTOR_POINTS["after a reply, before the next pages are written"].format(n=luck.randint(1, 30)))
    load.end()
    world.stop()
    lost = len(load.acknowledged) - sum(stored(world.databases["collector"]))
    tell("SIGKILL, collector, planted: early", cycles=cycles(6, 32), acknowledged=len(load.acknowledged), lost=lost)
    assert lost > 0


def one_round(world, name, luck, plans):
    load, killer = Load(world.door, SERVICE).start(), Killer(world, luck, name)
    for plan in plans:
        killer.at_random() if plan is None else killer.at(plan.format(n=luck.randint(1, 30)))
    acknowledged = load.end()
    world.settle(acknowledged)
    world.stop()
    account = reconcile(world, load)
    counts = {"cycles": len(plans), "at_named_points": killer.named, "acknowledged": acknowledged}
    return {**counts, "pool": account.pool, "sealed": account.sealed, "receipts": account.receipts, "lost": account.lost}


def add(total, counts):
    for name, count in counts.items():
        total[name] += count
