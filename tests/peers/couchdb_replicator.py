# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups that the server makes by itself, by `_replicator`: days of them, rolled up, restored and brought into the vault; cut off by kills.
Its tests are part of the suite in couchdb.py, and need a server with a scheduler: Apache CouchDB."""

import random
import re
import subprocess
import time

from peer import say
from peer_couchdb import PREFIX, SEED, Work, assert_same, quote


def has_scheduler(place):
    try:
        place.server.call("GET", "_scheduler/jobs?limit=1")
        return True
    except AssertionError:
        say("# this server has no _scheduler: it makes no backups by itself")
        return False


def add(place, name, *settings):
    """A service whose server makes backups; as it is reached without the proxy."""
    service = f"Server {name}"
    place.add(service, name, "server-side=true", f"server-own-address=http://{place.server.host}:{place.server.number}/", *settings)
    return service


def back_up(place, service):
    return place.run("backup", service, "--on-service", "--json", "--progress=none").expect(0).json["id"]


def state_of(place, name):
    """What a backup there brings back: of design documents those that are there."""
    state = place.server.state(name)
    return {key: doc for key, doc in state.items()
            if not (isinstance(key, tuple) and key[0].startswith("_design/") and doc.get("_deleted"))}


def assert_restores(place, service, backup, name, state):
    scratch = f"{PREFIX}scratch"
    place.restore(backup, name, "--to", f"target={scratch}", service=service)
    found = place.server.state(scratch)
    place.server.drop(scratch)
    assert_same(state, found)


def on_server(place, service):
    return [backup for backup in place.run("list", service, "--json").expect(0).json if backup["on_service"]]


def assert_no_trace(place):
    """No replication is left, with the credentials in it, and no file has them."""
    rows = place.server.call("GET", "_replicator/_all_docs")["rows"]
    assert not [row for row in rows if row["id"].startswith(PREFIX)], rows
    found = subprocess.run(["grep", "-rl", place.server.password, place.home.path], capture_output=True, check=False).stdout
    assert not [line for line in found.decode().splitlines() if "secret-test" not in line], found


def server_side_days(place):
    """A baseline and nightly deltas, rolled up into weeks: every point that is promised comes back, document by document."""
    if not has_scheduler(place):
        return
    name, rng, points = f"{PREFIX}server-days", random.Random(SEED), {}
    work = Work(place.server, name, rng)
    service = add(place, name, "keep-daily=3", "keep-weekly=2", "clean-up-days=2")
    work.begin(300)
    for day in range(10):
        place.go_to(day)
        work.do(day)
        points[back_up(place, service)] = state_of(place, name)
        place.run("rollup", service).expect(0)
    tiers = {}
    for backup in on_server(place, service):
        tiers.setdefault(backup["tier"], []).append(backup["id"])
        assert backup["state"] == "complete", backup
        if backup["deleted_at"] is None:  # else it is rolled up: what took it in has gone on to a later point
            assert_restores(place, service, backup["id"], name, points[backup["id"]])
    assert {"baseline", "daily", "weekly"} <= tiers.keys(), tiers
    assert len([one for one in place.server.databases() if "-daily-" in one]) <= 3 + 3, place.server.databases()
    place.now = None
    assert_no_trace(place)
    place.server.drop_all()


def server_side_document(place):
    """The versions of a document and their difference are found there; one of them is restored straight from there, undone, and restored
    from what is brought into the vault."""
    if not has_scheduler(place):
        return
    name = place.new(50)
    service = add(place, name)
    first = back_up(place, service)
    rev = place.server.winners(name)["doc-00007"]
    place.server.bulk(name, [{"_id": "doc-00007", "_rev": rev, "n": "spoilt"}])
    second = back_up(place, service)
    versions = place.run("versions", service, "doc-00007", "-c", name, "--json").expect(0).json
    saved = [version for version in versions if version["backup_id"] in (first, second)]
    assert [version["tier"] for version in saved] == ["daily", "baseline"], versions
    shown = place.run("diff", service, "doc-00007", rev, "-c", name, "--json").expect(0).json
    assert [one["path"] for one in shown if one["path"] == "n"], shown
    live = place.server.live(name)
    place.restore(first, name, "--to", "into=same", "--to", "document=doc-00007", service=service)
    assert place.server.live(name) == {**live, "doc-00007": {**live["doc-00007"], "n": 7, "text": "x" * 200}}
    place.run("undo", service, "--yes").expect(0)
    assert place.server.live(name) == live
    backup = place.run("download", first, "--yes", "--json", "--progress=none").expect(0).json["id"]
    assert not [one for one in place.server.databases() if "-download-" in one]
    place.restore(backup, name, "--to", "into=same", "--to", "document=doc-00007", service=service)
    assert place.server.live(name)["doc-00007"]["n"] == 7
    assert_no_trace(place)
    place.server.drop_all()


def server_side_killed(place):
    """Killed while the server copies: it goes on, and the next backup there finishes it first."""
    if not has_scheduler(place):
        return
    rng, name = random.Random(SEED), place.new(1500)
    service = add(place, name)
    for kill in range(4):
        process = place.start("backup", service, "--on-service")
        time.sleep(rng.uniform(0.1, 2.5))
        process.kill()
        process.wait()
        place.server.bulk(name, [{"_id": f"kill-{kill}"}])
    backup, state = back_up(place, service), state_of(place, name)
    assert_restores(place, service, backup, name, state)
    for one in on_server(place, service):
        assert one["state"] == "complete", one
    assert_no_trace(place)
    place.server.drop_all()


def leaves_of(state):
    """Of each document what its live leaves say, whatever their revisions are called."""
    found = {}
    for key, doc in state.items():
        if key != "_security" and "_deleted" not in doc:
            files = {file: {member: value for member, value in stub.items() if member != "revpos"} for file, stub in doc.get("_attachments", {}).items()}
            body = {**{member: value for member, value in doc.items() if member not in ("_rev", "_revisions")}, "_attachments": files}
            found.setdefault(key[0], []).append(str(sorted(body.items())))
    return {document: sorted(leaves) for document, leaves in found.items()}


def server_side_existing(place):
    """Into the database itself, straight from the backups there: planned, with conflicts, attachments and design documents, and undone."""
    if not has_scheduler(place):
        return
    name, rng, points = f"{PREFIX}server-same", random.Random(SEED), {}
    work = Work(place.server, name, rng)
    service = add(place, name)
    work.begin(100)
    for day in range(4):
        work.do(day)
        points[back_up(place, service)] = place.server.state(name)
    work.do(4)
    before = leaves_of(place.server.state(name))
    for backup, state in points.items():
        requests = len(place.proxy.requests)
        place.run("plan", service, backup, "--to", f"databases={name}", "--to", "into=same").expect(0, out="passes through this computer")
        assert not [one for one in place.proxy.requests[requests:] if re.match("(PUT|DELETE) |.*_bulk_docs", one) and "_session" not in one]
        place.restore(backup, name, "--to", "into=same", "--to", "conflicts=exact", "--to", "others=remove", service=service)
        assert leaves_of(place.server.state(name)) == leaves_of(state), backup
        assert place.server.state(name)["_security"] == state["_security"]
        place.run("undo", service, "--yes").expect(0)
        assert leaves_of(place.server.state(name)) == before, backup
    assert_no_trace(place)
    place.server.drop_all()


def server_side_refused(place):
    """What later backups need is not deleted."""
    if not has_scheduler(place):
        return
    name = place.new(20)
    service = add(place, name)
    first, state = back_up(place, service), state_of(place, name)
    back_up(place, service)
    place.run("delete", first, "--yes").expect(5)
    assert_same(state, state_of(place, name))
    place.server.call("GET", quote(name))
    place.server.drop_all()


TESTS = [server_side_days, server_side_document, server_side_existing, server_side_killed, server_side_refused]
