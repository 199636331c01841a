"""One journey for all tests: real programs, a real join, twelve answers, and everything that was on the wire."""

import base64
import json
import pathlib
import secrets
import sys
import urllib.request

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))

from capture import Recorder
from programs import Program, client_context, free_port, get, read_json, wait

ANSWERS = 14
AGENT = "Mozilla/5.0 (Tracciabile; rv:128.0)"
FORWARDED = "203.0.113.77"
SUGGESTION = "frase-inconfondibile con ogni scrittura: ciao 🎉 Ω ж 漢字 عربى"


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
            headers = {
                "Content-Type": "application/json",
                "Idempotency-Key": key,
                "User-Agent": AGENT,
                "X-Forwarded-For": FORWARDED,
                "Cookie": "sessione=segreta-12345",
            }
            url = f"http://127.0.0.1:{self.door}/rest/cx/v1/services/pensioni/responses"
            request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
            with urllib.request.urlopen(request, timeout=10) as reply:
                assert reply.status == 201
                self.codes.append(json.loads(reply.read())["withdrawal_code"])
            self.keys.append(key)

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
        wait(lambda: len(journey.summaries()) == 1, "no summary was seen on the wire")
        # What follows speaks for the collector; it must not speak itself meanwhile.
        journey.collector.stop()
        yield journey
    finally:
        journey.stop()
