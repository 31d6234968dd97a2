# SPDX-License-Identifier: GPL-3.0-or-later
"""The sign-in of a person over the real command line: codes, the browser, jobs that wait for somebody, lists to choose from, pasted
signatures; and none of the tokens that were given out is anywhere but in the keyring.
"""

import http.server
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from reprise_canary import hits, scan_files, scan_processes
from reprise_test import Home, Terminal, program, wait_until

CODE = r"type in the code (?:\x1b\[[0-9;]*m)*([A-Z0-9-]+)"
NEEDS_SIGN_IN = 4


def is_backup(entry):
    """Whether a request begins a backup."""
    return re.search(r"/backup(\?|$)", entry[1])


class Authority:
    """Stands before the OpenID provider, keeps what it gives out, and asks for patience where it is told to."""

    def __init__(self, address):
        self.tokens, self.slow_downs, self.polls = set(), 0, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """One request, passed on."""

            protocol_version = "HTTP/1.1"

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

            def reply(self, status, headers, body):
                self.send_response(status)
                for name in ("Content-Type", "Location", "Cache-Control"):
                    if headers.get(name):
                        self.send_header(name, headers[name])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                polls = b"device_code=" in body
                if polls:
                    outer.polls.append(time.monotonic())
                if polls and outer.slow_downs:
                    outer.slow_downs -= 1
                    self.reply(400, {"Content-Type": "application/json"}, b'{"error":"slow_down"}')
                    return
                self.pass_on(body)

            def do_GET(self):  # pylint: disable=invalid-name
                self.pass_on(None)

            def pass_on(self, body):
                request = urllib.request.Request(address + self.path, body, {"Content-Type": self.headers.get("Content-Type") or ""})
                try:
                    with urllib.request.urlopen(request, timeout=30) as answer:
                        status, headers, data = answer.status, answer.headers, answer.read()
                except urllib.error.HTTPError as error:
                    status, headers, data = error.code, error.headers, error.read()
                outer.take(data)
                self.reply(status, headers, data)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, data):
        """The secrets of an answer."""
        try:
            answer = json.loads(data)
        except ValueError:
            return
        for name in ("access_token", "refresh_token", "id_token", "device_code"):
            if isinstance(answer, dict) and name in answer:
                self.tokens.add(answer[name])

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Person:
    """A home with a keyring, and somebody in front of it."""

    def __init__(self, peers):
        self.peers, self.home, self.said = peers, Home(), []
        self.home.cli = program("cli/reprise")
        assert self.home.start_bus(keyring=True), "there is no gnome-keyring-daemon"
        self.authority = Authority(peers["AUTHORITY"])
        self.settings = {"cloud": "other", "management-address": peers["ARM_ENDPOINT"], "sign-in-address": self.authority.address,
                         "token-audience": peers["RESOURCE"], "tenant": peers["TENANT"], "client-id": peers["PUBLIC_CLIENT_ID"]}
        self.added = self.add("Shop")

    def close(self):
        self.authority.close()
        self.home.remove()

    def words(self, **more):
        """Settings as arguments."""
        return [word for key, value in {**self.settings, **more}.items() for word in ("--set", f"{key.replace('_', '-')}={value}")]

    def add(self, name, **more):
        values = {"subscription": self.peers["SUBSCRIPTION"], "resource_group": "rg1", "application": "shop", "storage": "azure",
                  "account": self.peers["STORAGE_ACCOUNT"], "container": "backups", "storage_address": self.peers["BLOB_ENDPOINT"]}
        done = self.run("service", "add", "azure-app-service", name, "--no-test", *self.words(**values, **more))
        assert done.code in (0, 3) and "was added" in done.out, done
        return done

    def run(self, *args, **options):
        """With all that can be logged, unless the output is to be read."""
        done = self.home.run(*args, env={} if "--json" in args else {"G_MESSAGES_DEBUG": "all"}, **options)
        self.said.append(done.out + done.err)
        return done

    def start(self, *args):
        """A run that waits for a code; gives the process and the code."""
        process = self.home.start(*args)
        line = ""
        while not re.search(CODE, line):
            line = process.stderr.readline().decode()
            assert line, process.communicate()
            self.said.append(line)
        return process, re.search(CODE, line)[1]

    def end(self, process):
        out, err = (text.decode() for text in process.communicate(timeout=120))
        self.said.append(out + err)
        return process.returncode, out, err

    def decide(self, code, decision="allow"):
        """What the person does with the code."""
        self.peers.signin("device", {"user_code": code, "decision": decision})

    def sign_in(self, name):
        process, code = self.start("service", "sign-in", name)
        self.decide(code)
        status, out, err = self.end(process)
        assert status in (0, 3), (status, out, err)


def make_tests(suite):
    """The tests of @suite, whose place has a `person`."""

    @suite.test
    def code_and_restart(peers):
        """What came of a sign-in serves every later process, which rotates it; until it is taken back."""
        person = peers.person
        assert "needs a sign-in" in person.added.err, person.added
        person.run("service", "test", "Shop").fails(NEEDS_SIGN_IN, "Sign in")
        process, code = person.start("service", "sign-in", "Shop")
        time.sleep(6)  # one poll is answered with “pending”
        person.decide(code)
        status, out, err = person.end(process)
        assert status in (0, 3) and "answers" in out, (status, out, err)
        before = len(person.authority.tokens)
        for _ in range(3):
            person.run("service", "test", "Shop").expect(out="Signed In As|State")
        assert len(person.authority.tokens) >= before + 3, "a refresh token that is not rotated proves nothing"
        person.run("service", "sign-out", "Shop").expect(out="deleted from the keyring")
        person.run("service", "test", "Shop").fails(NEEDS_SIGN_IN, "not in the keyring")

    @suite.test
    def asked_to_slow_down(peers):
        """Each time it polls five seconds less often, for good."""
        person = peers.person
        person.authority.slow_downs, person.authority.polls = 1, []
        process, code = person.start("service", "sign-in", "Shop")
        person.decide(code)
        status, out, err = person.end(process)
        assert status in (0, 3), (status, out, err)
        first, second = person.authority.polls[:2]
        assert second - first > 9, person.authority.polls

    @suite.test
    def declined(peers):
        person = peers.person
        process, code = person.start("service", "sign-in", "Shop")
        person.decide(code, "deny")
        status, _, err = person.end(process)
        assert status == NEEDS_SIGN_IN and "declined" in err, err

    @suite.test
    def with_the_browser(peers):
        """Where none can be started, the address that is shown leads there as well."""
        person = peers.person
        process = person.home.start("service", "sign-in", "Shop", "--browser")
        line = ""
        while "authorize" not in line:
            line = process.stderr.readline().decode()
            assert line, process.communicate()
        address = line.strip().replace(person.authority.address, peers["AUTHORITY"]).replace("select_account", "consent")
        assert "close this page" in peers.browse(address)
        status, out, err = person.end(process)
        assert status in (0, 3) and "answers" in out, (status, out, err)
        person.run("service", "test", "Shop").expect()

    @suite.test
    def lists(peers):
        """Everything that is chosen is listed, each under what was chosen before."""
        person = peers.person
        person.sign_in("Shop")
        for key in ("tenant", "subscription", "resource-group", "application", "slot", "account", "container"):
            found = person.run("service", "edit", "Shop", "--list", key, "--json").expect().json
            assert found and all(each["value"] and each["title"] for each in found), (key, found)
        accounts = person.run("service", "edit", "Shop", "--list", "account", "--json").json
        own = next(each for each in accounts if each["value"] == peers["STORAGE_ACCOUNT"])
        assert own["settings"]["storage-address"].rstrip("/") == peers["BLOB_ENDPOINT"], own

    @suite.test
    def principal(peers):
        """Nobody signs in, and a wrong secret is said to be one."""
        person = peers.person
        args = ["service", "add", "azure-app-service", "Robot", *person.words(sign_in="client-secret", client_id=peers["ROBOT_CLIENT_ID"]),
                "--list", "subscription", "--json", "--secret-fd=client-secret={}"]
        found = person.run(*args, secrets=[peers["ROBOT_CLIENT_SECRET"]]).expect().json
        assert len(found) == 2, found
        args[args.index("subscription")] = "resource-group"
        person.run(*args, secrets=[peers["ROBOT_CLIENT_SECRET"]]).fails(2, "Choose the subscription first")
        person.run(*args, "--set", f"subscription={peers['SUBSCRIPTION']}", secrets=["canary-wrong-secret"]).fails(NEEDS_SIGN_IN, "not accepted")
        assert "Robot" not in [each["name"] for each in person.run("service", "list", "--json").json]

    @suite.test
    def job_waits(peers):
        """In the middle of a backup the sign-in is taken back: it waits for somebody, and goes on where it was."""
        person = peers.person
        peers.reset()
        terminal = Terminal(person.home, "backup", "Shop")
        wait_until(lambda: terminal.read(0.2) and any(is_backup(entry) for entry in peers.writes()), "the backup begins")
        peers.signin("revoke")
        wait_until(lambda: re.search(CODE + r"\s", terminal.seen) or not terminal.read(0.2), "it asks")
        assert "goes on after the sign-in" in terminal.seen, terminal.seen
        person.decide(re.search(CODE, terminal.seen)[1])
        status, seen = terminal.end()
        person.said.append(seen)
        assert status in (0, 3) and "verified" in seen, (status, seen)
        assert len([entry for entry in peers.writes() if is_backup(entry)]) == 1, peers.writes()

    @suite.test
    def nobody_is_there(peers):
        """Without a terminal a job that needs a sign-in fails at once."""
        person = peers.person
        peers.signin("revoke")
        person.run("backup", "Shop", "--yes").fails(NEEDS_SIGN_IN, "[Ss]ign")

    @suite.test
    def pasted_signatures(peers):
        """They are read before anything is sent: what they are good for, and what is wrong with them."""
        person = peers.person
        for number, (name, words) in enumerate((("CONTAINER_SAS", "backups .*rwdl"), ("CONTAINER_SAS_SOON", "Warning: .*end"),
                                                ("CONTAINER_SAS_READ_ONLY", "Warning: .*(write|delete)"),
                                                ("CONTAINER_SAS_EXPIRED", "Warning: .*ended on"),
                                                ("CONTAINER_SAS_NOT_YET", "Warning: .*not good before"),
                                                ("CONTAINER_SAS_NO_CONTAINER", "missing"))):
            done = person.run("service", "add", "azure-app-service", f"Pasted {number}", "--no-test",
                              *person.words(subscription=peers["SUBSCRIPTION"], resource_group="rg1", application="shop"),
                              "--secret-fd=sas={}", secrets=[peers[name]])
            assert done.code in (0, 3) and re.search(words, done.err), (name, done)
        person.run("service", "edit", "Pasted 0", "--secret-fd=sas={}", secrets=["nonsense-without-a-signature"]).fails(2, "no signature")

    @suite.test
    def canary(peers):
        """No token, key or signature is in an output, a log, a file, an argument or the environment; there were some."""
        person = peers.person
        person.sign_in("Shop")
        process = person.home.start("backup", "Shop")
        time.sleep(0.5)
        tokens = list(person.authority.tokens)
        assert len(tokens) > 10, tokens
        scan_processes(process.pid, *tokens, peers["STORAGE_KEY"])
        person.end(process)
        secrets = [*person.authority.tokens, peers["STORAGE_KEY"], peers["ROBOT_CLIENT_SECRET"], "canary-wrong-secret"]
        secrets += [urllib.parse.unquote(re.search(r"sig=([^&]*)", value)[1])
                    for name, value in peers.env.items() if name.startswith("CONTAINER_SAS")]
        said = "".join(person.said).encode()
        assert len(said) > 5000
        for secret in secrets:
            assert not hits(said, secret), secret
        scan_files(person.home, *secrets)
