#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line over a server that speaks CouchDB's protocol: pouchdb-server with the shim that mends what it lacks, or, with
REPRISE_COUCHDB_URL=http://NAME:PASSWORD@HOST:PORT, any CouchDB. Only databases whose names begin with “reprise-test-” are touched.
"""

import datetime
import os
import random
import re
import subprocess
import time
import urllib.parse

import couchdb_interchange
import couchdb_replicator
from peer import Proxy, Suite, run_suites, say
import peer_couchdb_kills as kills
from peer_couchdb import PEER, PREFIX, SEED, Place, Server, Work, assert_same, quote

DAYS = int(os.environ.get("REPRISE_TEST_DAYS", "31"))
KILLS = int(os.environ.get("REPRISE_TEST_KILLS", "0"))  # of each kind; two thirds come while it runs
KEEP_DAILY, KEEP_WEEKLY = 5, 2

SUITE = Suite("couchdb", Place)


def promised(days):
    """Which of the days, of which each but the first has one increment, the tiers still hold: an own model of it."""
    def of_each(days, key):
        return sorted({key(day): day for day in days}.values())

    def monday(day):
        return (day + 3) // 7  # the first day is a Thursday

    def month(day):
        return (datetime.date(2026, 1, 1) + datetime.timedelta(days=day)).month

    days = list(days)[1:]
    daily, older = days[-KEEP_DAILY:], days[:-KEEP_DAILY]
    weeks = of_each(older, monday)
    weekly, older = weeks[-KEEP_WEEKLY:], weeks[:-KEEP_WEEKLY]
    return {0, *of_each(older, month), *weekly, *daily}


@SUITE.test
def thirty_days(place):
    """A baseline and daily increments, rolled up each day: every point in time that the tiers promise is restored exactly."""
    say(f"# seed {SEED}, {DAYS} days")
    rng = random.Random(SEED)
    works = [Work(place.server, f"{PREFIX}days", rng), Work(place.server, f"{PREFIX}days/b(1)$", rng)]
    place.go_to(0)
    place.add("Days", f"{PREFIX}days*", f"keep-daily={KEEP_DAILY}", f"keep-weekly={KEEP_WEEKLY}", "clean-up-days=1")
    states = {}
    for work in works:
        work.begin(200)
    for day in range(DAYS):
        place.go_to(day)
        for work in works:
            work.do(day)
            states[work.name, day] = place.server.state(work.name)
        place.back_up("Days")
        place.run("rollup", "Days", "--progress=none").expect(0)
    found = {}
    for entry in place.list("Days"):
        assert entry["state"] == "verified", entry
        place.home.run("verify", "--deep", entry["id"]).expect(0)
        found[entry["id"]] = (datetime.date.fromisoformat(entry["created_at"][:10]) - datetime.date(2026, 1, 1)).days
    assert len([entry for entry in place.list("Days") if entry["tier"] == "baseline"]) == 1
    held, wanted = set(found.values()), promised(range(DAYS))
    say(f"# of days {sorted(wanted)}; also, until they are cleaned up, {sorted(held - wanted)}")
    assert held >= wanted, (sorted(held), sorted(wanted))
    n = 0
    for backup, day in found.items():
        for work in works:
            if place.home.run("show", backup, "--json").expect(0).out.find(f'"{work.name}"') >= 0:
                place.assert_restores(backup, work.name, states[work.name, day], service="Days")
                n += 1
    assert n >= 2 * len(wanted), n
    newest = place.list("Days")[0]["id"]
    for day in sorted(wanted):
        date = datetime.date(2026, 1, 1) + datetime.timedelta(days=day)
        place.assert_restores(newest, works[0].name, states[works[0].name, day], "--to", f"as-of={date}", service="Days")
    gone = min(set(range(DAYS)) - held)
    date = datetime.date(2026, 1, 1) + datetime.timedelta(days=gone)
    refused = place.restore(newest, works[0].name, "--to", f"as-of={date}", code=5, service="Days")
    assert re.search(r"1 Jan 2026, 01:00 .*before it, .* after it", refused.err), refused
    say(f"# {n} restores of whole backups, {len(wanted)} by date")
    place.now = None
    place.server.drop_all()


@SUITE.test
def same_database_and_undo(place):
    """Saved versions win in the database itself, and Undo brings back what was there."""
    name = place.new(50)
    backup = place.back_up()
    saved = place.server.live(name)
    rows = place.server.winners(name)
    place.server.bulk(name, [{"_id": "doc-00001", "_rev": rows["doc-00001"], "wrong": True},
                             {"_id": "doc-00002", "_rev": rows["doc-00002"], "_deleted": True}, {"_id": "later"}])
    before = place.server.live(name)
    place.proxy.forget()
    place.run("plan", "Shop", backup, "--to", "into=same").expect(0, out="1 new, 1 replaced")
    assert not place.proxy.seen(r"^(PUT|DELETE) |_bulk_docs"), place.proxy.requests
    place.restore(backup, name, "--to", "into=same")
    assert place.server.live(name) == {**saved, "later": {"_id": "later"}}
    place.run("undo", "Shop", "--yes").expect(0)
    assert place.server.live(name) == before
    place.server.drop_all()


@SUITE.test
def written_meanwhile(place):
    """Somebody saves a document while it is restored into the same database: that version stays, and is told of."""
    name = place.new(50)
    backup = place.back_up()
    saved = place.server.live(name)
    rows = place.server.winners(name)
    edits = place.server.bulk(name, [{"_id": f"doc-{i:05}", "_rev": rows[f"doc-{i:05}"], "wrong": i} for i in range(1, 4)])
    theirs = {"_id": "doc-00002", "mine": "written meanwhile"}

    def write(_):
        place.server.bulk(name, [{**theirs, "_rev": edits[1]["rev"]}])
        return False

    rule = place.proxy.at("_bulk_docs", "request", write)
    done = place.restore(backup, name, "--to", "into=same", code=3)
    assert rule.done.is_set()
    assert re.search("doc-00002.*conflict", done.err + done.out, re.I), done
    assert place.server.live(name) == {**saved, "doc-00002": theirs}
    place.proxy.forget()
    place.restore(backup, name, "--to", "into=same")  # now it is at rest
    assert place.server.live(name) == saved
    place.server.drop_all()


@SUITE.test
def another_server(place):
    """Into a server that was never backed up, with all that is needed to make the database alike."""
    if PEER is None:
        say("# there is no second server")
        return
    name = f"{PREFIX}other"
    work = Work(place.server, name, random.Random(SEED), numbers=(1, 1.5))  # the other server has only doubles
    work.begin(100)
    for day in range(3):
        work.do(day)
        backup = place.back_up()
    state = place.server.state(name)
    other = Server()
    proxy = Proxy(other.number)
    try:
        place.add("Other", f"{PREFIX}*", proxy=proxy, server=other)
        place.home.run("restore", "Other", backup, "--yes", "--progress=none", "--to", f"databases={name}", "--to", "into=same",
                       "--secret-fd=password={}", secrets=[other.password]).expect(0)
        assert_same(plain(state), plain(other.state(name)))
        assert not [request for request in place.proxy.seen("^(PUT|DELETE) ") if name in request]
    finally:
        proxy.close()
        other.close()
    place.server.drop_all()


def plain(state):
    """What is the same on every server: text attachments may be stored compressed or not."""
    def simplify(value):
        if isinstance(value, dict):
            return {key: simplify(one) for key, one in value.items() if key not in ("digest", "revpos")}
        return [simplify(one) for one in value] if isinstance(value, list) else value
    return {key: simplify(doc) for key, doc in state.items()}


def couchbackup(place, program, *args, **streams):
    """A run of couchbackup or couchrestore. What it needs to sign in is in its environment."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = os.path.join(cache, "reprise-peers", "couchdb", "bin", program)
    server = place.server
    url = f"http://{urllib.parse.quote(server.account, safe='')}:{urllib.parse.quote(server.password, safe='')}@{server.host}:{server.number}"
    done = subprocess.run([path, "--quiet", *args], env={**os.environ, "COUCH_URL": url}, stderr=subprocess.PIPE, check=False, **streams)
    assert done.returncode == 0, (program, done.returncode, done.stderr[-2000:])


@SUITE.test
def couchbackup_and_back(place):
    """couchrestore reads what we write, and we read what couchbackup writes: every leaf, tree and attachment."""
    name = f"{PREFIX}exchange"
    work = Work(place.server, name, random.Random(SEED), numbers=(1, 1.5))  # larger ones it would round
    work.begin(700)
    for day in range(3):
        work.do(day)
    backup = place.back_up()
    state = plain(place.server.state(name))
    security = state.pop("_security")
    ours, theirs = place.home.file("ours.backup"), place.home.file(f"{name}.backup")
    place.home.run("export", backup, ours, "--collection", name).expect(0)
    target = f"{PREFIX}restored"
    place.server.make(target)
    with open(ours, "rb") as file:
        couchbackup(place, "couchrestore", "--attachments", "--db", target, stdin=file, stdout=subprocess.DEVNULL)
    found = plain(place.server.state(target))
    del found["_security"]
    assert_same(state, found)
    with open(theirs, "wb") as file:
        couchbackup(place, "couchbackup", "--attachments", "--db", name, stdin=subprocess.DEVNULL, stdout=file)
    imported = place.home.run("import", "Shop", theirs, "--json").expect(0).json["id"]
    place.restore(imported, name, "--to", f"target={PREFIX}imported")
    found = plain(place.server.state(f"{PREFIX}imported"))
    assert found.pop("_security") != security  # the file has none
    assert_same(state, found)
    place.server.drop_all()


@SUITE.test
def made_anew(place):
    """A database that was deleted and made again takes the old sequence without a word: it is saved in full."""
    if not place.server.is_couchdb:
        say("# this server does not tell how old a database is")
        return
    name = place.new(30)
    first, before = place.back_up(), place.server.state(name)
    place.server.drop(name)
    time.sleep(1.1)  # a database's age has seconds
    place.server.make(name)
    place.server.bulk(name, [{"_id": f"doc-{i:05}", "other": i} for i in range(20, 60)])
    second, after = place.back_up(), place.server.state(name)
    place.assert_restores(first, name, before)
    place.assert_restores(second, name, after)
    place.server.drop_all()


@SUITE.test
def purged(place):
    """What was purged leaves no row in the feed, and is gone from the next backup all the same."""
    if not place.server.is_couchdb:
        say("# this server knows no purges")
        return
    name = place.new(30)
    first, before = place.back_up(), place.server.state(name)
    rows = place.server.winners(name)
    place.server.call("POST", f"{quote(name)}/_purge", {f"doc-{i:05}": [rows[f"doc-{i:05}"]] for i in range(3)})
    place.server.bulk(name, [{"_id": "doc-00001", "again": True}])
    second, after = place.back_up(), place.server.state(name)
    third = place.back_up()
    place.assert_restores(first, name, before)
    place.assert_restores(second, name, after)
    place.assert_restores(third, name, after)
    place.server.drop_all()


def kill(place, journey):
    """So often as the server is quick."""
    number = KILLS or (25 if place.server.is_couchdb else 6)
    say(f"# {journey(place, number)} of {number} while it ran")


@SUITE.test
def killed_backups(place):
    """Killed at random instants of baselines and increments."""
    kill(place, kills.backups)


@SUITE.test
def killed_roll_ups(place):
    """Killed at random instants of roll-up and clean-up."""
    kill(place, kills.roll_ups)


@SUITE.test
def killed_restores(place):
    """Killed at random instants of restores."""
    kill(place, kills.restores)


@SUITE.test
def cut_connections(place):
    """The connection is cut in the middle of feeds, documents and writes, again and again."""
    name = place.new(800)
    state_of = place.server.state(name)
    for path in ("_changes", "_bulk_get"):
        for after in (400, 3000, 20000):
            place.proxy.at(path, "answer", lambda head: True, after=after, times=2)
    backup = place.back_up()
    place.proxy.forget()
    for path in ("_bulk_docs", "_revs_diff"):
        place.proxy.at(path, "request", lambda head: True, times=1)
        place.proxy.at(path, "body", lambda head: True, after=3000, times=1)
    place.assert_restores(backup, name, state_of)
    place.proxy.forget()
    place.server.drop_all()


@SUITE.test
def wrong_password(place):
    """One sentence, exit code 4, and no second try."""
    place.proxy.forget()
    place.home.run("backup", "Shop", "--secret-fd=password={}", secrets=["wrong"]).expect(4)
    assert len(place.proxy.seen("POST /_session")) == 1, place.proxy.requests
    found = subprocess.run(["grep", "-rl", place.server.password, place.home.path], capture_output=True, check=False).stdout
    assert not re.sub(rb"\S*secret-test\S*", b"", found), found


for more in couchdb_interchange.TESTS + couchdb_replicator.TESTS:
    SUITE.test(more)

if __name__ == "__main__":
    run_suites([SUITE])
