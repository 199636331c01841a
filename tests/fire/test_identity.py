"""The identity is one file: at whatever point the power fails while it is replaced, the old one or the new one is there, and
the same command, or the next start, completes what was begun."""

import pytest
from interpose import Disk, interposed
from programs import wait
from world import World

# Each step of putting a file in another's place, and the reply before it.
STEPS = ["kill@write:file:{n}", "kill@sync:file:{n}", "kill@rename:file:{n}", "kill@sync:dir:{n}", "kill@sync:dir:{n}>send:out"]
# Two thirds of a certificate's life are over after 20 days of 30.
RENEWAL_DUE_SECONDS = 21 * 86_400


@pytest.mark.parametrize("torn", [None, 1, 2])
@pytest.mark.parametrize("step", STEPS[:4])
def test_a_join_cut_off_anywhere_is_completed_by_the_same_token(step, torn, tmp_path):
    world = World(tmp_path)
    try:
        world.aggregator.run("init")
        world.serve_aggregator()
        world.aggregator.run("agency", "inps", "--name", "INPS", "--category", "C16", "--fiscal-code", "80078750587")
        token = world.aggregator.run("invite", "inps").strip()
        world.collector.run("init")
        keys, disk = world.identity()["keys"], Disk(world.collector)
        cut_off = world.collector.attempt("join", token, **disk.environment(step.format(n=1)))
        assert cut_off.returncode == -9
        disk.fail(torn)
        identity = world.identity()
        assert identity["keys"] == keys
        if identity["membership"] is None:
            world.collector.run("join", token)
        world.serve_collector()
        wait(lambda: world.ledger_size() > 0, "the collector is no member")
    finally:
        world.stop()


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("step", STEPS)
def test_a_renewal_cut_off_anywhere_is_completed_by_the_next_start(step, n, world):
    world.stop()
    before, disk = world.identity(), Disk(world.collector)
    later = {"FIRE_AHEAD": RENEWAL_DUE_SECONDS}
    world.serve_aggregator(**interposed(world.aggregator, **later))
    world.collector.start("info", **disk.environment(step.format(n=n), FIRE_OUT_PORT=world.messages, **later))
    assert world.collector.process.wait(timeout=30) == -9
    disk.fail()
    at_the_failure = world.identity()
    assert at_the_failure["token_secret"] == before["token_secret"] and at_the_failure["membership"] is not None
    size = world.ledger_size()
    world.serve_collector(**interposed(world.collector, **later))
    wait(lambda: world.identity()["keys"] != before["keys"], "not renewed")
    wait(lambda: world.ledger_size() > size, "the renewed collector cannot speak")
    assert world.identity()["membership"]["reply"]["stream"] == before["membership"]["reply"]["stream"]
