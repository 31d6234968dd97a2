#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent as a process: what its clients see, and how it ends."""

import datetime
import os
import signal
import sqlite3
import subprocess
import time

from reprise_canary import hits, scan, scan_files, scan_processes
from reprise_test import Skip, program, run_tests, test, wait_until

NAME = "io.github.reprise_backup.Reprise.Agent"
PASSWORD = "open sesame"


def set_up(home, *settings, idle=30, **options):
    """A bus, the toy agent where a client looks for one, and a service; gives its UUID."""
    folder = home.file("libexec")
    os.mkdir(folder)
    os.symlink(program("util/reprise-toy-agent"), os.path.join(folder, "reprise-agent"))
    os.symlink(program("secret/reprise-secret"), os.path.join(folder, "reprise-secret"))
    home.env["REPRISE_LIBEXEC_DIR"] = folder
    home.env["REPRISE_AGENT_IDLE_SECONDS"] = str(idle)
    if "DBUS_SESSION_BUS_ADDRESS" not in home.env:
        home.start_bus()
    pairs = [word for setting in settings for word in ("--set", setting)]
    code = 3 if options.get("secrets", "") is None else 0  # none is given where one is needed
    return home.add("Orders", "--json", *pairs, code=code, **options).json["id"]


def start_agent(home):
    """Starts it by hand, to have its process."""
    with open(home.file("agent.err"), "ab") as stream:
        agent = subprocess.Popen([home.file("libexec/reprise-agent")], env=home.env, stderr=stream)
    home.processes.append(agent)
    wait_until(lambda: home.has_name(NAME), "an agent")
    return agent


def expect_end(home, agent, log="agent.err"):
    """It ends by itself, soon, without a complaint."""
    code = agent.wait(timeout=30)
    with open(home.file(log), encoding="utf-8", errors="replace") as stream:
        said = stream.read()
    # The sanitizer itself falls now and then over a thread that ends while it looks for leaks; that is no leak, and none of ours.
    assert code == 0 or "LeakSanitizer has encountered a fatal error" in said, f"the agent ended with {code}: {said}"


def drive(home, *args):
    """A client, to its end."""
    return subprocess.run([program("agent/drive-agent"), *args], env=home.env, capture_output=True, text=True, timeout=120,
                          check=False)


def watch(home):
    """A client that looks on, as a window does."""
    watcher = subprocess.Popen([program("agent/drive-agent"), "watch"], env=home.env, stdout=subprocess.PIPE, text=True)
    home.processes.append(watcher)
    return watcher


def wait_for_line(watcher, word):
    """Its next line with that word."""
    for line in watcher.stdout:
        if word in line:
            return line
    raise AssertionError(f"“{word}” never came")


def files_of(home):
    return [os.path.join(folder, name) for folder, _, names in os.walk(home.path) for name in names]


def states(done):
    """The states that were shown, one after the other."""
    return [line.split()[2] for line in done.stdout.splitlines() if not line.startswith("agent")]


@test
def runs_a_job(home):
    """A client starts the agent where nothing is installed, and sees the job to its end."""
    uuid = set_up(home, "delay-ms=10")
    done = drive(home, "run", "backup", uuid)
    assert done.returncode == 0 and states(done) == ["queued", "running", "done"], done
    assert home.run("list", "--json").json[0]["state"] == "verified"
    jobs = home.run("jobs", "--json").expect().json
    assert jobs[0]["state"] == "done" and jobs[0]["holder"] == "agent", jobs
    assert home.run("history", "--json").json[0]["state"] == "done"


@test
def is_started_by_the_bus(home):
    folder = os.path.join(home.env["XDG_DATA_HOME"], "dbus-1", "services")
    os.makedirs(folder)
    with open(os.path.join(folder, NAME + ".service"), "w", encoding="utf-8") as stream:
        stream.write(f"[D-BUS Service]\nName={NAME}\nExec={program('util/reprise-toy-agent')}\n")
    uuid = set_up(home)
    os.remove(home.file("libexec/reprise-agent"))
    done = drive(home, "run", "backup", uuid)
    assert done.returncode == 0, done


@test
def window_may_close(home):
    """A client that goes away stops nothing, and one that comes later sees the end."""
    uuid = set_up(home, "delay-ms=40", idle=1)
    assert drive(home, "submit", "backup", uuid).returncode == 0
    time.sleep(0.1)
    jobs = home.run("jobs", "--json").json
    assert jobs[0]["state"] == "running", jobs
    wait_until(lambda: home.run("list", "--json").json, "the backup")
    assert home.run("list", "--json").json[0]["in_vault"]


@test
def stop(home):
    uuid = set_up(home, "delay-ms=100")
    drive(home, "submit", "backup", uuid)
    job = home.run("jobs", "--json").json[0]
    home.run("stop", job["id"]).expect(out="Back Up Orders")
    wait_until(lambda: home.run("jobs", "--json").json[0]["state"] == "stopped", "the end")
    home.run("stop", job["id"]).fails(1, "ended already")
    assert home.run("list", "--json").json == [] and not [f for f in home.vault_files() if ".partial" in f]


@test
def answer(home):
    uuid = set_up(home, "ask=true")
    done = drive(home, "run", "backup", uuid, "continue")
    assert done.returncode == 0 and "asking" in states(done), done
    done = drive(home, "run", "backup", uuid, "cancel")
    assert done.returncode == 5 and "The answer was no" in done.stdout, done


@test
def one_after_the_other(home):
    """One job of a service at a time, several services side by side."""
    uuid = set_up(home, "delay-ms=250")
    other = home.add("Sales", "--set", "delay-ms=20", "--json").json["id"]
    watcher = watch(home)
    for service in (uuid, other, uuid):
        drive(home, "submit", "backup", service)
    seen, ended = [], 0
    while ended < 3:
        words = watcher.stdout.readline().split()
        if words[0] != "agent":
            seen.append((words[0], words[2]))
            ended += words[2] == "done"
    names = {j["id"]: j["name"] for j in home.run("jobs", "--json").json}
    first, second = sorted(job for job, name in names.items() if name == "Orders")
    sales = next(job for job, name in names.items() if name == "Sales")
    assert seen.index((second, "running")) > seen.index((first, "done")), seen
    assert seen.index((sales, "running")) < seen.index((second, "running")), seen
    assert len(home.run("list", "--json").json) == 3


@test
def reads_the_configuration_anew(home):
    """A service that was added, and a vault that was moved, after the agent began."""
    set_up(home)
    agent = start_agent(home)
    uuid = home.add("Sales", "--json").json["id"]
    home.run("vault", "set", home.file("other")).expect()
    done = drive(home, "run", "backup", uuid)
    assert done.returncode == 0 and agent.poll() is None, done
    assert home.run("list", "Sales", "--json").json[0]["folder"].startswith(home.file("other"))


@test
def refuses(home):
    uuid = set_up(home, "refuse=true")
    done = drive(home, "run", "backup", "01234567-0123-0123-0123-0123456789ab")
    assert done.returncode == 1 and "no service" in done.stderr, done
    done = drive(home, "run", "restore", uuid)
    assert done.returncode in (2, 5), done


@test
def command_line_loses(home):
    uuid = set_up(home, "delay-ms=1000")
    drive(home, "submit", "backup", uuid)
    # Running is not enough: the lock is taken a moment later, and whoever comes between wins.
    wait_until(lambda: any(job["phase"] == "reading" for job in home.run("jobs", "--json").json), "the job with the lock")
    home.run("backup", "Orders").fails(6, "background service")
    home.run("stop", home.run("jobs", "--json").json[0]["id"]).expect()


@test
def ends_as_a_call_comes(home):
    """An agent that is about to go takes with it what has just reached it: the client asks the next one, and it is done once."""
    uuid = set_up(home)
    agent = start_agent(home)
    client = subprocess.Popen([program("agent/drive-agent"), "run-later", "backup", uuid], env=home.env, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    home.processes.append(client)
    wait_for_line(client, "ready")
    agent.send_signal(signal.SIGSTOP)
    client.stdin.write("\n")
    client.stdin.close()
    time.sleep(1)  # the call lies in the socket of a process that reads no more
    agent.kill()
    agent.wait()
    assert client.wait(timeout=60) == 0, client.stdout.read()
    assert [run["state"] for run in home.run("history", "--json").json] == ["done"]


def call_submit(home, uuid, *members):
    """What a client sends, by hand; gives its answer."""
    words = ", ".join(["'kind': <'backup'>", f"'service-uuid': <'{uuid}'>", *members])
    return subprocess.run(["gdbus", "call", "--session", "--dest", NAME, "--object-path", "/" + NAME.replace(".", "/"),
                           "--method", NAME + ".Submit", "{" + words + "}"], env=home.env, capture_output=True, text=True,
                          timeout=60, check=False)


@test
def the_same_request_twice(home):
    """A request with an id makes one job, also where the agent that began it was killed."""
    uuid = set_up(home, "delay-ms=100")
    agent = start_agent(home)
    job = "'job-id': <'01JD0000000000000000000001'>"
    for words in ([job], [job], [job, "'again': <true>"]):
        done = call_submit(home, uuid, *words)
        assert "01JD0000000000000000000001" in done.stdout, done
    wait_until(lambda: home.run("jobs", "--json").json[0]["state"] == "running", "its beginning")
    assert len(home.run("jobs", "--json").json) == 1
    agent.kill()
    agent.wait()
    start_agent(home)
    done = call_submit(home, uuid, job, "'again': <true>")
    assert done.returncode != 0 and "interrupted" in done.stderr, done
    assert "no identifier" in call_submit(home, uuid, "'job-id': <'x'>").stderr
    assert len(home.run("history", "--json").json) == 1


@test
def killed(home):
    """kill -9: the client says that its job was interrupted, the lock is free, and the vault is clean after the next run."""
    uuid = set_up(home, "delay-ms=100")
    agent = start_agent(home)
    watcher = watch(home)
    drive(home, "submit", "backup", uuid)
    wait_for_line(watcher, "running")
    time.sleep(0.2)
    agent.kill()
    agent.wait()
    line = wait_for_line(watcher, "failed")
    assert "interrupted" in line, line
    history = home.run("history", "--json").json
    assert len(history) == 1 and history[0]["state"] == "failed" and "interrupted" in history[0]["error"], history
    assert home.run("status", "--json").expect(3).json[0]["state"] == "failed"
    home.run("service", "edit", "Orders", "--set", "delay-ms=0").expect()
    home.run("backup", "Orders").expect(out="verified")
    assert not [f for f in home.vault_files() if ".partial" in f], home.vault_files()
    assert drive(home, "run", "backup", uuid).returncode == 0
    home.run("verify", "--all").expect(out="2 backups")


@test
def terminated(home):
    """SIGTERM: jobs stop at their next safe point, and are waited for."""
    uuid = set_up(home, "delay-ms=60", "safe=true")
    agent = start_agent(home)
    watcher = watch(home)
    drive(home, "submit", "backup", uuid)
    wait_for_line(watcher, "running")
    agent.terminate()
    line = wait_for_line(watcher, "stopped")
    assert " 130 " in line, line
    wait_for_line(watcher, "agent gone")
    expect_end(home, agent)
    assert home.run("list", "--json").json == [] and not [f for f in home.vault_files() if ".partial" in f]


@test
def terminated_idle(home):
    set_up(home)
    agent = start_agent(home)
    agent.terminate()
    expect_end(home, agent)


@test
def ends_when_idle(home):
    """Not while there is a client, nor while a job runs; a while after both."""
    uuid = set_up(home, "delay-ms=150", idle=1)
    agent = start_agent(home)
    watcher = watch(home)
    drive(home, "submit", "backup", uuid)
    wait_for_line(watcher, "running")
    time.sleep(1.5)
    assert agent.poll() is None, "it ended beside a client"
    watcher.terminate()
    watcher.wait()
    wait_for = home.run("jobs", "--json").json[0]["state"]
    assert wait_for == "running", wait_for
    time.sleep(1.3)
    assert agent.poll() is None or home.run("list", "--json").json, "it ended beside a job"
    expect_end(home, agent)
    assert home.run("list", "--json").json[0]["state"] == "verified"


@test
def ends_without_a_call(home):
    set_up(home, idle=1)
    agent = start_agent(home)
    expect_end(home, agent)


@test
def only_one(home):
    set_up(home)
    start_agent(home)
    second = subprocess.run([home.file("libexec/reprise-agent")], env=home.env, capture_output=True, timeout=30, check=False)
    assert second.returncode != 0, second


@test
def no_secret_crosses(home):
    """The password goes from the keyring to the agent, encrypted; what a job tells is without it."""
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    with open(home.file("traffic"), "wb") as traffic:
        monitor = subprocess.Popen(["dbus-monitor", "--session", "--binary"], env=home.env, stdout=traffic,
                                   stderr=subprocess.DEVNULL)
    home.processes.append(monitor)
    uuid = set_up(home, "locked=true", secrets=None)
    home.run("service", "sign-in", "Orders", "--secret-fd=password={}", secrets=[PASSWORD]).expect()
    done = drive(home, "run", "backup", uuid)
    assert done.returncode == 0, done
    home.run("service", "edit", "Orders", "--secret-fd=password={}", secrets=["canary-4711-canary"]).expect(3, err="is wrong")
    done = drive(home, "run", "backup", uuid)
    assert done.returncode == 4 and "canary" not in done.stdout, done
    monitor.terminate()
    monitor.wait()
    with open(home.file("traffic"), "rb") as traffic:
        seen = traffic.read()
    assert b"JobChanged" in seen, "the bus was not watched"
    for secret in (PASSWORD.encode(), b"canary-4711-canary"):
        assert secret not in seen and secret.hex().encode() not in seen, secret


def call(home, method, *args):
    """What the agent answers, as text; the bus starts it where it is not there."""
    done = subprocess.run(["gdbus", "call", "--session", f"--dest={NAME}", "--object-path=/" + NAME.replace(".", "/"),
                           f"--method={NAME}.{method}", *args], env=home.env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done
    return done.stdout


def miss(home, uuid, hours):
    """As if the schedule had been dealt with so long ago."""
    at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=hours)
    history = sqlite3.connect(os.path.join(home.env["XDG_STATE_HOME"], "reprise", "history.db"), timeout=10)
    with history:
        changed = history.execute("UPDATE mark SET at = ? WHERE service_uuid = ?",
                                  (at.strftime("%Y-%m-%dT%H:%M:%S.000Z"), uuid)).rowcount
    history.close()
    assert changed == 1


def set_hourly(home):
    """At the minute of half an hour ago, so that no hour begins while the test runs; nobody waits for a moment of their own."""
    minute = (datetime.datetime.now() - datetime.timedelta(minutes=30)).minute
    home.run("schedule", "Orders", f"hourly :{minute:02}").expect()
    with open(home.file("config_home/reprise/preferences.conf"), "w", encoding="utf-8") as stream:
        stream.write("[reprise]\nspread-seconds=0\n")


@test
def does_what_is_due(home):
    """When it starts, and when it is told to look; without anybody who waits for it."""
    uuid = set_up(home, idle=1)
    set_hourly(home)
    miss(home, uuid, 50)
    agent = start_agent(home)
    wait_until(lambda: home.run("list", "--json").json, "the backup")
    expect_end(home, agent)
    backups = home.run("list", "--json").json
    assert [b["origin"] for b in backups] == ["schedule"] and backups[0]["state"] == "verified", backups
    home.env["REPRISE_AGENT_IDLE_SECONDS"] = "60"
    agent = start_agent(home)
    assert "uint32 0" in call(home, "RunDue")
    miss(home, uuid, 3)
    assert "uint32 1" in call(home, "RunDue")
    wait_until(lambda: len(home.run("history", "--json").json) == 2, "the second end")
    assert len(home.run("list", "--json").json) == 2
    agent.terminate()
    expect_end(home, agent)
    home.run("run-due").expect(out="Nothing is due")


@test
def cleans_up_by_itself(home):
    """What a rehearsal that was killed left goes as soon as the agent is there, with no schedule and no job of anybody."""
    set_up(home, idle=60)
    half = home.file("half", "restored")
    record = home.leave_rehearsal("Orders", half, ago=600)
    agent = start_agent(home)
    wait_until(lambda: not os.path.exists(record), "the end of the record")
    assert not os.path.exists(half)
    wait_until(lambda: home.run("history", "--json").json, "the run")
    run = home.run("history", "--json").json[0]
    assert run["state"] == "done" and run["origin"] == "schedule" and "cut off" in run["summary"], run
    assert "uint32 0" in call(home, "RunDue")
    agent.terminate()
    expect_end(home, agent)


@test
def timer_wakes_it(home):
    """“run-due --background” starts the agent by the bus, and goes; where there is no bus it does the work itself."""
    uuid = set_up(home, idle=1)
    folder = os.path.join(home.env["XDG_DATA_HOME"], "dbus-1", "services")
    with open(os.path.join(folder, NAME + ".service"), "w", encoding="utf-8") as stream:
        stream.write(f"[D-BUS Service]\nName={NAME}\nExec={program('util/reprise-toy-agent')}\n")
    set_hourly(home)
    miss(home, uuid, 5)
    home.run("run-due", "--background").expect()
    wait_until(lambda: home.run("history", "--json").json, "the end")
    wait_until(lambda: not home.has_name(NAME), "the agent to go")
    assert len(home.run("list", "--json").json) == 1
    miss(home, uuid, 5)
    home.run("run-due", "--background", env={"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}).expect(out="verified")


@test
def tells_its_status(home):
    """Status, run and stop over the bus; no secret and no setting among what it says."""
    uuid = set_up(home, "delay-ms=300")
    start_agent(home)
    said = call(home, "GetStatus")
    assert "'never'" in said and "Orders" in said and home.path not in said, said
    job = call(home, "Run", "Orders").split("'")[1]
    assert "'running'" in call(home, "GetStatus")
    call(home, "Stop", job, "true")
    wait_until(lambda: home.run("jobs", "--json").json[0]["state"] == "stopped", "the end")
    call(home, "Run", uuid)
    wait_until(lambda: home.run("list", "--json").json, "the backup")
    wait_until(lambda: "'up-to-date'" in call(home, "GetStatus"), "the status")
    said = call(home, "GetStatus")
    assert "At most 1 minute of changes would be lost." in said and "last-backup-at" in said, said
    home.run("rehearse", "Orders").expect()
    said = call(home, "GetStatus")
    assert "'rehearsed-at'" in said and "'rehearsal-ok': <true>" in said and "Restore rehearsed" in said, said


SPY = """#!/bin/sh
cat /proc/$$/cmdline /proc/$$/environ >> "$REPRISE_TEST_SPY"
exec "$REPRISE_TEST_HELPER" "$@"
"""


def spy_on_helper(home):
    """Has the arguments and the environment of each helper process written down, however short it lives."""
    helper = os.path.join(home.env["REPRISE_LIBEXEC_DIR"], "reprise-secret")
    home.env["REPRISE_TEST_SPY"] = home.file("spy", "")
    home.env["REPRISE_TEST_HELPER"] = os.path.realpath(helper)
    os.remove(helper)
    with open(helper, "w", encoding="utf-8") as stream:
        stream.write(SPY)
    os.chmod(helper, 0o700)


@test
def no_secret_stays(home):
    """With all that our programs can log: what they and their helpers are started with, say and leave behind has no secret."""
    wrong = "cänary/4711+\"zwölf\"&x"
    if not home.start_bus(keyring=True):
        raise Skip("there is no gnome-keyring-daemon")
    uuid = set_up(home, "locked=true", "delay-ms=20", secrets=None)
    spy_on_helper(home)
    home.env["G_MESSAGES_DEBUG"] = "all"
    with open(home.file("agent.log"), "wb") as log:
        agent = subprocess.Popen([home.file("libexec/reprise-agent")], env=home.env, stdout=log, stderr=log)
    home.processes.append(agent)
    wait_until(lambda: home.has_name(NAME), "an agent")
    for secret, code in ((wrong, 4), (PASSWORD, 0)):
        scan(home.run("service", "edit", "Orders", "--secret-fd=password={}", secrets=[secret]).expect(3 if code else 0), secret)
        client = subprocess.Popen([program("agent/drive-agent"), "run", "backup", uuid], env=home.env, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
        home.processes.append(client)
        while client.poll() is None:
            scan_processes(agent.pid, secret)
            scan_processes(client.pid, secret)
            time.sleep(0.02)
        assert client.returncode == code and not hits(client.stdout.read(), secret), client.returncode
        scan(home.run("backup", "Orders").expect(code), secret)
    for command in (["service", "show", "Orders"], ["jobs"], ["history"], ["status"], ["list"]):
        for options in ([], ["--json"]):
            scan(home.run(*command, *options), PASSWORD, wrong)
    agent.terminate()
    expect_end(home, agent, "agent.log")
    for name, least in (("spy", 4), ("agent.log", 1)):
        with open(home.file(name), "rb") as stream:
            data = stream.read()
        assert data.count(b"reprise") >= least, (name, data)
    assert any(path.endswith("history.db") for path in files_of(home)), "there is no history"
    scan_files(home, PASSWORD, wrong)


run_tests("agent/process")
