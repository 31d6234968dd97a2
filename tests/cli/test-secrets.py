#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where secrets come from, and that they are nowhere else: not in outputs, logs, arguments, environments, files or on the bus."""

import base64
import http.server
import json
import os
import subprocess
import threading
import urllib.parse

from reprise_canary import hits, scan, scan_files, scan_processes
from reprise_test import Skip, Terminal, run_tests, test, wait_until

PASSWORD = "open sesame"
WRONG = "cänary/4711+\"zwölf\"&x"


@test
def the_scan_can_fail(home):
    for text in (WRONG, json.dumps(WRONG), urllib.parse.quote(WRONG), WRONG.encode().hex(),
                 base64.b64encode(b"user:" + WRONG.encode()).decode()):
        home.file("found", "some text " + text + " more")
        try:
            scan_files(home, WRONG)
        except AssertionError:
            continue
        raise RuntimeError(f"{text} was not found")


@test
def by_descriptor(home):
    """--secret-fd serves one run and is kept nowhere; one newline at its end does not count."""
    home.add("Orders", "--set", "locked=true", code=3)
    home.run("backup", "Orders").fails(4, "keyring")
    scan(home.run("backup", "Orders", "--secret-fd=password={}", secrets=[PASSWORD + "\n"]).expect(), PASSWORD)
    scan(home.run("groups", "Orders", "--secret-fd=password={}", secrets=[PASSWORD]).expect(), PASSWORD)
    home.run("backup", "Orders", "--secret-fd=password={}", secrets=[PASSWORD + "\n\n"]).fails(4, "wrong")
    home.run("backup", "Orders").fails(4, "keyring")
    scan_files(home, PASSWORD)


@test
def limits(home):
    home.add("Orders", "--set", "locked=true", code=3)
    home.run("backup", "Orders", "--secret-fd=password={}", secrets=[""]).fails(2, "no secret")
    reading, writing = os.pipe()
    feeder = subprocess.Popen(["head", "-c", "70000", "/dev/zero"], stdout=writing)
    os.close(writing)
    done = subprocess.run([home.cli, "backup", "Orders", f"--secret-fd=password={reading}"], env=home.env,
                          pass_fds=[reading], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    os.close(reading)
    feeder.wait()
    assert done.returncode == 2 and b"reprise: " in done.stderr, done


@test
def wrong_password_is_not_repeated(home):
    """The toy tells the wrong password in its error; nobody shows it."""
    home.add("Orders", "--set", "locked=true", code=3)
    for command in (["backup", "Orders", "--json"], ["backup", "Orders", "--progress=json"], ["groups", "Orders"],
                    ["service", "test", "Orders"], ["list", "Orders"]):
        done = home.run(*command, "--secret-fd=password={}", secrets=[WRONG])
        scan(done, WRONG)
        assert done.code in (3, 4) and "wrong" in done.err, done
    scan(home.run("history", "--json").expect(out="wrong"), WRONG)
    scan(home.run("history"), WRONG)
    scan_files(home, WRONG)


@test
def in_no_process(home):
    """Neither arguments nor environments of the run and its helpers."""
    home.add("Orders", "--set", "locked=true", "--set", "delay-ms=60", code=3)
    reading, writing = os.pipe()
    os.write(writing, PASSWORD.encode())
    os.close(writing)
    process = home.start("backup", "Orders", f"--secret-fd=password={reading}", pass_fds=[reading])
    os.close(reading)
    while process.poll() is None:
        scan_processes(process.pid, PASSWORD)
    out, err = process.communicate()
    assert process.returncode == 0 and not hits(out + err, PASSWORD), err


@test
def without_keyring(home):
    """`add` succeeds without the secret, says so, and the service needs a sign-in."""
    done = home.add("Orders", "--set", "locked=true", "--json", "--secret-fd=password={}", secrets=[PASSWORD])
    scan(done.expect(err="without its secret.*sign-in"), PASSWORD)
    assert done.json["needs_sign_in"]
    home.run("service", "show", "Orders").expect(out="No keyring")
    home.run("service", "sign-in", "Orders", "--secret-fd=password={}", secrets=[PASSWORD]).fails(4, "No keyring")
    home.run("service", "sign-out", "Orders").fails(4, "No keyring")
    home.run("service", "remove", "Orders", "--yes").expect(3, err="could not be deleted")
    assert home.run("service", "list", "--json").json == []
    scan_files(home, PASSWORD)


@test
def with_keyring(home):
    """Kept in the keyring, used from there, replaced and deleted; the bus carries it only encrypted."""
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    with open(home.file("traffic"), "wb") as traffic:
        monitor = subprocess.Popen(["dbus-monitor", "--session", "--binary"], env=home.env, stdout=traffic,
                                   stderr=subprocess.DEVNULL)
    home.processes.append(monitor)
    scan(home.add("Orders", "--set", "locked=true", "--json", "--secret-fd=password={}", secrets=[PASSWORD]), PASSWORD)
    shown = home.run("service", "show", "Orders", "--json").json["secrets"]
    assert shown == {"password": "there", "archive-password": "not-found"}, shown
    home.run("service", "show", "Orders").expect(out="Archive Password +not set \\(optional\\)")
    scan(home.run("backup", "Orders").expect(out="verified"), PASSWORD)
    scan(home.run("service", "edit", "Orders", "--secret-fd=password={}", secrets=[WRONG]).expect(3, err="is wrong"), WRONG)
    scan(home.run("backup", "Orders").fails(4, "wrong"), WRONG)
    home.run("backup", "Orders", "--secret-fd=password={}", secrets=[PASSWORD]).expect()
    home.run("service", "sign-in", "Orders", "--secret-fd=password={}", secrets=[PASSWORD]).expect(out="answers")
    home.run("backup", "Orders").expect()
    home.run("service", "sign-out", "Orders").expect(out="deleted from the keyring")
    home.run("backup", "Orders").fails(4, "not in the keyring")
    home.run("service", "show", "Orders").expect(out="Password +missing: the service needs a sign-in")
    home.run("service", "sign-in", "Orders", "--secret-fd=password={}", secrets=[PASSWORD]).expect()
    home.run("service", "remove", "Orders", "--yes").expect(0)
    monitor.terminate()
    monitor.wait()
    assert os.path.getsize(home.file("traffic")) > 1000, "the bus was not watched"
    scan_files(home, PASSWORD, WRONG)


@test
def typed(home):
    """A secret that is typed goes to the keyring, and to no screen."""
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    path = home.file("data", "x")
    terminal = Terminal(home, "service", "add", "toy", "Orders", "--set", f"path={path}", "--set", "locked=true", "--secret",
                        "password")
    terminal.wait_for("Password:")
    terminal.type(PASSWORD + "\n")
    code, seen = terminal.end()
    assert code == 0 and not hits(seen.encode(), PASSWORD), seen
    home.run("backup", "Orders").expect()
    terminal = Terminal(home, "service", "sign-in", "Orders")
    terminal.wait_for("Password:")
    terminal.type("\n")
    code, seen = terminal.end()
    assert code == 2 and "must not be empty" in seen, seen
    home.run("backup", "Orders").expect()
    terminal = Terminal(home, "service", "sign-in", "Orders")
    terminal.wait_for("Password:")
    terminal.interrupt()
    assert terminal.end()[0] == 130
    home.run("backup", "Orders").expect()


class Teller(http.server.BaseHTTPRequestHandler):
    """A webhook that refuses, and repeats its address as a careless server does."""

    seen = []

    def do_POST(self):  # pylint: disable=invalid-name
        """The one method that is used."""
        self.seen.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        body = f"no such hook: {self.path}".encode()
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Says nothing."""


@test
def webhook_address(home):
    """It may be a secret by itself: it lies in the keyring only, and what an earlier version kept elsewhere is moved there."""
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    server = http.server.HTTPServer(("127.0.0.1", 0), Teller)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home.env["GIO_USE_PROXY_RESOLVER"] = "dummy"
    token = "t0ken-in-the-path-4711"
    address = f"http://127.0.0.1:{server.server_port}/{token}"
    home.add()
    scan(home.run("hooks", "Orders", "--secret-fd=webhook={}", "--json", secrets=[address]).expect(), token)
    done = scan(home.run("backup", "Orders").expect(3, err="The webhook was not told"), token)
    assert Teller.seen == [f"/{token}"], done
    for words in (["history", "--json"], ["history", "--report"], ["service", "show", "Orders", "--json"],
                  ["service", "list", "--json"], ["hooks", "Orders"], ["status", "--json"]):
        scan(home.run(*words), token)
    scan_files(home, token)
    conf = os.path.join(home.env["XDG_CONFIG_HOME"], "reprise", "services.conf")
    with open(conf, encoding="utf-8") as stream:
        text = stream.read()
    home.run("hooks", "Orders", "--webhook", "").expect(out="Webhook: –")
    home.run("backup", "Orders").expect()
    assert f"127.0.0.1:{server.server_port}\n" in text, text
    old = text.replace("webhook-address=keyring\n", "")
    assert old != text, text
    with open(conf, "w", encoding="utf-8") as stream:
        stream.write(old.replace(f"127.0.0.1:{server.server_port}\n", f"127.0.0.1:{server.server_port}/{token}\n"))
    scan(home.run("hooks", "Orders").expect(out=r"Webhook: http://127[0-9.:]*\n"), token)
    scan(home.run("backup", "Orders").expect(3, err="The webhook was not told"), token)
    assert len(Teller.seen) == 2, Teller.seen
    home.run("hooks", "Orders", "--webhook", "").expect(out="Webhook: –")
    with open(conf, "w", encoding="utf-8") as stream:
        stream.write(old)  # an address that is nothing but its origin, and was never in the keyring
    home.run("backup", "Orders").expect(3, err="The webhook was not told")
    assert Teller.seen[2:] == ["/"], Teller.seen
    with open(conf, encoding="utf-8") as stream:
        assert "webhook-address=keyring\n" in stream.read()
    server.shutdown()
    server.server_close()
    scan_files(home, token)


@test
def keyring_goes_away(home):
    """A keyring that is killed is an error with its sentence, and nothing is lost with it."""
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    home.add("Orders", "--set", "locked=true", "--secret-fd=password={}", secrets=[PASSWORD])
    home.processes[-1].kill()
    home.processes[-1].wait()
    wait_until(lambda: not home.has_name("org.freedesktop.secrets"), "no keyring")
    done = home.run("backup", "Orders")
    assert done.code == 4 and done.err.count("reprise: ") == 1, done
    home.run("service", "list").expect(out="Orders")


@test
def modes(home):
    """No file is for others to read, no folder to enter."""
    home.add()
    home.back_up()
    for kind in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR"):
        for folder, folders, files in os.walk(home.env["XDG_" + kind]):
            for name in folders:
                mode = os.stat(os.path.join(folder, name)).st_mode & 0o777
                assert mode & 0o077 == 0, (folder, name, oct(mode))
            for name in files:
                mode = os.stat(os.path.join(folder, name)).st_mode & 0o777
                assert mode & 0o177 == 0, (folder, name, oct(mode))


run_tests("cli/secrets")
