#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--json is an interface: its members and their types are held here. It only grows."""

import json
import os
import re

from reprise_test import run_tests, test

UUID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
ULID = r"^[0-9A-HJKMNP-TV-Z]{26}$"
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"
GROUP = {"required", "user", "log", "third-party", "custom", "unknown", "skipped"}


def maybe(shape):
    """null, or that."""
    return ("maybe", shape)


def dictionary(shape):
    """An object with any members, each of that shape."""
    return ("dictionary", shape)


SERVICE = {"id": UUID, "name": str, "kind": str, "production": bool, "settings": dictionary(str)}
BACKUP = {"id": str, "name": maybe(str), "service": UUID, "kind": str, "created_at": maybe(TIME), "size_bytes": maybe(int),
          "state": {"partial", "complete", "verified"}, "verified_at": maybe(TIME), "damage": maybe(str),
          "on_service": bool, "in_vault": bool, "own_name": maybe(str), "own_state": maybe(str), "bound": bool,
          "in_progress": bool,
          "stale": bool, "origin": {"manual", "schedule", "safety", "upload", "rehearsal"}, "note": maybe(str),
          "kept": bool, "encrypted": bool, "groups": [GROUP], "parent": maybe(str), "folder": maybe(str),
          "service_version": maybe(str), "tool_version": maybe(str)}
QUESTION = {"question": str, "title": str, "body": str, "responses": [str]}
JOB = {"id": ULID, "name": maybe(str), "service": maybe(UUID),
       "action": {"backup", "verify", "download", "upload", "restore", "undo", "delete", "rehearse", "rollup"},
       "title": str, "state": {"queued", "running", "asking", "stopping", "done", "warnings", "failed", "stopped"},
       "phase": str, "fraction": maybe((int, float)), "bytes_done": int, "bytes_total": maybe(int), "items_done": int,
       "items_total": maybe(int), "bytes_per_second": int, "seconds_left": maybe(int), "idle_seconds": int,
       "message": maybe(str), "stop_text": maybe(str), "started_at": maybe(TIME), "finished_at": maybe(TIME),
       "error": maybe(str), "summary": maybe(str), "backup_id": maybe(str), "safety_id": maybe(str),
       "written": maybe(int), "failed": maybe(int), "skipped": maybe(int), "warnings": [str],
       "question": maybe(QUESTION)}
COLLECTION = {"name": str, "title": maybe(str), "rows": maybe(int), "size_bytes": maybe(int), "own_group": maybe(str),
              "reason": maybe(str)}
CONTENTS = [{"group": GROUP, "rows": maybe(int), "size_bytes": maybe(int), "locked_reason": maybe(str),
             "collections": [COLLECTION]}]
FACTS = [{"label": str, "value": str}]
PLAN = {"backup": maybe(str), "file": maybe(str), "target": maybe(str), "groups": [GROUP], "options": dictionary(str),
        "refused": bool, "overwrites": bool, "safety_copy": bool, "no_safety_copy": maybe(str), "name_to_type": maybe(str),
        "checks": [{"check": str, "result": {"ok", "warning", "refused"}, "text": str, "help": maybe(str)}],
        "rows": [{"group": GROUP, "collection": maybe(str), "now": maybe(int), "backup": maybe(int), "action": str,
                  "text": maybe(str)}],
        "losses": [str], "steps": [str]}
RUN = {"id": ULID, "name": maybe(str), "service": maybe(UUID), "action": JOB["action"], "state": JOB["state"],
       "origin": str, "started_at": TIME, "finished_at": TIME, "summary": maybe(str), "error": maybe(str),
       "warnings": [str], "backup_id": maybe(str), "safety_id": maybe(str)}
STATUS = {"id": UUID, "name": str, "kind": str, "state": str, "needs_attention": bool, "title": str, "subtitle": str,
          "last_backup": maybe(ULID), "created_at": maybe(TIME), "verified_at": maybe(TIME), "size_bytes": maybe(int),
          "recovery_point": maybe(TIME), "recovery": str, "next_at": maybe(TIME), "paused": bool,
          "rehearsed_at": maybe(TIME), "rehearsal_ok": maybe(bool)}
SETTING = {"key": str, "type": {"text", "address", "path", "boolean", "integer", "choice", "time", "secret"},
           "label": maybe(str), "help": maybe(str), "default": maybe(str), "required": bool, "shown_if": maybe(str),
           "choices": [str]}
KIND = {"kind": str, "title": str, "description": str, "limits": maybe(str), "capabilities": [str], "settings": [SETTING],
        "restore_settings": [SETTING]}
VAULT = {"path": str, "exists": bool, "locks": bool, "exclusive_rename": bool, "syncs": bool, "network": bool,
         "free_bytes": maybe(int), "total_bytes": maybe(int), "backups": int, "size_bytes": int,
         "services": [{**SERVICE, "backups": int, "configured": bool}]}


def hold(value, shape, where="$"):
    """Holds a value against a shape, and says where it differs."""
    if isinstance(shape, tuple) and shape[0] == "maybe":
        if value is not None:
            hold(value, shape[1], where)
    elif isinstance(shape, tuple) and shape[0] == "dictionary":
        for key, item in value.items():
            hold(item, shape[1], f"{where}.{key}")
    elif isinstance(shape, dict):
        assert isinstance(value, dict), f"{where} is no object: {value!r}"
        for key, inner in shape.items():
            assert key in value, f"{where} has no “{key}”: {value!r}"
            hold(value[key], inner, f"{where}.{key}")
    elif isinstance(shape, list):
        assert isinstance(value, list), f"{where} is no array: {value!r}"
        for index, item in enumerate(value):
            hold(item, shape[0], f"{where}[{index}]")
    elif isinstance(shape, set):
        assert value in shape, f"{where} is {value!r}, not one of {shape}"
    elif isinstance(shape, str):
        assert isinstance(value, str) and re.search(shape, value), f"{where} is {value!r}, not {shape}"
    else:
        assert isinstance(value, shape) and not (shape is int and isinstance(value, bool)), f"{where} is {value!r}"


def shows(home, shape, *args, code=0):
    """One document of that shape; gives it."""
    document = home.run(*args, "--json").expect(code).json
    hold(document, shape)
    return document


@test
def the_holder_can_fail(home):
    for value, shape in ((None, str), ({}, {"id": str}), (True, int), ("x", {"a"}), ([1], [str]), ("x", UUID)):
        try:
            hold(value, shape)
        except AssertionError:
            continue
        raise RuntimeError(f"{value!r} passed as {shape}")


@test
def services(home):
    hold(home.run("service", "add", "toy", "Orders", "--set", f"path={home.file('Orders.data', 'x')}", "--json")
         .expect().json, {**SERVICE, "needs_sign_in": bool})
    shows(home, [SERVICE], "service", "list")
    shows(home, {**SERVICE, "secrets": dictionary(str), "rules": dictionary(GROUP)}, "service", "show", "Orders")
    shows(home, SERVICE, "service", "edit", "Orders", "--set", "warn=true")
    shows(home, {**SERVICE, "version": maybe(str), "identity": maybe(str), "latency_ms": maybe(int), "facts": FACTS,
                 "warnings": [str]}, "service", "test", "Orders", code=3)
    shows(home, SERVICE, "service", "renew", "Orders")
    assert shows(home, [KIND], "service", "kinds")[0]["kind"] == "toy"
    shows(home, {**SERVICE, "removed": bool, "deleted_backups": int, "kept_backups": int}, "service", "remove", "Orders",
          "--yes")


@test
def groups_and_rules(home):
    home.add()
    shows(home, CONTENTS, "groups", "Orders")
    assert shows(home, [{"collection": str, "group": GROUP}], "rules", "Orders", "--set", "words=log")


@test
def backups(home):
    home.add()
    made = {**BACKUP, "job": JOB}
    backup = shows(home, made, "backup", "Orders", "--note", "x")
    assert backup["state"] == "verified" and re.search(ULID, backup["id"]) and backup["job"]["backup_id"] == backup["id"]
    own = shows(home, made, "backup", "Orders", "--on-service")
    assert own["on_service"] and not own["in_vault"]
    assert len(shows(home, [BACKUP], "list")) == 2
    shows(home, [BACKUP], "list", "Orders")
    shows(home, {**BACKUP, "contents": maybe(CONTENTS), "proof": maybe(str),
                 "files": [{"path": str, "size_bytes": int, "sha256": r"^[0-9a-f]{64}$"}],
                 "events": [{"type": str, "at": TIME}]}, "show", backup["id"])
    shows(home, {"state": JOB["state"], "backups": [BACKUP], "job": JOB}, "verify", backup["id"])
    shows(home, made, "download", own["id"])
    shows(home, {"id": str, "file": str, "size_bytes": int}, "save", backup["id"], home.file("saved.toy"))
    shows(home, made, "upload", "Orders", home.file("saved.toy"))
    shows(home, BACKUP, "keep", backup["id"])
    shows(home, BACKUP, "unkeep", backup["id"])
    shows(home, {"id": UUID, "name": str, "retention": maybe(str), "automatic": bool}, "retention", "Orders", "last=1")
    shows(home, {"id": UUID, "name": str, "schedule": maybe(str), "routine": {"backup", "rollup", "rehearsal"}, "groups": [str],
                 "paused": bool,
                 "next_at": maybe(TIME)}, "schedule", "Orders", "daily 02:00")
    shows(home, [{"name": str, "service": UUID, "routine": str, "due_at": TIME, "job": maybe(JOB)}], "run-due")
    shows(home, {"name": str, "service": UUID, "size_bytes": int, "job": maybe(JOB),
                 "backups": [{"id": str, "created_at": maybe(TIME), "size_bytes": maybe(int), "kept": bool,
                              "reasons": [str]}]}, "prune", "Orders", "--dry-run")
    assert shows(home, {"id": str, "name": str, "service": UUID, "deleted": bool, "job": JOB}, "delete", backup["id"],
                 "--yes")["deleted"]


@test
def nothing_to_verify(home):
    shows(home, {"state": JOB["state"], "backups": [BACKUP], "job": maybe(JOB)}, "verify", "--all")


@test
def inspect(home):
    shows(home, {"file": str, "kind": str, "format": maybe(str), "created_at": maybe(TIME), "size_bytes": maybe(int),
                 "service_version": maybe(str), "engine": maybe(str), "groups": [GROUP], "whole": bool,
                 "encrypted": bool, "locked": bool, "facts": FACTS, "contents": maybe(CONTENTS), "damage": [str],
                 "warnings": [str]}, "inspect", home.file("x.toy", "TOY\n"))


@test
def restores(home):
    home.add()
    backup = home.back_up()
    place = {"name": str, "service": UUID, "kind": str}
    shows(home, {**place, **PLAN}, "plan", "Orders", backup)
    done = shows(home, {**JOB, "kind": str, "plan": PLAN}, "restore", "Orders", backup, "--yes")
    assert done["state"] == "done" and done["written"] == 3 and re.search(ULID, done["safety_id"])
    shows(home, {**JOB, "kind": str, "plan": PLAN}, "undo", "Orders", "--yes")
    shows(home, JOB, "rehearse", "Orders")


@test
def failures(home):
    """A job that failed is told in the document as well; what fails before has none."""
    home.add("Orders", "--set", "refuse=true")
    backup = home.back_up()
    assert shows(home, PLAN, "plan", "Orders", backup, code=5)["refused"]
    os.remove(home.file("Orders.data"))
    failed = shows(home, {"id": maybe(str), "job": JOB}, "backup", "Orders", code=1)
    assert failed["job"]["state"] == "failed" and failed["job"]["error"]
    assert home.run("backup", "Nothing", "--json").fails(1, "no service").out == ""


@test
def vault(home):
    home.add()
    assert not shows(home, VAULT, "vault", "show")["exists"]
    home.back_up()
    assert shows(home, VAULT, "vault", "show")["services"][0]["backups"] == 1
    shows(home, VAULT, "vault", "rebuild")
    shows(home, VAULT, "vault", "set", home.file("other"))
    old = os.path.join(home.env["XDG_DATA_HOME"], "reprise", "vault")
    os.rename(os.path.join(home.env["XDG_CONFIG_HOME"], "reprise"), home.file("former"))
    adopted = shows(home, {"path": str, "adopted": [{**SERVICE, "needs_sign_in": bool}]}, "vault", "adopt", old)
    assert len(adopted["adopted"]) == 1


@test
def the_rest(home):
    home.add("Orders", "--set", "delay-ms=100")
    shows(home, [STATUS], "status", code=3)
    process = home.start("backup", "Orders", "--progress=json")
    jobs = []
    while not jobs:
        jobs = shows(home, [{"id": ULID, "name": str, "service": UUID, "title": str, "state": JOB["state"],
                             "holder": str, "process": maybe(int)}], "jobs")
    shows(home, {"id": ULID, "title": str, "state": {"stopping"}}, "stop", jobs[0]["id"])
    _, err = process.communicate(timeout=60)
    for line in err.decode().splitlines():
        if line.startswith("{"):
            hold(json.loads(line), JOB)
    shows(home, [RUN], "history")
    shows(home, [RUN], "history", "Orders", "--limit", "1")
    assert shows(home, [STATUS], "status", code=3)[0]["name"] == "Orders"


run_tests("cli/json")
