# SPDX-License-Identifier: GPL-3.0-or-later
"""What the suites against real servers share: how tests are run and counted, and a proxy that counts requests and makes trouble."""

import re
import signal
import socket
import sys
import threading
import time
import traceback

MAX_HEAD = 65536
CHUNK = 65536


class Suite:
    """Tests that share a place to be set up, in the order in which they are written."""

    def __init__(self, name, place):
        self.name, self.place, self.tests = name, place, []

    def test(self, function):
        """A test: a function of the place."""
        self.tests.append(function)
        return function

    def chosen(self, names):
        """Its tests among those that were asked for: by its own name, by theirs, or all."""
        if not names or self.name in names:
            return self.tests
        return [test for test in self.tests if f"{self.name}/{title(test)}" in names]


def title(test):
    """“restore-groups” for restore_groups()"""
    return test.__name__.replace("_", "-")


def say(text):
    """A line, at once."""
    print(text, flush=True)


def run_suites(suites):
    """Runs all of them, one after the other, and ends the process with the line “N passed, N failed”."""
    names, passed, failed, begun = sys.argv[1:], 0, 0, time.monotonic()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):  # so that servers are stopped all the same
        signal.signal(number, lambda *_: sys.exit(130))
    for suite in suites:
        tests = suite.chosen(names)
        if not tests:
            continue
        place, started = None, time.monotonic()
        try:
            place = suite.place()
            say(f"# {suite.name}: ready after {time.monotonic() - started:.0f} s")
            for test in tests:
                started = time.monotonic()
                try:
                    test(place)
                    passed += 1
                    say(f"ok      {suite.name}/{title(test)} ({time.monotonic() - started:.1f} s)")
                except Exception:  # pylint: disable=broad-except
                    failed += 1
                    say("# " + traceback.format_exc().rstrip().replace("\n", "\n# "))
                    say(f"not ok  {suite.name}/{title(test)} ({time.monotonic() - started:.1f} s)")
                    place.recover()
        except Exception:  # pylint: disable=broad-except
            failed += 1
            say("# " + traceback.format_exc().rstrip().replace("\n", "\n# "))
            say(f"not ok  {suite.name}: it could not be set up or torn down")
        finally:
            if place is not None:
                place.close()
    say(f"It took {time.monotonic() - begun:.0f} s.")
    say(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Rule:
    """What the proxy does at the next request whose path matches: @when is “request” (its head has come), “body” or
    “answer” (after so many bytes of it were passed on), “end” (all of the answer was). The connection is cut where the action gives %True."""

    def __init__(self, pattern, when, action, after=0, times=1):
        self.pattern, self.when, self.action, self.after, self.times = re.compile(pattern), when, action, after, times
        self.done = threading.Event()
        self.lock = threading.Lock()

    def take(self):
        """Whether it is its turn."""
        with self.lock:
            if self.times == 0:
                return False
            self.times -= 1
            return True


class Proxy:
    """Stands in front of a server: sees each request, and can cut connections. One request per connection."""

    def __init__(self, upstream):
        self.upstream, self.port = upstream, free_port()
        self.requests, self.rules, self.streams = [], [], set()
        self.lock = threading.Lock()
        self.listener = None
        self.listen()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/"

    def listen(self):
        """Begins, or begins again, to take connections."""
        if self.listener is not None:
            return
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def close(self):
        """As a server whose process is gone: what is open is reset, and nobody listens."""
        listener, self.listener = self.listener, None
        if listener is not None:
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()
        with self.lock:
            streams, self.streams = self.streams, set()
        for stream in streams:
            _shut(stream)

    def at(self, pattern, when, action, **options):
        """Makes a rule, and gives it."""
        rule = Rule(pattern, when, action, **options)
        self.rules.append(rule)
        return rule

    def forget(self):
        """No requests seen, no rules."""
        self.requests.clear()
        self.rules.clear()

    def seen(self, pattern):
        """The requests whose “METHOD path” matches."""
        return [request for request in self.requests if re.search(pattern, request)]

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _keep(self, stream):
        with self.lock:
            self.streams.add(stream)

    def _serve(self, client):
        self._keep(client)
        server = None
        try:
            head, rest = _read_head(client)
            if not head:
                return
            method, path = head.split(b" ", 2)[:2]
            path = path.decode("latin-1")
            self.requests.append(f"{method.decode()} {path}")
            rules = [rule for rule in self.rules if rule.pattern.search(path)]
            if self._fire(rules, "request", 0, head):
                return
            server = socket.create_connection(("127.0.0.1", self.upstream), timeout=900)
            self._keep(server)
            server.sendall(_one_request(head) + rest)
            up = threading.Thread(target=self._pump, args=(client, server, rules, "body", len(rest), head), daemon=True)
            up.start()
            self._pump(server, client, rules, "answer", 0, head)
            self._fire(rules, "end", 0, head)
        except OSError:
            pass
        finally:
            for stream in (client, server):
                if stream is not None:
                    _shut(stream)
                    with self.lock:
                        self.streams.discard(stream)

    def _fire(self, rules, when, passed, head):
        """Carries out what is due; %True where the connection is to be cut."""
        cut = False
        for rule in rules:
            if rule.when == when and passed >= rule.after and rule.take():
                cut |= bool(rule.action(head.decode("latin-1")))
                rule.done.set()
        return cut

    def _pump(self, source, sink, rules, when, passed, head):
        due = [rule for rule in rules if rule.when == when]
        try:
            while True:
                data = source.recv(CHUNK)
                if not data:
                    break
                # not a byte more than what was asked for is passed on before a cut
                limits = [rule.after - passed for rule in due if rule.times and rule.after > passed]
                while data:
                    size = min([len(data)] + [limit for limit in limits if limit > 0])
                    sink.sendall(data[:size])
                    passed, data = passed + size, data[size:]
                    limits = [rule.after - passed for rule in due if rule.times and rule.after > passed]
                    if due and self._fire(due, when, passed, head):
                        _shut(source)
                        _shut(sink)
                        return
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            if when == "answer":
                _shut(sink)


def _shut(stream):
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    stream.close()


def _read_head(client):
    data = b""
    while b"\r\n\r\n" not in data:
        more = client.recv(CHUNK)
        if not more or len(data) > MAX_HEAD:
            return b"", b""
        data += more
    head, rest = data.split(b"\r\n\r\n", 1)
    return head + b"\r\n\r\n", rest


def _one_request(head):
    """The same head, with a connection that ends after the answer; a web socket's stays as it is."""
    if re.search(rb"\r\nupgrade:", head, re.I):
        return head
    head = re.sub(rb"\r\nconnection:[^\r]*", b"", head, flags=re.I)
    return head[:-2] + b"Connection: close\r\n\r\n"


__all__ = ["Proxy", "Suite", "free_port", "run_suites", "say"]
