"""The real programs, set up as an operator would, in a folder of their own."""

import base64
import itertools
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import time
import urllib.request

BINARIES = pathlib.Path(os.environ["BINARIES"])


# Below the range from which the system gives ports to whoever asks for any: while a program is stopped, nobody gets its port.
# Two processes that were started one after the other begin apart.
PORTS = (10_000 + (os.getpid() * 211 + taken) % 22_000 for taken in itertools.count())


def free_port():
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Program:
    """One of the two programs, with its configuration and its log."""

    def __init__(self, name, folder, configuration):
        self.name, self.folder = name, folder
        self.data = folder / name
        self.config = folder / f"{name}.toml"
        self.config.write_text(f'data = "{self.data}"\n' + configuration)
        self.log = folder / f"{name}.log"
        self.binary = BINARIES / f"gradimento-{name}"
        self.process = None
        # A command that starts it, where it is to run in other conditions than ours.
        self.within = []

    def _command(self, *words):
        return [*self.within, str(self.binary), "--config", str(self.config), *words]

    def attempt(self, *words, **environment):
        """Runs a command to its end, whatever that is."""
        environment = dict(os.environ, NO_COLOR="1", **environment)
        return subprocess.run(self._command(*words), capture_output=True, text=True, timeout=60, env=environment)

    def run(self, *words):
        done = self.attempt(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, level="trace", **environment):
        environment = dict(os.environ, GRADIMENTO_LOG=level, NO_COLOR="1", **environment)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self._command("serve"), stdout=subprocess.DEVNULL, stderr=log, env=environment)

    def serve(self, ready, level="trace", **environment):
        self.start(level, **environment)
        wait(ready, f"{self.name} does not serve: {self.log}", lambda: self.process.poll() is None)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)

    def kill(self):
        """Nothing is finished, nothing is said."""
        self.process.kill()
        self.process.wait(timeout=20)


def wait(condition, complaint, alive=lambda: True, seconds=60):
    for _ in range(seconds * 20):
        assert alive(), complaint
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(complaint)


def still(count, complaint, seconds=30):
    """Waits until a count has not grown for a second, and yields it: what was under way is over."""
    for _ in range(seconds):
        before = count()
        time.sleep(1)
        if count() == before:
            return before
    raise AssertionError(complaint)


def get(url, context=None):
    """Status and body, or (0, b"") where nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5, context=context) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def client_context(aggregator_data, identity, folder):
    """TLS as the collector speaks it: its own certificate, and the aggregator's root as the only anchor."""
    key = base64.b64decode(identity["keys"]["tls"])
    chain = identity["membership"]["reply"]["certificates"]["tls"]
    pem = folder / "client.pem"
    parts = [("PRIVATE KEY", base64.b64encode(key).decode())] + [("CERTIFICATE", der) for der in chain]
    pem.write_text("".join(f"-----BEGIN {what}-----\n{wrapped(text)}\n-----END {what}-----\n" for what, text in parts))
    context = ssl.create_default_context(cafile=aggregator_data / "root.pem")
    context.load_cert_chain(pem)
    return context


def wrapped(text):
    return "\n".join(text[i : i + 64] for i in range(0, len(text), 64))


def read_json(path):
    return json.loads(path.read_text())
