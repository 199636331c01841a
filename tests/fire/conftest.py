"""How long the fire burns, and the table of what it counted."""

import os
import pathlib
import random
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))

from world import World

LONG = os.environ.get("FIRE_LENGTH", "short") == "long"


def pytest_terminal_summary(terminalreporter):
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    lines = [line for report in reports if getattr(report, "when", None) == "call" for line in report.user_properties]
    for title, counts in sorted(lines, key=lambda line: line[0]):
        terminalreporter.write_line(f"{title:<44} " + "  ".join(f"{name} {count}" for name, count in counts.items()))


@pytest.fixture
def tell(request):
    """Puts a line into the table at the end. Properties find their way from every process that tests."""
    return lambda title, **counts: request.node.user_properties.append((title, counts))


@pytest.fixture
def luck():
    """Random moments, under a seed that is printed and can be given again."""
    seed = int(os.environ.get("FIRE_SEED", random.SystemRandom().randrange(2**32)))
    print(f"FIRE_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def worlds(tmp_path):
    """Makes fresh worlds, each with an aggregator and a collector that run."""
    made = []

    def fresh(**settings):
        folder = tmp_path / f"world-{len(made)}"
        folder.mkdir()
        made.append(World(folder, **settings))
        return made[-1].found()

    try:
        yield fresh
    finally:
        for world in made:
            world.stop()


@pytest.fixture
def world(worlds):
    return worlds()


@pytest.fixture
def cycles():
    """As many as the length asks for."""
    return lambda short, long: long if LONG else short


@pytest.fixture(scope="module")
def settled(tmp_path_factory):
    """One world for many harmless tests."""
    world = World(tmp_path_factory.mktemp("settled"))
    try:
        yield world.found()
    finally:
        world.stop()
