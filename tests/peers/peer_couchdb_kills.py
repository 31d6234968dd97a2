# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line killed at random instants of a backup, of a roll-up, and of a restore of CouchDB databases: nothing is lost, nothing is
stored twice, and the next run ends well."""

import glob
import os
import random
import sqlite3
import time

from peer_couchdb import PREFIX, SEED, Work, assert_same


def timed(function):
    """What it gives, and how many seconds it took."""
    started = time.monotonic()
    result = function()
    return result, time.monotonic() - started


def check_vault(place):
    """Every backup in it is whole."""
    place.home.run("verify", "--all").expect(0)


def check_stored_once(place, backups):
    """Of all revisions of one line of backups the body is there once, and every one is there."""
    seen = {}
    for backup in backups:
        folder = glob.glob(os.path.join(place.home.path, "data_home", "reprise", "vault", "*", f"*-{backup}"))
        assert len(folder) == 1, (backup, folder)
        for file in sorted(glob.glob(os.path.join(folder[0], "*.sqlite"))):
            segment = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
            database = segment.execute("SELECT value FROM segment WHERE name = 'database'").fetchone()[0]
            for row in segment.execute("SELECT id, rev FROM revision WHERE block IS NOT NULL AND rev <> ''"):
                key = (database, *row)
                assert key not in seen, f"{key} is stored twice: {seen[key]}, {file}"
                seen[key] = file
            segment.close()
    return seen


def no_debris(place):
    """Nothing of what was broken off is left in the vault."""
    left = [file for file in place.home.vault_files() if ".partial" in file]
    assert not left, left


def backups(place, kills, n=1500):
    """Killed while it backs up in full, and then while it backs up what has changed."""
    rng = random.Random(SEED)
    works = [Work(place.server, f"{PREFIX}kill-{i}", rng) for i in range(2)]
    for work in works:
        work.begin(n)
        work.do(0)
    place.add("Kill", f"{PREFIX}kill-*")
    place.add("Sample", f"{PREFIX}kill-*")
    _, seconds = timed(lambda: place.back_up("Sample"))
    seen, done, states = 0, [], {}
    for number in range(kills):
        seen += place.kill(rng.uniform(0, 1.1) * seconds, "backup", "Kill", "--progress=none")
        check_vault(place)
        if number % 6 == 5:  # the next ones are increments
            done.append(place.back_up("Kill"))
            for work in works:
                states[done[-1], work.name] = place.server.state(work.name)
                work.do(len(done))
            no_debris(place)
    done.append(place.back_up("Kill"))
    for work in works:
        states[done[-1], work.name] = place.server.state(work.name)
    made = [entry["id"] for entry in reversed(place.list("Kill"))]  # those too that were committed just before the kill
    stored = check_stored_once(place, made)
    for work in works:
        for document, rev in [key for key in states[done[-1], work.name] if key != "_security"]:
            assert (work.name, document, rev) in stored, (work.name, document, rev)
    for (backup, name), state in states.items():
        place.assert_restores(backup, name, state, service="Kill")
    no_debris(place)
    place.server.drop_all()
    return seen


def roll_ups(place, kills):
    """Killed while it rolls up and cleans up: every point that was not rolled up before is there."""
    rng = random.Random(SEED)
    work = Work(place.server, f"{PREFIX}roll", rng)
    work.begin(300)
    place.go_to(0)
    place.add("Roll", f"{PREFIX}roll", "keep-daily=2", "keep-weekly=1", "clean-up-days=0")
    seen, states, day, seconds = 0, {}, 0, 0.3
    for number in range(kills):
        for _ in range(3 if number % 3 == 0 else 0):
            place.go_to(day)
            work.do(day)
            place.back_up("Roll")
            states[place.now.date().isoformat()] = place.server.state(work.name)
            day += 1
        seen += place.kill(rng.uniform(0, 1.1) * seconds, "rollup", "Roll", "--progress=none")
        check_vault(place)
        if number % 3 == 2:
            done, seconds = timed(lambda: place.run("rollup", "Roll", "--progress=none"))
            done.expect(0)
            no_debris(place)
    place.run("rollup", "Roll", "--progress=none").expect(0)
    kept = {entry["created_at"][:10]: entry["id"] for entry in place.list("Roll")}
    newest = sorted(states)[-2:]
    assert set(newest) <= set(kept) and len(kept) < len(states), (sorted(kept), sorted(states))
    for date, backup in kept.items():
        place.assert_restores(backup, work.name, states[date], service="Roll")
    no_debris(place)
    place.now = None
    place.server.drop_all()
    return seen


def repeat(place, *command):
    """A restore after one that was cut off, which it tells. How long it took."""
    done, seconds = timed(lambda: place.run(*command))
    assert done.code in (0, 3) and "read again and compared" in done.out, done
    assert done.code == 0 or "An earlier restore had been cut off" in done.err, done
    return seconds


def safety_copies(place):
    """How many there are."""
    return len([entry for entry in place.list("Back") if entry["origin"] == "safety"])


def restores(place, kills, n=1200):
    """Killed while it restores: into a new database, where it goes on, and into the same one, where it is repeated or undone."""
    rng = random.Random(SEED)
    work = Work(place.server, f"{PREFIX}back", rng)
    work.begin(n)
    for day in range(3):
        work.do(day)
    place.add("Back", work.name)
    place.add("Fresh", work.name)  # whose safety copies nobody goes back to
    backup, state, saved = place.back_up("Back"), place.server.state(work.name), place.server.live(work.name)
    scratch, seen, undone, seconds = f"{PREFIX}scratch", 0, 0, 0.5
    command = [backup, "--yes", "--progress=none"]
    for number in range(kills):
        if number % 2 == 0:
            seen += place.kill(rng.uniform(0, 1.1) * seconds, "restore", "Fresh", *command, "--to", f"target={scratch}")
            check_vault(place)
            seconds = repeat(place, "restore", "Fresh", *command, "--to", f"target={scratch}")
            assert_same(state, place.server.state(scratch))
            place.server.drop(scratch)
            continue
        rows = place.server.winners(work.name)
        ids = rng.sample([document for document in sorted(saved) if document.startswith("doc-")], 200)
        place.server.bulk(work.name, [{"_id": document, "_rev": rows[document], "wrong": number} for document in ids])
        before, copies = place.server.live(work.name), safety_copies(place)
        seen += place.kill(rng.uniform(0, 1.1) * seconds, "restore", "Back", *command, "--to", "into=same")
        check_vault(place)
        if number % 4 == 1 and safety_copies(place) > copies:
            repeat(place, "undo", "Back", "--yes")
            assert place.server.live(work.name) == before
            undone += 1
        seconds = repeat(place, "restore", "Back", *command, "--to", "into=same")
        assert place.server.live(work.name) == saved
    no_debris(place)
    place.server.drop_all()
    return seen
