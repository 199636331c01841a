"""Whatever a program sends that has read the interface description, or has misread it: no 5xx, no answer that is not
described. The descriptions end each list of answers with `default`, under which any status is described: they are tried without."""

import json
import re
import subprocess
from urllib.request import urlopen

import pytest
from conftest import LONG
from programs import BINARIES, client_context

TOOL = BINARIES.parent / "fire-venv/bin/schemathesis"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method"
)
TIMEOUT_SECONDS = 3_000 if LONG else 600


def answers(description):
    """The described answers of each operation, by its name."""
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    return {operation["operationId"]: operation["responses"] for operation in operations if "operationId" in operation}


def described(world, address, forgotten=()):
    """The description that is served there, in a file, without `default` and without what is to be forgotten."""
    description = json.loads(urlopen(f"{address}/openapi.json").read())
    for responses in answers(description).values():
        assert responses.pop("default", None), "every operation has a default answer"
    for operation, status in forgotten:
        del answers(description)[operation][status]
    file = world.folder / "openapi.json"
    file.write_text(json.dumps(description).replace("https://admin.invalid", world.desk))
    return file


def generated(world, file, seed, *options):
    """Generates requests, and yields how it ended."""
    command = [TOOL, "run", file, "--checks", CHECKS, "--no-color", "--generation-database", "none"]
    command += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--seed", str(seed)]
    command += ["--max-examples", "2000" if LONG else "25", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, cwd=world.folder)


def at(file, address):
    """The options by which the operations of one listener are tried there, and no others."""
    description = json.loads(file.read_text())
    served = [
        f"--include-operation-id={operation['operationId']}"
        for path in description["paths"].values()
        for operation in path.values()
        if "operationId" in operation
        and address in [server["url"] for server in operation.get("servers", path.get("servers", description["servers"]))]
    ]
    assert served, address
    return [f"--url={address}", *served]


def known_as(name, world):
    """With what callers of this listener show who they are."""
    if name == "for back ends":
        return ["--header", f"Authorization: Bearer {(world.collector.data / 'admin.token').read_text().strip()}"]
    if name == "for collectors":
        client_context(world.aggregator.data, world.identity(), world.folder)
        return ["--request-cert", world.folder / "client.pem", "--tls-verify", world.aggregator.data / "root.pem"]
    return []


@pytest.mark.parametrize("name", ["for citizens", "for back ends", "for readers", "for collectors"])
def test_every_answer_to_generated_requests_is_described(name, world, luck, tell):
    door, public = f"http://127.0.0.1:{world.door}", f"http://127.0.0.1:{world.public}"
    listeners = {
        "for citizens": (door, door),
        "for back ends": (door, world.desk),
        "for readers": (public, public),
        "for collectors": (public, f"https://127.0.0.1:{world.messages}"),
    }
    describer, address = listeners[name]
    file = described(world, describer)
    done = generated(world, file, luck.getrandbits(32), *at(file, address), *known_as(name, world))
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2_000:]
    cases = re.search(r"([\d,]+) generated", done.stdout)
    tell(f"schemathesis, {name}", cases=cases[1] if cases else "?", failures=0)


def test_an_answer_that_is_not_described_is_found(world, luck):
    door = f"http://127.0.0.1:{world.door}"
    file = described(world, door, forgotten=[("withdrawResponse", "404")])
    done = generated(world, file, luck.getrandbits(32), f"--url={door}", "--include-operation-id=withdrawResponse")
    assert done.returncode == 1 and "Undocumented status code" in done.stdout, done.stdout[-4_000:]
