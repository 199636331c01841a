"""One journey for all tests: real programs, a real join, twelve answers, and everything that was on the wire."""

import base64
import http.client
import json
import pathlib
import secrets
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))

from capture import Recorder
from programs import Program, client_context, free_port, get, read_json, wait

ANSWERS = 14
AGENT = "Mozilla/5.0 (Tracciabile; rv:128.0)"
FORWARDED = "203.0.113.77"
# All of 127.0.0.0/8 is this machine; the programs themselves never speak from here.
ADDRESS = "127.0.0.77"
# What citizens and programs send that is refused, in each place where it could be.
CANARY = "canarino-inconfondibile-9b1c"
SUGGESTION = "frase-inconfondibile con ogni scrittura: ciao 🎉 Ω ж 漢字 عربى"


RESPONSES = "/rest/cx/v1/services/pensioni/responses"
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def refused(form_token):
    """Status, address, body and headers of what a collector refuses; in each of them the canary."""
    keyed = {**JSON, "Idempotency-Key": secrets.token_urlsafe(24)}

    def response(**more):
        return json.dumps({"questionnaire": "national-core", "version": 1, "answers": {"overall": 5}, **more})

    yield 400, RESPONSES, f'{{"suggestion": "{CANARY}', keyed
    yield 400, RESPONSES, f'{{"suggestion": "{CANARY} \\q"}}', keyed
    yield 400, RESPONSES, f'{{"suggestion": "{CANARY} '.encode() + b'\xff"}', keyed
    yield 400, RESPONSES, f'["{CANARY}"]', keyed
    yield 400, RESPONSES, response(version=CANARY), keyed
    yield 400, RESPONSES, response(**{CANARY: 1}), keyed
    yield 400, RESPONSES, response(suggestion=[CANARY]), keyed
    yield 400, RESPONSES, response(answers=CANARY), keyed
    yield 413, RESPONSES, response(suggestion=CANARY * 2_000), keyed
    yield 415, RESPONSES, CANARY, {**keyed, "Content-Type": f"text/{CANARY}"}
    yield 422, RESPONSES, response(suggestion=CANARY * 200), keyed
    yield 422, RESPONSES, response(questionnaire=CANARY), keyed
    yield 422, RESPONSES, response(language=CANARY), keyed
    yield 422, RESPONSES, response(answers={"overall": CANARY}), keyed
    yield 422, RESPONSES, response(answers={"overall": 5, CANARY: CANARY}), keyed
    yield 422, RESPONSES, response(ticket=CANARY), keyed
    yield 422, RESPONSES, response(form_token=CANARY), JSON
    yield 400, RESPONSES, response(suggestion=CANARY), JSON
    yield 400, RESPONSES, response(), {**JSON, "Idempotency-Key": CANARY[:9]}
    yield 404, f"/rest/cx/v1/services/ignoto/responses?{CANARY}", response(suggestion=CANARY), keyed
    yield 404, "/rest/cx/v1/withdrawals", json.dumps({"withdrawal_code": CANARY}), JSON
    yield 404, "/withdraw", f"withdrawal_code={CANARY}", FORM
    yield 422, "/s/pensioni", f"form_token={form_token}&overall=9&suggestion={CANARY}", FORM
    yield 422, "/s/pensioni", f"form_token={CANARY}&overall={CANARY}", FORM
    yield 413, "/s/pensioni", f"suggestion={CANARY * 2_000}", FORM


class Journey:
    def __init__(self, folder):
        self.folder = folder
        self.public, self.messages, self.door = free_port(), free_port(), free_port()
        self.aggregator = Program(
            "aggregator",
            folder,
            f"[public]\naddress = '127.0.0.1:{self.public}'\n[messages]\naddress = '127.0.0.1:{self.messages}'\n"
            f"[admin]\naddress = '127.0.0.1:{free_port()}'\n[survey]\nseal_interval_seconds = 1\n",
        )
        self.collector = Program(
            "collector",
            folder,
            f"[agency]\nname = 'INPS'\n[public]\naddress = '127.0.0.1:{self.door}'\n[admin]\naddress = '127.0.0.1:{free_port()}'\n"
            "[[services]]\nid = 'pensioni'\nname = 'Pensioni'\ntype = 'transaction'\n",
        )
        self.keys, self.codes, self.recorder = [], [], None

    def start(self):
        self.aggregator.run("init")
        self.root = self._root_context()
        self.aggregator.serve(lambda: get(f"https://127.0.0.1:{self.public}/status", self.root)[0] == 200)
        self.aggregator.run("agency", "inps", "--name", "INPS", "--category", "C16", "--fiscal-code", "80078750587")
        token = self.aggregator.run("invite", "inps").strip()
        self.collector.run("init")
        self.collector.run("join", token)
        self.identity = read_json(self.collector.data / "identity.json")
        self.client = client_context(self.aggregator.data, self.identity, self.folder)
        self.recorder = Recorder(self.folder, self.aggregator.data, ("127.0.0.1", self.messages), self.client)
        self.recorder.start()
        self._lead_past_the_recorder()
        ready = f"http://127.0.0.1:{self.door}/status"
        self.collector.serve(lambda: get(ready)[0] == 200)

    def _root_context(self):
        import ssl

        return ssl.create_default_context(cafile=self.aggregator.data / "root.pem")

    def _lead_past_the_recorder(self):
        self.identity["membership"]["reply"]["messages_url"] = self.recorder.url
        (self.collector.data / "identity.json").write_text(json.dumps(self.identity))

    def answer(self):
        for n in range(ANSWERS):
            key = secrets.token_urlsafe(24)
            body = {"questionnaire": "national-core", "version": 1, "answers": {"overall": 1 + n % 5}, "language": "it"}
            body["suggestion"] = SUGGESTION
            status, reply = self.post(RESPONSES, json.dumps(body), {**JSON, "Idempotency-Key": key})
            assert status == 201
            self.codes.append(json.loads(reply)["withdrawal_code"])
            self.keys.append(key)

    def be_refused(self):
        """Sends every kind of thing that is wrong, and gets the status that it deserves."""
        questionnaire = get(f"http://127.0.0.1:{self.door}/rest/cx/v1/services/pensioni/questionnaire")[1]
        for status, path, body, headers in refused(json.loads(questionnaire)["form_token"]):
            got, reply = self.post(path, body, headers)
            assert got == status, (path, body[:200], headers, got, reply)

    def post(self, path, body, headers):
        """As a citizen's device would, from an address of its own."""
        traces = {"User-Agent": AGENT, "X-Forwarded-For": FORWARDED, "Cookie": "sessione=segreta-12345"}
        line = http.client.HTTPConnection("127.0.0.1", self.door, timeout=10, source_address=(ADDRESS, 0))
        line.request("POST", path, body.encode() if isinstance(body, str) else body, {**traces, **headers})
        reply = line.getresponse()
        return reply.status, reply.read()

    def summaries(self):
        posts = [e for e in self.recorder.exchanges if e.path == "/rest/cx/v1/messages" and e.status == 201]
        return [e for e in posts if json.loads(e.body)["kind"] == "summary"]

    def status(self):
        return json.loads(get(f"https://127.0.0.1:{self.public}/status", self.root)[1])

    def seal_key(self):
        return base64.b64decode(self.identity["keys"]["seal"])

    def stop(self):
        self.collector.stop()
        self.aggregator.stop()
        if self.recorder is not None:
            self.recorder.close()


@pytest.fixture(scope="session")
def journey(tmp_path_factory):
    journey = Journey(tmp_path_factory.mktemp("journey"))
    try:
        journey.start()
        journey.answer()
        journey.be_refused()
        wait(lambda: len(journey.summaries()) == 1, "no summary was seen on the wire")
        # What follows speaks for the collector; it must not speak itself meanwhile.
        journey.collector.stop()
        yield journey
    finally:
        journey.stop()
