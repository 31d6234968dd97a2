# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests in Python share: TAP, a private home, and runs of our programs in it."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

TESTS = []

BUS = """<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Skip(Exception):
    """A test that cannot be run here, and why."""


TIMEOUT = 60 * int(os.environ.get("REPRISE_TEST_SLOWNESS", "1"))


def test(function):
    """A test: a function of a Home of its own. Its name, with dashes, is the name that TAP shows."""
    TESTS.append(function)
    return function


def run_tests(suite):
    """Runs all of them; names on the command line choose some. Ends the process."""
    chosen = [name for name in sys.argv[1:] if not os.path.sep in name]
    tests = [t for t in TESTS if not chosen or t.__name__.replace("_", "-") in chosen]
    failed = 0
    print(f"1..{len(tests)}", flush=True)
    for number, function in enumerate(tests, 1):
        name = function.__name__.replace("_", "-")
        home = Home()
        try:
            function(home)
            print(f"ok {number} /{suite}/{name}", flush=True)
        except Skip as reason:
            print(f"ok {number} /{suite}/{name} # SKIP {reason}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            text = traceback.format_exc().rstrip()
            print(f"/{suite}/{name}: {text}", file=sys.stderr, flush=True)  # meson prints that of a failed TAP test only
            print("# " + text.replace("\n", "\n# ") + f"\nnot ok {number} /{suite}/{name}", flush=True)
        finally:
            home.remove()
    sys.exit(1 if failed else 0)


class Result:
    """How a run ended."""

    def __init__(self, args, code, out, err):
        self.args, self.code, self.out, self.err = args, code, out, err

    def __repr__(self):
        return f"{self.args} ended with {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"

    @property
    def json(self):
        """The one JSON document of standard output."""
        return json.loads(self.out)

    def expect(self, code=0, out=None, err=None):
        """Holds the exit code, and patterns that the outputs must have."""
        assert self.code == code, f"expected {code}: {self}"
        assert out is None or re.search(out, self.out), f"expected “{out}” on standard output: {self}"
        assert err is None or re.search(err, self.err), f"expected “{err}” on standard error: {self}"
        assert "Traceback" not in self.err and "CRITICAL" not in self.err, repr(self)
        return self

    def fails(self, code, err):
        """One clear sentence of the program, with that code, and nothing on standard output."""
        self.expect(code, err=err)
        said = [line for line in self.err.splitlines() if line.startswith("reprise: ")]
        assert len(said) == 1, f"expected one sentence: {self}"
        return self


def program(name):
    """The path of a program of the build: “cli/reprise”, “util/reprise-toy” of the tests."""
    build = os.environ["REPRISE_BUILD"]
    for folder in ("src", "tests"):
        path = os.path.join(build, folder, name)
        if os.path.exists(path):
            return path
    raise FileNotFoundError(name)


class Home:
    """A private home with its XDG folders. Nothing of the user's is seen, nor a bus."""

    def __init__(self, folder=None, cli=None):
        """@folder: where it lies; @cli: the command line, else that of the tests in the build."""
        self.path = tempfile.mkdtemp(prefix="reprise-test-", dir=folder)
        self.cli = cli or program("util/reprise-toy")
        self.env = {key: value for key, value in os.environ.items()
                    if not key.startswith(("XDG_", "DBUS_", "REPRISE_")) and key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        self.env.update(HOME=self.path, LC_ALL="C.UTF-8", LANGUAGE="C", TERM="xterm", NO_COLOR="1", TZ="UTC")
        if cli is None:
            self.env["REPRISE_LIBEXEC_DIR"] = os.path.join(os.environ["REPRISE_BUILD"], "src")
        for kind in ("CONFIG_HOME", "DATA_HOME", "STATE_HOME", "CACHE_HOME", "RUNTIME_DIR"):
            folder = os.path.join(self.path, kind.lower())
            os.mkdir(folder, 0o700)
            self.env["XDG_" + kind] = folder
        self.processes = []

    def remove(self):
        """Takes everything away, what still runs too."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait()
        subprocess.run(["chmod", "-R", "u+w", self.path], check=False)
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, text=None):
        """The path of a file of this home; written, where there is a text."""
        path = os.path.join(self.path, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
        return path

    def read(self, name):
        """The text of a file of this home."""
        with open(self.file(name), encoding="utf-8") as stream:
            return stream.read()

    def start_bus(self, keyring=False):
        """A session bus of its own, which starts nothing that is installed on this computer; with a keyring that is open, where that
        is wanted. %False where it cannot be had."""
        services = os.path.join(self.env["XDG_DATA_HOME"], "dbus-1", "services")
        os.makedirs(services, exist_ok=True)
        config = self.file("bus.conf", BUS.format(services=services))
        bus = subprocess.Popen(["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"], env=self.env,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.processes.append(bus)
        self.env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        if not keyring:
            return True
        if shutil.which("gnome-keyring-daemon") is None:
            return False
        daemon = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
                                  env={**self.env, "G_DEBUG": ""}, stdin=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(daemon)
        daemon.stdin.write(b"password of the keyring")
        daemon.stdin.close()
        wait_until(lambda: self.has_name("org.freedesktop.secrets"), "a keyring")
        return True

    def has_name(self, name):
        """Whether somebody owns that name on the bus."""
        done = subprocess.run(["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus",
                               "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner", f"string:{name}"],
                              env=self.env, capture_output=True, check=False)
        return b"boolean true" in done.stdout

    def run(self, *args, secrets=None, env=None, stdin=subprocess.DEVNULL, cli=None):
        """Runs the command line to its end. @secrets: texts behind descriptors, each option given as “--secret-fd=KEY={}”."""
        args, fds = list(args), []
        for text in secrets or []:
            reading, writing = os.pipe()
            os.write(writing, text.encode())
            os.close(writing)
            fds.append(reading)
            index = next(i for i, arg in enumerate(args) if arg.endswith("={}"))
            args[index] = args[index].format(reading)
        try:
            done = subprocess.run([cli or self.cli, *args], env={**self.env, **(env or {})}, pass_fds=fds, stdin=stdin,
                                  capture_output=True, timeout=TIMEOUT, check=False)
        finally:
            for fd in fds:
                os.close(fd)
        return Result(args, done.returncode, done.stdout.decode(errors="surrogateescape"),
                      done.stderr.decode(errors="surrogateescape"))

    def start(self, *args, cli=None, **options):
        """Starts the command line and leaves it running."""
        process = subprocess.Popen([cli or self.cli, *args], env=self.env, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.processes.append(process)
        return process

    def add(self, name="Orders", *args, text="one two three\n", code=0, **options):
        """A toy service with its data. @code: 3 where a secret is missing"""
        path = self.file(name + ".data", text)
        os.makedirs(self.file(name + ".keep"), exist_ok=True)
        return self.run("service", "add", "toy", name, "--no-test", "--set", f"path={path}", "--set",
                        f"keep={self.file(name + '.keep')}", *args, **options).expect(code)

    def back_up(self, name="Orders", *args):
        """A backup; gives its ID."""
        return self.run("backup", name, "--json", *args).expect().json["id"]

    def leave_rehearsal(self, name, *places, ago=0):
        """As a rehearsal that was killed so many seconds ago: its record, with what it had made or was about to make; returns the
        record's path."""
        uuid = self.run("service", "show", name, "--json").expect().json["id"]
        folder = os.path.join(self.env["XDG_STATE_HOME"], "reprise", "journals")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        path = os.path.join(folder, f"{uuid}-rehearsal.journal")
        with open(path, "w", encoding="utf-8") as record:
            for place in places:
                record.write(json.dumps({"type": "begin", "step": f"scratch {place}", "text": place}) + "\n")
        os.utime(path, (time.time() - ago, time.time() - ago))
        return path

    def vault_files(self):
        """Names of all that lies in the vault, without the readme and the vault's own file."""
        found = []
        top = os.path.join(self.env["XDG_DATA_HOME"], "reprise", "vault")
        for folder, _, files in os.walk(top):
            found += [os.path.relpath(os.path.join(folder, name), top) for name in files]
        return sorted(found)


class Terminal:
    """A run on a terminal of its own, to be watched and typed to."""

    def __init__(self, home, *args, columns=100, env=None, cli=None):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = {**home.env, **(env or {})}
            os.execve(cli or home.cli, [cli or home.cli, *args], environment)
        import fcntl
        import struct
        import termios
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read(self, seconds=0.05):
        """Takes in what has come."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)

    def wait_for(self, pattern):
        """Until the terminal shows it; gives all that was shown before."""
        end = time.monotonic() + TIMEOUT
        while not re.search(pattern, self.seen):
            assert time.monotonic() < end, f"“{pattern}” never came: {self.seen!r}"
            if not self.read() and not re.search(pattern, self.seen):
                raise AssertionError(f"it ended before “{pattern}” came: {self.seen!r}")
        before, self.seen = self.seen, ""
        return before

    def type(self, text):
        """As if at the keyboard."""
        os.write(self.fd, text.encode())

    def interrupt(self):
        """Ctrl+C"""
        self.type("\x03")

    def end(self):
        """Until the program ends; gives its exit code and what was shown."""
        end = time.monotonic() + TIMEOUT
        while self.read():
            assert time.monotonic() < end, f"it does not end: {self.seen!r}"
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        code = os.waitstatus_to_exitcode(status)
        return code, self.seen


def wait_until(condition, what):
    """Until the condition holds."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


__all__ = ["Home", "Skip", "Terminal", "program", "run_tests", "signal", "test", "wait_until"]
