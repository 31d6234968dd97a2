# SPDX-License-Identifier: GPL-3.0-or-later
"""The scan for a canary: a secret that must be nowhere, looked for in each form in which it could be written down."""

import base64
import json
import os
import urllib.parse


def forms(secret):
    """A secret in every form in which it could be written down."""
    raw = secret.encode()
    found = {raw, json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
             urllib.parse.quote(secret).encode(), urllib.parse.quote(secret, safe="").encode(),
             urllib.parse.quote_plus(secret).encode(), raw.hex().encode(), raw.hex().upper().encode()}
    for shift in range(3):
        encoded = base64.b64encode(b"x" * shift + raw).rstrip(b"=")
        found.add(encoded[4 if shift else 0:-1])
    return {form for form in found if len(form) > 6}


def hits(data, secret):
    """The forms of a secret that the bytes hold."""
    return [form for form in forms(secret) if form in data]


def scan_files(home, *secrets):
    """Every file below the home, by content and by name."""
    for folder, folders, files in os.walk(home.path):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.isfile(path) or os.path.islink(path):
                continue
            with open(path, "rb") as stream:
                data = stream.read()
            for secret in secrets:
                assert not hits(data + path.encode(), secret), (path, hits(data, secret))


def scan(result, *secrets):
    """What a run has shown."""
    for secret in secrets:
        assert not hits((result.out + result.err).encode("utf-8", "surrogateescape"), secret), result
    return result


def tree(pid):
    """A process and its children."""
    found = [pid]
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{other}/stat", encoding="ascii", errors="replace") as stream:
                if int(stream.read().rsplit(")", 1)[1].split()[1]) == pid:
                    found += tree(int(other))
        except OSError:
            continue
    return found


def scan_processes(pid, *secrets):
    """Arguments and environment of a process and its children."""
    for process in tree(pid):
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{process}/{name}", "rb") as stream:
                    data = stream.read()
            except OSError:
                continue
            for secret in secrets:
                assert not hits(data, secret), (process, name)
