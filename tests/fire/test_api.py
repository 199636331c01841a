"""Whatever a program sends that has read the interface description, or has misread it: no 5xx, no answer that is not
described."""

import re
import subprocess

import pytest
from conftest import LONG
from programs import BINARIES, client_context

TOOL = BINARIES.parent / "fire-venv/bin/schemathesis"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method"
)


@pytest.mark.parametrize("name", ["collector", "aggregator"])
def test_every_answer_to_generated_requests_is_described(name, world, tell):
    port = world.door if name == "collector" else world.public
    command = [TOOL, "run", f"http://127.0.0.1:{port}/openapi.json", "--checks", CHECKS, "--no-color"]
    command += ["--generation-database", "none", "--phases", "examples,coverage,fuzzing", "--continue-on-failure"]
    command += ["--max-examples", "2000" if LONG else "25"]
    if name == "collector":
        # Tickets are issued at the admin listener, whose address the description cannot know.
        command += ["--exclude-operation-id", "issueTickets"]
    if name == "aggregator":
        # What collectors ask is asked with the collector's own certificate.
        client_context(world.aggregator.data, world.identity(), world.folder)
        command += ["--request-cert", world.folder / "client.pem", "--tls-verify", world.aggregator.data / "root.pem"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3_000 if LONG else 150, cwd=world.folder)
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2_000:]
    cases = re.search(r"([\d,]+) generated", done.stdout)
    tell(f"schemathesis, {name}", cases=cases[1] if cases else "?", failures=0)
