#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is spoken with Azure, over real peers: an OpenID provider, a stand-in of Azure Resource Manager that judges each request by the
official description, and the storage emulator. The program azure-client makes the calls.
"""

import hashlib
import http.cookiejar
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import peer_azure_access
import peer_azure_api
from peer import Suite, free_port, run_suites
from peer_azure_site import make_suite as make_site_suite
from peer_azure_validator import Validator

PEER = os.environ["REPRISE_PEER"]
CLIENT = os.path.join(os.environ["REPRISE_BUILD"], "tests/util/azure-client")
TENANTS, SUBSCRIPTIONS, GROUPS, SITES, SLOTS, DELETED, APIS, STORAGES, CONTAINERS = range(9)
DENIED, NEEDS_SIGN_IN, NOT_FOUND, REFUSED, BUSY = 8, 5, 3, 10, 9
DONE, FAILED, LOST_SIGHT = 1, 2, 3


class Peers:
    """The peers, with tokens that end after @token_seconds."""

    def __init__(self, token_seconds=3600, device_seconds=900):
        self.ports = [str(free_port()) for _ in range(4)]
        env = {**os.environ, "TOKEN_SECONDS": str(token_seconds), "DEVICE_CODE_SECONDS": str(device_seconds)}
        done = subprocess.run([os.path.join(PEER, "up"), *self.ports], env=env, check=False, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        assert done.returncode == 0, f"the peers did not start: {done.stderr}"
        self.env = {}
        for line in done.stdout.splitlines():
            name, equals, value = line.partition("=")
            if equals:
                self.env[name] = value.strip("'")
        self.env["RESOURCE"] = "https://management.azure.com"
        self.folder = tempfile.mkdtemp(prefix="reprise-azure-")
        self.said = []

    def close(self):
        subprocess.run([os.path.join(PEER, "down"), *self.ports], check=False, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", self.folder], check=False)

    def recover(self):
        self.reset()

    def __getitem__(self, name):
        return self.env[name]

    @property
    def subscription(self):
        return f"/subscriptions/{self['SUBSCRIPTION']}"

    def site(self, name="shop"):
        return f"{self.subscription}/resourceGroups/rg1/providers/Microsoft.Web/sites/{name}"

    def api(self, name="shop-standard"):
        return f"{self.subscription}/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/{name}"

    @property
    def account(self):
        return f"{self.subscription}/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/{self['STORAGE_ACCOUNT']}"

    def start(self, *args):
        """The client, on its way. It has everything in its environment and logs all it can."""
        return subprocess.Popen([CLIENT, *args], env={**os.environ, **self.env, "G_MESSAGES_DEBUG": "all"}, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def finish(self, client, fails=False):
        """Its lines: a dictionary of lists, by their first word."""
        text = client.communicate(timeout=120)[0]
        return self.read(client, text, fails)

    def read(self, client, text, fails):
        self.said.append(text)
        heard = "\n".join(line for line in text.splitlines() if not line.startswith("(process:"))
        assert (client.returncode != 0) == fails, heard
        lines = {}
        for line in text.splitlines():
            word, _, rest = line.partition(" ")
            lines.setdefault(word, []).append(rest)
        return lines

    def run(self, *args):
        return self.finish(self.start(*args))

    def fail(self, *args):
        """The code and the sentence of the error."""
        code, _, sentence = self.finish(self.start(*args), fails=True)["error"][0].partition(" ")
        return int(code), sentence

    def post(self, address, body):
        request = urllib.request.Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def arm(self, what, body=None):
        return self.post(f"{self['ARM_ENDPOINT']}/__test/{what}", body or {})

    def signin(self, what, body=None):
        return self.post(f"{self['AUTHORITY']}/__test/{what}", body or {})

    def reset(self):
        self.arm("reset")
        self.signin("browser", {"decision": "allow"})

    def log(self):
        """Method, path and status of each request to Azure Resource Manager."""
        with urllib.request.urlopen(f"{self['ARM_ENDPOINT']}/__test/log", timeout=30) as answer:
            return json.loads(answer.read())

    def writes(self):
        return [entry for entry in self.log() if entry[0] != "GET"]


def wait_for(client, word):
    """The rest of the client's first line that begins with @word, and all lines until then."""
    before = ""
    for line in client.stdout:
        before += line
        if line.startswith(word + " "):
            return line[len(word) + 1:].strip(), before
    raise AssertionError(before)


def browse(address):
    """As a browser would: along all redirects, until our own page. Of the prompts this peer does not know Entra's own."""
    address = address.replace("&prompt=select_account", "")
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with opener.open(address, timeout=30) as answer:
        return answer.read().decode()


usual = Suite("usual", Peers)


@usual.test
def browser(peers):
    """Code and PKCE on a loopback redirect, and then a list of two pages."""
    client = peers.start("sign-in", "browser", "0", peers.subscription)
    address, before = wait_for(client, "open")
    assert "close this page" in browse(address)
    lines = peers.read(client, before + client.communicate(timeout=60)[0], False)
    assert lines["asked"] == ["1"], lines


@usual.test
def browser_declined(peers):
    peers.signin("browser", {"decision": "deny"})
    client = peers.start("sign-in", "browser", "0", peers.subscription)
    address, _ = wait_for(client, "open")
    browse(address)
    code, _, sentence = peers.finish(client, fails=True)["error"][0].partition(" ")
    assert int(code) == NEEDS_SIGN_IN and "declined" in sentence, sentence
    peers.signin("browser", {"decision": "allow"})


@usual.test
def device_code(peers):
    """Pending for a while, then used."""
    client = peers.start("sign-in", "code", "0", peers.subscription)
    shown, before = wait_for(client, "code")
    time.sleep(7)
    peers.signin("device", {"user_code": shown.split()[0]})
    lines = peers.read(client, before + client.communicate(timeout=60)[0], False)
    assert lines["asked"] == ["1"], lines


@usual.test
def device_code_declined(peers):
    client = peers.start("sign-in", "code", "0", peers.subscription)
    shown, _ = wait_for(client, "code")
    peers.signin("device", {"user_code": shown.split()[0], "decision": "deny"})
    code, _, sentence = peers.finish(client, fails=True)["error"][0].partition(" ")
    assert int(code) == NEEDS_SIGN_IN and "declined" in sentence, sentence


@usual.test
def principal(peers):
    assert peers.run("list", str(GROUPS), peers.subscription)["item"] == ["Default-Web-WestUS", "rg1", "rg2"]
    good, peers.env["ROBOT_CLIENT_SECRET"] = peers["ROBOT_CLIENT_SECRET"], "canary-wrong"
    code, sentence = peers.fail("list", str(GROUPS), peers.subscription)
    peers.env["ROBOT_CLIENT_SECRET"] = good
    assert code == NEEDS_SIGN_IN and "not accepted" in sentence, sentence


@usual.test
def lists(peers):
    """Every list that a person chooses from is accepted by the description."""
    for what, scope in ((TENANTS, None), (SUBSCRIPTIONS, None), (GROUPS, peers.subscription), (SITES, peers.subscription),
                        (SLOTS, peers.site()), (DELETED, peers.subscription), (APIS, peers.subscription),
                        (STORAGES, peers.subscription), (CONTAINERS, peers.account)):
        items = peers.run("list", str(what), *([scope] if scope else [])).get("item", [])
        assert items, what
    assert not [entry for entry in peers.log() if entry[2] >= 400], peers.log()


@usual.test
def throttled(peers):
    """Asked to wait, it waits; and nothing is started twice."""
    peers.reset()
    peers.arm("fault", {"match": "^GET .*/resourcegroups", "status": 429, "headers": {"Retry-After": "1"}, "times": 2})
    peers.run("list", str(GROUPS), peers.subscription)
    peers.arm("fault", {"match": "^POST .*/backup", "status": 429, "headers": {"Retry-After": "1"}, "times": 1})
    start_api_backup(peers, "throttled")
    assert [entry[2] for entry in peers.writes()] == [429, 202], peers.writes()


def start_api_backup(peers, name, api=None, key=None):
    body = {"storageAccount": peers["STORAGE_ACCOUNT"], "containerName": "apim-backups", "backupName": name,
            "accessKey": key or peers["STORAGE_KEY"]}
    return peers.run("start", f"{api or peers.api()}/backup", "2024-05-01", json.dumps(body))["state"][0]


@usual.test
def operation_by_location(peers):
    """Started by one process and followed by another, as over a restart."""
    peers.reset()
    state = start_api_backup(peers, "one")
    assert peers.run("follow", state)["state"] == [str(DONE)]
    assert [entry[2] for entry in peers.writes()] == [202]
    assert any(blob.startswith("one ") for blob in peers.run("blobs", "apim-backups")["blob"])


@usual.test
def operation_by_status(peers):
    peers.reset()
    peers.arm("lro", {"polls": 2, "outcome": "ok", "via": "async", "retryAfter": "1"})
    assert peers.run("follow", start_api_backup(peers, "two"))["state"] == [str(DONE)]


@usual.test
def operation_fails(peers):
    """With the reason of the service, in both forms."""
    for via in ("location", "async"):
        peers.reset()
        peers.arm("lro", {"polls": 1, "outcome": "failed", "via": via, "retryAfter": "1"})
        code, sentence = peers.fail("follow", start_api_backup(peers, "three"))
        assert "as the test asked" in sentence and "OperationFailed" in sentence, (code, sentence)


@usual.test
def polling_is_refused(peers):
    """To be not allowed to look is no failure."""
    peers.reset()
    state = start_api_backup(peers, "four")
    peers.arm("fault", {"match": "^GET .*/operationresults/", "status": 403, "times": 1,
                        "body": {"error": {"code": "AuthorizationFailed", "message": "You may not look."}}})
    lines = peers.finish(peers.start("follow", state), fails=True)
    assert lines["state"] == [str(LOST_SIGHT)] and "You may not look." in lines["error"][0], lines


@usual.test
def service_is_locked(peers):
    peers.reset()
    start_api_backup(peers, "five")
    body = {"storageAccount": peers["STORAGE_ACCOUNT"], "containerName": "apim-backups", "backupName": "six",
            "accessKey": peers["STORAGE_KEY"]}
    code, sentence = peers.fail("start", f"{peers.api()}/backup", "2024-05-01", json.dumps(body))
    assert code == BUSY and "transitioning" in sentence, sentence


@usual.test
def refused_by_the_description(peers):
    """The control: what the description does not allow is seen."""
    peers.reset()
    code, sentence = peers.fail("send", "POST", f"{peers.site()}/backup", "2025-05-01", '{"properties":{}}')
    assert code == REFUSED and "storageAccountUrl" in sentence, sentence


@usual.test
def signatures(peers):
    """What they say of themselves, and what the storage says."""
    for name, words in (("CONTAINER_SAS", "good"), ("CONTAINER_SAS_SOON", "warning"), ("CONTAINER_SAS_READ_ONLY", "write, delete"),
                        ("CONTAINER_SAS_OLD_VERSION", "good")):
        lines = peers.run("check", peers[name])
        assert "good" in lines and words in json.dumps(lines, ensure_ascii=False), (name, lines)
    for name, code, words in (("CONTAINER_SAS_EXPIRED", NEEDS_SIGN_IN, "ended on"), ("CONTAINER_SAS_NOT_YET", NEEDS_SIGN_IN, "not good before"),
                              ("CONTAINER_SAS_NO_CONTAINER", NOT_FOUND, "does not exist")):
        found, sentence = peers.fail("check", peers[name])
        assert found == code and words in sentence, (name, found, sentence)
    wrong = re.sub(r"sig=[^&]*", "sig=" + urllib.parse.quote("wrong" * 8 + "wro="), peers["CONTAINER_SAS"])
    code, sentence = peers.fail("check", wrong)
    assert code == NEEDS_SIGN_IN and "does not accept" in sentence, sentence
    assert "good" in peers.run("sas", peers.account, "backups")


def make_file(peers, size):
    path = os.path.join(peers.folder, f"{size}.bin")
    with open(path, "wb") as out:
        for _ in range(size // 1000003 + 1):
            out.write(os.urandom(min(1000003, size - out.tell())))
    return path


def digest(path):
    with open(path, "rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


@usual.test
def blobs_there_and_back(peers):
    """Blocks up, the whole and a rest down, with little memory."""
    path, got = make_file(peers, 150_000_000), os.path.join(peers.folder, "got.bin")
    up = peers.run("upload", peers["CONTAINER_SAS"], path, "d/a b&c.zip")["took"][0]
    down = peers.run("download", peers["CONTAINER_SAS"], "d/a b&c.zip", got)["took"][0]
    assert digest(path) == digest(got)
    os.truncate(got, 70_000_001)
    peers.run("download", peers["CONTAINER_SAS"], "d/a b&c.zip", got, "70000001")
    assert digest(path) == digest(got)
    assert max(int(up.split()[1]), int(down.split()[1])) <= 60 * 1024, (up, down)
    code, sentence = peers.fail("upload", peers["CONTAINER_SAS"], path, "d/a b&c.zip")
    assert "already" in sentence, (code, sentence)
    peers.run("delete", peers["CONTAINER_SAS"], "d/a b&c.zip")
    assert peers.fail("delete", peers["CONTAINER_SAS"], "d/a b&c.zip")[0] == NOT_FOUND
    code, sentence = peers.fail("upload", peers["CONTAINER_SAS_READ_ONLY"], path, "e.zip")
    assert code == DENIED and "permission" in sentence, sentence


@usual.test
def container_is_made(peers):
    peers.run("blobs", "brand-new")
    peers.run("blobs", "brand-new")


@usual.test
def nothing_was_said(peers):
    """The canary: nothing that was written has a key, a signature or a token in it."""
    text = "".join(peers.said)
    assert len(text) > 1000
    for name, value in peers.env.items():
        if name == "STORAGE_KEY" or name == "ROBOT_CLIENT_SECRET":
            assert value not in text, name
        elif name.startswith("CONTAINER_SAS"):
            assert re.search(r"sig=([^&]*)", value)[1] not in text, name
    assert "canary-wrong" not in text
    assert not re.search(r"Bearer [A-Za-z0-9]", text)


hasty = Suite("hasty", lambda: Peers(token_seconds=2, device_seconds=8))


@hasty.test
def refreshed_on_its_own(peers):
    """Tokens that end every two seconds, rotated at each refresh: the work goes on."""
    client = peers.start("sign-in", "code", "9", peers.subscription)
    shown, before = wait_for(client, "code")
    peers.signin("device", {"user_code": shown.split()[0]})
    lines = peers.read(client, before + client.communicate(timeout=90)[0], False)
    assert int(lines["asked"][0]) > 5, lines


@hasty.test
def taken_back(peers):
    """In the middle of the work the sign-in is taken back: it says to sign in again."""
    client = peers.start("sign-in", "code", "20", peers.subscription)
    shown, before = wait_for(client, "code")
    peers.signin("device", {"user_code": shown.split()[0]})
    time.sleep(7)
    peers.signin("revoke")
    lines = peers.read(client, before + client.communicate(timeout=90)[0], True)
    assert lines["error"][0].startswith(f"{NEEDS_SIGN_IN} "), lines


@hasty.test
def code_expires(peers):
    client = peers.start("sign-in", "code", "0", peers.subscription)
    code, _, sentence = peers.finish(client, fails=True)["error"][0].partition(" ")
    assert int(code) == NEEDS_SIGN_IN and "expired" in sentence, sentence


class WithPerson(Peers):
    """The peers, and a command line with a keyring and somebody in front of it. Tokens end soon, so that they are renewed in the middle
    of the work."""

    def __init__(self):
        super().__init__(token_seconds=4)
        self.person = peer_azure_access.Person(self)

    @staticmethod
    def browse(address):
        return browse(address)

    def close(self):
        self.person.close()
        super().close()


access = Suite("access", WithPerson)
peer_azure_access.make_tests(access)


class WithValidator(Peers):
    """The peers, with a validator that knows what a comparison asks for, too."""

    def __init__(self):
        super().__init__()
        try:
            self.validator = Validator(self)
        except BaseException:
            super().close()
            raise

    def close(self):
        self.validator.close()
        super().close()


class WithConsole(WithValidator):
    """And a command line with services of API Management."""

    def __init__(self):
        super().__init__()
        self.console = peer_azure_api.Console(self)

    def close(self):
        self.console.close()
        super().close()


api = Suite("api", WithConsole)
peer_azure_api.make_tests(api)

run_suites([usual, hasty, access, make_site_suite(WithValidator), api])
