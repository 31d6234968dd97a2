# SPDX-License-Identifier: GPL-3.0-or-later
"""The validating proxy over more than the peers' own description: with tests/data/azure-openapi, which has what a comparison asks for.
It judges what a second stand-in of Azure Resource Manager is asked; to the tests that one takes the place of the peers' own."""

import glob
import http.client
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request

from peer import free_port

HERE = os.path.dirname(os.path.abspath(__file__))
DOCUMENTS = os.path.join(HERE, "..", "data", "azure-openapi", "*.json")


def merge(document, name):
    """Adds what the file @name describes to @document, under names of its own."""
    tag = os.path.splitext(os.path.basename(name))[0]
    with open(name, encoding="utf-8") as text:
        added = json.loads(re.sub(r'"#/(definitions|parameters)/', rf'"#/\1/{tag}_', text.read()))
    for path, item in added["paths"].items():
        assert path not in document["paths"], f"the peers know {path} by now"
        document["paths"][path] = item
    for kind in ("definitions", "parameters"):
        document[kind].update({f"{tag}_{key}": value for key, value in added[kind].items()})


class Validator:
    """Both of them, for @peers, whose ARM_ENDPOINT and PRISM are then those."""

    def __init__(self, peers):
        self.processes, self.operations = [], []
        modules = os.path.join(os.path.dirname(peers["RUN_DIR"]), "npm", "node_modules")
        described = os.path.join(peers.folder, "described.json")
        with open(os.path.join(peers["RUN_DIR"], "arm.json"), encoding="utf-8") as text:
            document = json.load(text)
        known = set(document["paths"])
        for name in sorted(glob.glob(DOCUMENTS)):
            merge(document, name)
        for path in set(document["paths"]) - known:
            self.operations.append(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "$"))
        with open(described, "w", encoding="utf-8") as out:
            json.dump(document, out)
        blob, _, signin, _ = peers.ports
        prism, arm = str(free_port()), str(free_port())
        try:
            self.begin(peers, "prism", os.path.join(modules, "@stoplight", "prism-cli", "dist", "index.js"), "mock", "--host", "127.0.0.1",
                       "--port", prism, "--errors", described)
            self.begin(peers, "arm", os.path.join(os.environ["REPRISE_PEER"], "arm.mjs"), arm, prism, signin, blob,
                       peers["STORAGE_ACCOUNT"], peers["STORAGE_KEY"])
            self.prism = f"127.0.0.1:{prism}"
            for address in (f"http://{self.prism}/", f"http://127.0.0.1:{arm}/__test/log"):
                self.wait(address)
        except BaseException:
            self.close()
            raise
        peers.env["PRISM"], peers.env["ARM_ENDPOINT"] = f"http://{self.prism}", f"http://127.0.0.1:{arm}"

    def begin(self, peers, name, *args):
        with open(os.path.join(peers.folder, f"validator-{name}.log"), "w", encoding="utf-8") as log:
            self.processes.append(subprocess.Popen(["node", *args], stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT))

    def wait(self, address):
        """Until it answers at all."""
        end = time.monotonic() + 60
        while True:
            assert all(process.poll() is None for process in self.processes), "the validator has ended"
            try:
                with urllib.request.urlopen(address, timeout=5):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                assert time.monotonic() < end, f"nothing answers at {address}"
                time.sleep(0.2)

    def close(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()

    def compared(self, peers):
        """Of the requests so far those that a comparison sent, as they are in the log."""
        return [entry for entry in peers.log() if any(each.match(entry[1].partition("?")[0]) for each in self.operations)]

    def judge(self, entry):
        """What the proxy alone answers to a request of the log: also to one for which a test has laid down another answer."""
        connection = http.client.HTTPConnection(self.prism, timeout=30)
        try:
            connection.request(entry[0], entry[1], headers={"Authorization": "Bearer x"})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()


__all__ = ["Validator"]
