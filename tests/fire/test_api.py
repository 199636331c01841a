"""Whatever a program sends that has read the interface description, or has misread it: no 5xx, no answer that is not
described."""

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


# The description cannot know the address of the listener on which back ends get tickets.
DESK = ["issueTickets", "signUnlinkableTickets"]


@pytest.mark.parametrize("name", ["collector", "collector, for back ends", "aggregator"])
def test_every_answer_to_generated_requests_is_described(name, world, tell):
    desk, door, public = world.desk, f"http://127.0.0.1:{world.door}", f"http://127.0.0.1:{world.public}"
    command = [TOOL, "run", "--checks", CHECKS, "--no-color", "--generation-database", "none"]
    command += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--max-examples", "2000" if LONG else "25"]
    if name == "collector":
        command += [f"{door}/openapi.json", *(f"--exclude-operation-id={operation}" for operation in DESK)]
    elif name == "aggregator":
        # What collectors ask is asked with the collector's own certificate.
        client_context(world.aggregator.data, world.identity(), world.folder)
        command += [f"{public}/openapi.json", "--request-cert", world.folder / "client.pem"]
        command += ["--tls-verify", world.aggregator.data / "root.pem"]
    else:
        description = world.folder / "desk.json"
        description.write_text(urlopen(f"{door}/openapi.json").read().decode().replace("https://admin.invalid", desk))
        command += [description, f"--url={desk}", *(f"--include-operation-id={operation}" for operation in DESK)]
        command += ["--header", f"Authorization: Bearer {(world.collector.data / 'admin.token').read_text().strip()}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3_000 if LONG else 150, cwd=world.folder)
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2_000:]
    cases = re.search(r"([\d,]+) generated", done.stdout)
    tell(f"schemathesis, {name}", cases=cases[1] if cases else "?", failures=0)
