#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line over a server that speaks CouchDB's protocol: pouchdb-server with the shim that mends what it lacks, or, with
REPRISE_COUCHDB_URL=http://NAME:PASSWORD@HOST:PORT, any CouchDB. Only databases whose names begin with “reprise-test-” are touched.
"""

import datetime
import glob
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
KILLS = int(os.environ.get("REPRISE_TEST_KILLS", "0"))  # of each kind, while it runs
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
    # pouchdb-server lists a name without its slash: “a/b” is “ab” there
    other = f"{PREFIX}days/b(1)$" if place.server.is_couchdb else f"{PREFIX}days-b(1)$"
    works = [Work(place.server, f"{PREFIX}days", rng), Work(place.server, other, rng)]
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


def meanwhile(place, at, *args, code):
    """A restore into the same database, while which somebody saves a document, just before the call @at is answered for the first time
    after the safety copy. What is there in the end, what was saved, and what they wrote."""
    name = place.new(50)
    backup = place.back_up()
    saved = place.server.live(name)
    rows = place.server.winners(name)
    place.server.bulk(name, [{"_id": f"doc-{i:05}", "_rev": rows[f"doc-{i:05}"], "wrong": i} for i in range(1, 4)])
    before = place.server.live(name)
    theirs = {"_id": "doc-00002", "mine": "written meanwhile"}
    backups = os.path.join(place.home.path, "data_home", "reprise", "vault", "*", "*", "manifest.json")
    written, n = [], len(glob.glob(backups))

    def write(_):
        if not written and len(glob.glob(backups)) > n:
            written.append(place.server.bulk(name, [{**theirs, "_rev": place.server.winners(name)["doc-00002"]}]))
        return False

    place.proxy.at(at, "request", write, times=100)
    done = place.restore(backup, name, "--to", "into=same", *args, code=code)
    assert written and "doc-00002" in done.err + done.out, done
    found = place.server.live(name)
    place.proxy.forget()
    place.run("undo", "Shop", "--yes").expect(0)
    assert place.server.live(name) == before
    place.restore(backup, name, "--to", "into=same")  # now it is at rest
    assert place.server.live(name) == saved
    place.server.drop_all()
    return found, saved, theirs


@SUITE.test
def written_meanwhile(place):
    """Somebody saves a document while it is restored into the same database, before it is looked at and after: that version stays, and
    is told of."""
    for at in ("_all_docs", "_bulk_docs"):
        found, saved, theirs = meanwhile(place, at, code=3)
        assert found == {**saved, "doc-00002": theirs}, at


@SUITE.test
def replaced_meanwhile(place):
    """Or the saved version wins, as a new revision above theirs, and that is told of."""
    for at in ("_all_docs", "_bulk_docs"):
        found, saved, _ = meanwhile(place, at, "--to", "meanwhile=replace", code=3)
        assert found == saved, at


def live_leaves(place, name):
    """Of each document what its live leaves say, the one that is shown first."""
    winners = place.server.winners(name)
    found = {}
    for key, doc in place.server.state(name).items():
        if key == "_security" or "_deleted" in doc or key[0] not in winners:
            continue
        shown = winners[key[0]] == key[1]
        for stub in doc.get("_attachments", {}).values():
            stub.pop("revpos", None)
        body = {member: value for member, value in doc.items() if member not in ("_rev", "_revisions")}
        found.setdefault(key[0], []).append((not shown, str(sorted(body.items())), body))
    return {document: [body for _, _, body in sorted(leaves, key=lambda leaf: leaf[:2])] for document, leaves in found.items()}


@SUITE.test
def conflicts_chosen(place):
    """Versions in conflict of a database that is there: left out, restored, or exactly those of the backup; and undone."""
    name = f"{PREFIX}conflicts"
    work = Work(place.server, name, random.Random(SEED))
    work.begin(20)
    for day in range(4):
        work.do(day)
    backup = place.back_up()
    saved = live_leaves(place, name)
    assert len([leaves for leaves in saved.values() if len(leaves) > 1]) >= 3, saved
    # all conflicts are resolved, some edited; others come, one of a document that the backup does not have
    for (document, rev) in [key for key, doc in place.server.state(name).items() if key != "_security" and "_deleted" not in doc]:
        if place.server.winners(name)[document] != rev:
            place.server.bulk(name, [{"_id": document, "_rev": rev, "_deleted": True}])
    rows = place.server.winners(name)
    first, second, third, fourth = [document for document in sorted(rows) if document.startswith("do")][:4]
    place.server.bulk(name, [{"_id": "day-3-0", "_rev": rows["day-3-0"], "wrong": 1}, {"_id": first, "_rev": rows[first], "_deleted": True},
                             {"_id": second, "_rev": rows[second], "wrong": 2}])
    # of two the other version is shown, of one it is not
    for document, digit in ((third, "0"), (fourth, "f"), ("new", "f"), ("new", "e")):
        place.server.bulk(name, [{"_id": document, "_rev": "1-" + digit * 32, "other": digit, "_revisions": {"start": 1, "ids": [digit * 32]}}],
                          new_edits=False)
    before = live_leaves(place, name)
    for choice in ("leave", "keep", "exact", "exact"):
        place.restore(backup, name, "--to", "into=same", "--to", f"conflicts={choice}")
        found = live_leaves(place, name)
        assert found.pop("new") == before["new"]
        for document, leaves in saved.items():
            extra = [leaf for leaf in before[document][1:] if "other" in leaf] if choice != "exact" and document in before else []
            wanted = leaves[:1] if choice == "leave" else leaves
            assert found[document][0] == leaves[0], (choice, document)
            assert set(map(str, found[document])) == set(map(str, wanted + extra)), (choice, document, found[document], wanted, extra)
            assert choice != "exact" or len(found[document]) == len(leaves), (choice, document, found[document])
        place.run("undo", "Shop", "--yes").expect(0)
        assert live_leaves(place, name) == before, choice
    place.restore(backup, name, "--to", "into=same", "--to", "conflicts=exact", "--to", "others=remove")
    assert live_leaves(place, name) == saved
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
    number = KILLS or (50 if place.server.is_couchdb else 10)
    aim = journey(place, number)
    assert aim.seen >= number, (aim.seen, aim.tries)
    say(f"# killed {aim.seen} times while it ran, of {aim.tries}")


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
