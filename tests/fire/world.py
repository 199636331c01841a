"""One aggregator and one collector that has joined it, as an operator would set them up, started and restarted at will."""

import json

from programs import Program, free_port, get, read_json, wait
from reconcile import rows

SERVICE = "pensioni"


class World:
    def __init__(self, folder, seal_seconds=1, open_files=None):
        self.folder = folder
        self.public, self.messages, self.door = free_port(), free_port(), free_port()
        admin, desk = free_port(), free_port()
        self.aggregator = Program(
            "aggregator",
            folder,
            f"[public]\naddress = '127.0.0.1:{self.public}'\ntls = false\n[messages]\naddress = '127.0.0.1:{self.messages}'\n"
            f"[admin]\naddress = '127.0.0.1:{admin}'\n[survey]\nseal_interval_seconds = {seal_seconds}\n",
        )
        self.collector = Program(
            "collector",
            folder,
            f"[agency]\nname = 'INPS'\n[public]\naddress = '127.0.0.1:{self.door}'\n[admin]\naddress = '127.0.0.1:{desk}'\n"
            f"[[services]]\nid = '{SERVICE}'\nname = 'Pensioni'\ntype = 'transaction'\n",
        )
        if open_files:
            self.aggregator.within = self.collector.within = ["prlimit", f"--nofile={open_files}"]
        self.databases = {p.name: p.data / f"{p.name}.sqlite" for p in (self.aggregator, self.collector)}
        self.desk, self.office = f"http://127.0.0.1:{desk}", f"http://127.0.0.1:{admin}"

    def found(self):
        """Both are set up and running, and the collector knows what to ask."""
        self.aggregator.run("init")
        self.serve_aggregator()
        self.aggregator.run("agency", "inps", "--name", "INPS", "--category", "C16", "--fiscal-code", "80078750587")
        self.token = self.aggregator.run("invite", "inps").strip()
        self.collector.run("init")
        self.collector.run("join", self.token)
        self.serve_collector()
        return self

    def aggregator_answers(self):
        return get(f"http://127.0.0.1:{self.public}/status")[0] == 200

    def collector_answers(self):
        return get(f"http://127.0.0.1:{self.door}/status")[0] == 200

    def serve_aggregator(self, **environment):
        self.aggregator.serve(self.aggregator_answers, level="info", **environment)

    def serve_collector(self, **environment):
        self.collector.serve(self.collector_answers, level="info", **environment)

    def ledger_size(self):
        return json.loads(get(f"http://127.0.0.1:{self.public}/status")[1] or b"{}").get("ledger_size", 0)

    def collected(self):
        """Responses that the aggregator publishes."""
        status, body = get(f"http://127.0.0.1:{self.public}/rest/cx/v1/indicators?level=country")
        return sum(item["responses"] for item in json.loads(body)["items"]) if status == 200 else -1

    def metric(self, name):
        lines = get(f"{self.desk}/metrics")[1].decode().splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(name) and not line.startswith("#")), None)

    def settle(self, responses, seconds=90):
        """Waits until everything that can leave has left: all but the two that every boundary holds back, while less than
        twelve wait."""
        wait(lambda: responses - self.collected() < 12, f"{responses} were sent, not all of them arrived", seconds=seconds)
        waiting = "SELECT COUNT(*) FROM outbox WHERE receipt IS NULL AND stranded = 0"
        wait(lambda: rows(self.databases["collector"], waiting) == [(0,)], "not everything has its receipt", seconds=seconds)

    def identity(self):
        return read_json(self.collector.data / "identity.json")

    def stop(self):
        self.collector.stop()
        self.aggregator.stop()
