#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/machine/run has a machine's systemd start as root: two users with their own systemds and session buses, and in them the timer, the
background service, the window and the command line, as they are installed."""

import glob
import json
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "util"))

from reprise_test import Result  # noqa: E402 pylint: disable=wrong-import-position

ID = "io.github.reprise_backup.Reprise"
AGENT = ID + ".Agent"
AGENT_PATH = "/" + AGENT.replace(".", "/")
TIMER = "reprise-run-due.timer"
WORK = "reprise-run-due.service"
IDLE_SECONDS = 5
SECRET = "cänary-4711-of-the-machine"
TESTS = []


def test(function):
    """One that gets the two users, signed in by nobody, and lingering both."""
    TESTS.append(function)
    return function


def wait_until(condition, what, seconds=90):
    """Until the condition holds; gives what it gave."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"never within {seconds} s: {what}"
        time.sleep(0.05)


def root(*command, check=True):
    """Runs something as root, and gives what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0 or not check, done
    return done.stdout.strip()


class User:
    """One person with an account."""

    def __init__(self, name):
        self.name = name
        self.entry = pwd.getpwnam(name)
        self.home = self.entry.pw_dir
        self.runtime = f"/run/user/{self.entry.pw_uid}"
        self.env = {"HOME": self.home, "USER": name, "LOGNAME": name, "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                    "LANGUAGE": "C", "XDG_RUNTIME_DIR": self.runtime, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime}/bus"}
        self.started = []

    def command(self, *command):
        """The same, as that person."""
        uid, gid = str(self.entry.pw_uid), str(self.entry.pw_gid)
        return ["/usr/bin/setpriv", "--reuid", uid, "--regid", gid, "--init-groups", "--", *command]

    def run(self, *command, env=None, text=None, fds=()):
        """Runs a command to its end, outside of any session, as cron does."""
        done = subprocess.run(self.command(*command), env={**self.env, **(env or {})}, capture_output=True, check=False, cwd=self.home,
                              timeout=300, pass_fds=fds, **({"input": text.encode()} if text is not None else {"stdin": subprocess.DEVNULL}))
        return Result(command, done.returncode, done.stdout.decode(errors="surrogateescape"), done.stderr.decode(errors="surrogateescape"))

    def start(self, *command, env=None):
        """Starts something."""
        process = subprocess.Popen(self.command(*command), env={**self.env, **(env or {})}, stdin=subprocess.DEVNULL, cwd=self.home,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.started.append(process)
        return process

    def reprise(self, *args, env=None):
        """The command line."""
        return self.run("reprise", *args, env=env)

    def systemctl(self, *args):
        """Of that person's systemd; gives what it prints."""
        return self.run("systemctl", "--user", *args).out.strip()

    # --- the session

    def linger(self):
        """Its systemd runs without a session, with agents that go soon."""
        root("loginctl", "enable-linger", self.name)
        wait_until(lambda: self.systemctl("is-system-running") in ("running", "degraded"), f"the systemd of {self.name}")
        self.systemctl("set-environment", f"REPRISE_AGENT_IDLE_SECONDS={IDLE_SECONDS}")
        self.run("dbus-update-activation-environment", f"REPRISE_AGENT_IDLE_SECONDS={IDLE_SECONDS}").expect()

    def manager_state(self):
        """Of the unit that its systemd is for the machine's."""
        return root("systemctl", "is-active", f"user@{self.entry.pw_uid}.service", check=False)

    def sign_in(self):
        """A session, by way of PAM; gives its number."""
        before = self.sessions()
        self.started.append(subprocess.Popen(["su", "--login", self.name, "--command", "sleep infinity"], stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True))
        return wait_until(lambda: self.sessions() - before, f"a session of {self.name}").pop()

    def sessions(self):
        """Their numbers."""
        lines = [line.split() for line in root("loginctl", "list-sessions", "--no-legend").splitlines()]
        return {words[0] for words in lines if words[2] == self.name}

    def has_name(self, name):
        """Whether somebody owns that name on its session bus."""
        done = self.run("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus",
                        "org.freedesktop.DBus.NameHasOwner", f"string:{name}")
        return "boolean true" in done.out

    def pid_of(self, name):
        """The process that owns a name."""
        done = self.run("gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/", "--method",
                        "org.freedesktop.DBus.GetConnectionUnixProcessID", name)
        return int(re.search("uint32 ([0-9]+)", done.expect().out).group(1))

    def call(self, method, *args):
        """A call of the background service, which the bus starts where it does not run."""
        return self.run("gdbus", "call", "--session", "--timeout=60", "--dest", AGENT, "--object-path", AGENT_PATH, "--method",
                        f"{AGENT}.{method}", *args).expect().out

    def journal(self, *args):
        """What its programs have logged."""
        root("journalctl", "--sync")
        return root("journalctl", "--no-pager", "--output=cat", f"_UID={self.entry.pw_uid}", *args)

    # --- the work

    def write(self, path, text):
        """A file in its home; gives its path."""
        path = os.path.join(self.home, path)
        for folder in reversed([path[:m.start()] for m in re.finditer("/", path) if m.start() > len(self.home)]):
            if not os.path.isdir(folder):
                self.run("mkdir", "-p", folder).expect()
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text)
        shutil.chown(path, self.name, self.name)
        return path

    def add(self, name, mebibytes=0):
        """An application, of that size, and a service for it; gives its UUID."""
        folder = os.path.join(self.home, "apps", name)
        self.run("mkdir", "-p", folder).expect()
        database = sqlite3.connect(os.path.join(folder, "app.db"))
        database.executescript("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users (name) VALUES ('Ada'), ('Grace');"
                               "CREATE TABLE pictures (data BLOB);")
        database.executemany("INSERT INTO pictures VALUES (randomblob(1048576))", [()] * mebibytes)
        database.commit()
        database.close()
        root("chown", "-R", f"{self.name}:{self.name}", folder)
        return self.reprise("service", "add", "sqlite", name, "--set", f"path={folder}", "--json").expect().json["id"]

    def schedule(self, name):
        """Every hour, and nobody waits for a moment of their own; gives what is said."""
        self.write(".config/reprise/preferences.conf", "[reprise]\nspread-seconds=0\n")
        return self.reprise("schedule", name, f"hourly :{time.gmtime(time.time() - 1800).tm_min:02}").expect().out

    def miss(self, uuid):
        """As if the machine had slept for two days."""
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 2 * 86400))
        script = (f"import sqlite3; history = sqlite3.connect('{self.home}/.local/state/reprise/history.db', timeout=10)\n"
                  f"with history: assert history.execute('UPDATE mark SET at = ? WHERE service_uuid = ?', ('{at}', '{uuid}')).rowcount == 1")
        self.run("python3", "-c", script).expect()

    def backups(self, name):
        """The newest first."""
        return self.reprise("list", name, "--json").expect().json

    def submit(self, uuid):
        """Hands a backup over to the background service, as the window does, and waits until it writes; gives the job's id."""
        job = self.call("Submit", f"{{'kind': <'backup'>, 'service-uuid': <'{uuid}'>}}").split("'")[1]
        wait_until(self.partials, "something in the vault", 30)
        assert self.job(job)["state"] == "running", self.job(job)
        return job

    def job(self, job):
        """What became of it."""
        found = [j for j in self.reprise("history", "--json").expect().json + self.reprise("jobs", "--json").expect().json if j["id"] == job]
        return found[-1] if found else None

    def partials(self):
        """What is not whole in the vault."""
        return [p for p in glob.glob(f"{self.home}/.local/share/reprise/vault/**/*", recursive=True) + glob.glob(
            f"{self.home}/.local/share/reprise/vault/**/.*", recursive=True) if ".partial" in p]

    def expect_clean(self, count, name):
        """So many backups, each whole, and no trace of another."""
        assert len(self.backups(name)) == count, self.backups(name)
        assert not self.partials(), self.partials()
        if count:
            self.reprise("verify", "--all").expect()

    def wait_for_agent_to_go(self):
        """By itself."""
        wait_until(lambda: not self.has_name(AGENT), "the background service to end")

    def reset(self):
        """As on the first day."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.started = []
        root("loginctl", "disable-linger", self.name, check=False)

        def is_gone():
            root("loginctl", "terminate-user", self.name, check=False)
            root("loginctl", "kill-user", "--signal=SIGKILL", self.name, check=False)
            root("systemctl", "stop", f"user@{self.entry.pw_uid}.service", f"user-runtime-dir@{self.entry.pw_uid}.service", check=False)
            return self.manager_state() != "active" and self.name not in root("loginctl", "list-users", "--no-legend").split()

        wait_until(is_gone, f"the end of all that {self.name} does")
        for path in glob.glob(f"{self.home}/*") + glob.glob(f"{self.home}/.[a-z]*"):
            if os.path.basename(path) not in (".bashrc", ".profile", ".bash_logout"):
                root("rm", "-rf", path)


def often(user):
    """The installed timer, every few seconds instead of minutes."""
    user.write(f".config/systemd/user/{TIMER}.d/often.conf", "[Timer]\nOnCalendar=\nOnCalendar=*:*:0/5\nRandomizedDelaySec=0\nAccuracySec=100ms\n")
    user.systemctl("daemon-reload")


# --- the timer

@test
def installed(ada, grace):
    """The units are found where they were installed, and systemd has nothing to say against them."""
    assert ada.systemctl("is-enabled", TIMER) == "disabled"
    units = [f"/usr/local/lib/systemd/user/{name}" for name in os.listdir("/usr/local/lib/systemd/user")]
    checked = ada.run("systemd-analyze", "--user", "--man=no", "verify", *units)
    assert checked.code == 0 and not checked.out + checked.err, checked


@test
def switched_on_and_off(ada, grace):
    """By the command line, as by the window; what is said holds for the systemd."""
    ada.add("Notes")
    assert ada.reprise("background", "--json").expect().json == {"background": "off"}
    assert "“reprise background on” has them followed without it" in ada.schedule("Notes")
    ada.reprise("background", "on").expect(out="Schedules are followed without the window too")
    assert ada.systemctl("is-enabled", TIMER) == "enabled" and ada.systemctl("is-active", TIMER) == "active"
    assert "followed" not in ada.schedule("Notes")
    assert "loginctl" not in ada.reprise("background").expect().out
    ada.reprise("background", "off").expect(out="only while the window is open")
    assert ada.systemctl("is-enabled", TIMER) == "disabled" and ada.systemctl("is-active", TIMER) == "inactive"
    assert grace.systemctl("is-enabled", TIMER) == "disabled"


@test
def stays_on(ada, grace):
    """After the machine was switched off and on."""
    ada.reprise("background", "on").expect()
    root("systemctl", "restart", f"user@{ada.entry.pw_uid}.service")
    wait_until(lambda: ada.systemctl("is-active", TIMER) == "active", "the timer to run again")
    ada.reprise("background").expect(out="without the window too")


@test
def fires(ada, grace):
    """The timer wakes the background service over the bus, it backs up once what was missed twice, says so in the journal, and goes."""
    uuid = ada.add("Notes")
    ada.schedule("Notes")
    ada.miss(uuid)
    often(ada)
    ada.reprise("background", "on").expect()
    wait_until(lambda: ada.backups("Notes"), "the backup that was due")
    time.sleep(12)  # two more looks
    assert [(b["origin"], b["state"]) for b in ada.backups("Notes")] == [("schedule", "verified")], ada.backups("Notes")
    assert ada.systemctl("show", WORK, "--property=Result") == "Result=success"
    ada.reprise("background", "off").expect()
    ada.wait_for_agent_to_go()
    assert ada.systemctl("list-units", "--failed", "--no-legend") == ""
    assert "CRITICAL" not in ada.journal() and "WARNING" not in ada.journal(), ada.journal()
    assert [run["state"] for run in ada.reprise("history", "--json").json] == ["done"]


@test
def catches_up(ada, grace):
    """The timer as it is installed: what it would have looked for while the machine was off, it looks for at once."""
    uuid = ada.add("Notes")
    ada.schedule("Notes")
    ada.miss(uuid)
    stamp = ada.write(f".local/share/systemd/timers/stamp-{TIMER}", "")
    os.utime(stamp, (time.time() - 86400, time.time() - 86400))
    ada.reprise("background", "on").expect()
    wait_until(lambda: ada.backups("Notes"), "the backup that was due", 200)


@test
def without_an_agent(ada, grace):
    """Where the bus cannot start the background service, what the timer starts does the work itself, and the log is in the journal."""
    uuid = ada.add("Notes")
    ada.schedule("Notes")
    ada.miss(uuid)
    ada.write(f".local/share/dbus-1/services/{AGENT}.service", f"[D-BUS Service]\nName={AGENT}\nExec=/bin/false\n")
    ada.run("busctl", "--user", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig").expect()
    assert ada.run("systemctl", "--user", "start", WORK).code == 0, ada.journal()
    assert [b["origin"] for b in ada.backups("Notes")] == ["schedule"]
    assert "verified" in ada.journal(f"_SYSTEMD_USER_UNIT={WORK}"), ada.journal()


@test
def refused(ada, grace):
    """By the systemd, or by nobody at all: said with what still works."""
    ada.systemctl("mask", TIMER)
    ada.reprise("background").expect(out="only while the window is open")
    ada.reprise("background", "on").fails(1, "masked.*while the window is open, and by “reprise run-due”")
    no_bus = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
    ada.reprise("background", env=no_bus).expect(out="Nothing on this computer can start the background service")
    ada.reprise("background", "on", env=no_bus).fails(1, "while the window is open, and by “reprise run-due”")
    uuid = ada.add("Notes")
    ada.schedule("Notes")
    ada.miss(uuid)
    ada.reprise("run-due", "--background", env=no_bus).expect(out="verified")
    no_session = {"XDG_RUNTIME_DIR": "", "DBUS_SESSION_BUS_ADDRESS": ""}  # as cron starts it
    ada.miss(uuid)
    ada.reprise("run-due", "--background", env=no_session).expect()
    assert len(ada.backups("Notes")) == 2
    no_programs = {"PATH": "/usr/local/bin"}  # no systemctl
    ada.systemctl("unmask", TIMER)
    ada.run("/usr/local/bin/reprise", "background", "on", env=no_programs).expect(out="without the window too")


# --- the background service

@test
def started_by_the_bus(ada, grace):
    """By whoever asks; it ends itself a while after."""
    ada.add("Notes")
    assert not ada.has_name(AGENT)
    assert "Notes" in ada.call("GetStatus")
    pid = ada.pid_of(AGENT)
    assert os.readlink(f"/proc/{pid}/exe") == "/usr/local/libexec/reprise-agent"
    assert os.stat(f"/proc/{pid}").st_uid == ada.entry.pw_uid
    time.sleep(1)
    assert ada.has_name(AGENT)
    ada.wait_for_agent_to_go()


@test
def terminated(ada, grace):
    """SIGTERM in the middle of a backup: it stops, nothing half stays, and the next one is whole."""
    uuid = ada.add("Pictures", 400)
    job = ada.submit(uuid)
    os.kill(ada.pid_of(AGENT), 15)
    ada.wait_for_agent_to_go()
    assert ada.job(job)["state"] == "stopped", ada.job(job)
    ada.expect_clean(0, "Pictures")
    ada.reprise("backup", "Pictures").expect(out="verified")
    ada.expect_clean(1, "Pictures")


@test
def bus_goes_away(ada, grace):
    """In the middle of a backup: what runs ends at a safe point, and all works again with the next bus."""
    uuid = ada.add("Pictures", 400)
    job = ada.submit(uuid)
    pid = ada.pid_of(AGENT)
    bus = int(ada.systemctl("show", "--property=MainPID", "--value", "dbus.service"))
    os.kill(bus, 9)
    wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the background service to end")
    wait_until(lambda: ada.systemctl("is-active", "dbus.socket") == "active", "another bus")
    ada.reprise("jobs").expect()
    assert ada.job(job)["state"] in ("stopped", "failed"), ada.job(job)
    job = ada.submit(uuid)
    wait_until(lambda: ada.job(job)["state"] == "done", "the next backup")
    ada.expect_clean(1, "Pictures")


@test
def window_closes(ada, grace):
    """In the middle of a backup, which goes on; so does one whose window's session ends, where its user lingers."""
    uuid = ada.add("Pictures", 400)
    session = ada.sign_in()
    display = ada.start("Xvfb", ":7", "-screen", "0", "1024x768x24", "-nolisten", "tcp")
    wait_until(lambda: os.path.exists("/tmp/.X11-unix/X7"), "a display")
    env = {"DISPLAY": ":7", "GDK_BACKEND": "x11", "GSK_RENDERER": "cairo", "GTK_A11Y": "none"}
    window = ada.start("reprise-gtk", env=env)
    wait_until(lambda: ada.has_name(ID), "the window")
    job = ada.submit(uuid)
    ada.run("gapplication", "action", ID, "quit").expect()
    assert window.wait(30) == 0
    wait_until(lambda: ada.job(job)["state"] == "done", "the end of the backup")
    window = ada.start("reprise-gtk", env=env)
    wait_until(lambda: ada.has_name(ID), "the window")
    job = ada.submit(uuid)
    display.kill()
    root("loginctl", "terminate-session", session)
    wait_until(lambda: not ada.sessions(), "the session to end")
    assert window.wait(30) != 0
    wait_until(lambda: ada.job(job)["state"] == "done", "the end of the second backup")
    ada.expect_clean(2, "Pictures")
    ada.wait_for_agent_to_go()


@test
def last_session_ends(ada, grace):
    """Of somebody who does not linger, in the middle of a backup: their systemd takes all with it, and what it leaves is clean."""
    root("loginctl", "disable-linger", "grace")
    wait_until(lambda: grace.manager_state() == "inactive", "the end of what lingers")
    session = grace.sign_in()
    wait_until(lambda: grace.systemctl("is-system-running") == "running", "the systemd of grace")
    grace.reprise("background", "on").expect(out="while you are signed in; after “loginctl enable-linger” always")
    grace.reprise("background", "off").expect()
    uuid = grace.add("Pictures", 400)
    job = grace.submit(uuid)
    begun = time.monotonic()
    root("loginctl", "terminate-session", session)
    wait_until(lambda: grace.manager_state() == "inactive", "the end of the systemd of grace", 120)
    assert time.monotonic() - begun < 60, "it did not end when it was asked to"
    root("loginctl", "enable-linger", "grace")
    wait_until(lambda: grace.systemctl("is-system-running") == "running", "the systemd of grace")
    assert grace.job(job)["state"] == "stopped", grace.job(job)
    grace.expect_clean(0, "Pictures")
    job = grace.submit(uuid)
    wait_until(lambda: grace.job(job)["state"] == "done", "the next backup")
    grace.expect_clean(1, "Pictures")


@test
def two_users(ada, grace):
    """At the same time, each with a background service that knows nothing of the other; the vault of one is closed to the other."""
    hers = {user: user.add("Pictures", 200) for user in (ada, grace)}
    jobs = {user: user.submit(uuid) for user, uuid in hers.items()}
    assert ada.pid_of(AGENT) != grace.pid_of(AGENT)
    for user, job in jobs.items():
        wait_until(lambda u=user, j=job: u.job(j)["state"] == "done", f"the backup of {user.name}")
        user.expect_clean(1, "Pictures")
    assert hers[ada] not in grace.call("GetStatus") and hers[grace] in grace.call("GetStatus")
    said = grace.reprise("vault", "set", f"{ada.home}/.local/share/reprise/vault")
    assert said.code in (1, 5) and said.err.startswith("reprise: ") and "ermi" in said.err, said
    address = {"DBUS_SESSION_BUS_ADDRESS": ada.env["DBUS_SESSION_BUS_ADDRESS"]}
    done = grace.run("gdbus", "call", "--session", "--dest", AGENT, "--object-path", AGENT_PATH, "--method", f"{AGENT}.GetStatus", env=address)
    assert done.code != 0 and hers[ada] not in done.out, done
    modes = {path: oct(os.stat(path).st_mode & 0o077) for path, _, names in os.walk(f"{ada.home}/.local/share/reprise") for path in
             [path, *[os.path.join(path, name) for name in names]] if os.stat(path).st_mode & 0o077}
    assert not modes, modes


@test
def journal_without_secrets(ada, grace):
    """With all that it can log, and a service whose password is wrong or whose server is not there: no log has it, nor a file."""
    ada.systemctl("set-environment", "G_MESSAGES_DEBUG=all")
    ada.run("dbus-update-activation-environment", "G_MESSAGES_DEBUG=all").expect()
    ada.run("gnome-keyring-daemon", "--unlock", "--components=secrets", "--daemonize", text="password of the keyring").expect()
    wait_until(lambda: ada.has_name("org.freedesktop.secrets"), "a keyring")
    reading, writing = os.pipe()
    os.write(writing, SECRET.encode())
    os.close(writing)
    ada.run("reprise", "service", "add", "nocobase", "Portal", "--no-test", "--set", "address=http://127.0.0.1:9/", "--set", "account=ada@example.com",
            f"--secret-fd=password={reading}", fds=(reading,)).expect()
    os.close(reading)
    ada.reprise("service", "show", "Portal").expect(out="in the keyring")
    uuid = ada.reprise("service", "show", "Portal", "--json").json["id"]
    ada.schedule("Portal")
    ada.miss(uuid)
    often(ada)
    ada.reprise("background", "on").expect()
    wait_until(lambda: ada.has_name(AGENT), "the background service")
    ada.call("Run", "Portal")
    wait_until(lambda: any(r["state"] == "failed" for r in ada.reprise("history", "--json").json), "the failure")
    ada.call("GetStatus")
    wait_until(lambda: ada.reprise("status").code == 3, "the status that asks for attention")  # what was due may just be tried again
    ada.reprise("background", "off").expect()
    said = ada.journal()
    assert "reprise-agent" in said or "reprise" in said, said
    for text in (SECRET, SECRET.encode().hex(), json.dumps(SECRET).strip('"')):
        assert text not in said, [line for line in said.splitlines() if text in line]
        assert not root("grep", "-rlF", "--exclude-dir=keyrings", text, ada.home, check=False)
    ada.wait_for_agent_to_go()


# --- all of them

def main():
    """TAP."""
    chosen = sys.argv[1:]
    tests = [t for t in TESTS if not chosen or t.__name__.replace("_", "-") in chosen]
    failed = 0
    print(f"1..{len(tests)}")
    for number, function in enumerate(tests, 1):
        name, begun = function.__name__.replace("_", "-"), time.monotonic()
        users = [User("ada"), User("grace")]
        try:
            for user in users:
                user.reset()
                user.linger()
            function(*users)
            print(f"ok {number} /machine/{name}\n# {time.monotonic() - begun:.1f} s")
        except Exception:  # pylint: disable=broad-except
            failed += 1
            log = root("journalctl", "--no-pager", f"--since=-{int(time.monotonic() - begun) + 1}s", check=False).splitlines()
            facts = [root(*words, check=False) for words in (("loginctl", "list-sessions"), ("loginctl", "list-users"), ("loginctl", "user-status", "ada", "grace"))]
            said = traceback.format_exc() + "\n".join(log[-60:] + facts)
            print("# " + said.rstrip().replace("\n", "\n# ") + f"\nnot ok {number} /machine/{name}")
        finally:
            for user in users:
                for process in user.started:
                    if process.poll() is None:
                        process.kill()
    print(f"# {len(tests) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
