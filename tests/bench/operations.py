# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs to follow a hundred operations at once that a service asks to be polled for each ten seconds."""
import http.server
import re
import subprocess
import threading

COUNT, SECONDS, RETRY_AFTER = 100, 40, 10


class Service(http.server.BaseHTTPRequestHandler):
    """An operation that never ends, as Azure Resource Manager tells of one."""
    protocol_version = "HTTP/1.1"
    polls = 0

    def do_GET(self):  # pylint: disable=invalid-name
        Service.polls += 1
        self.send_response(202)
        self.send_header("Location", self.path)
        self.send_header("Retry-After", str(RETRY_AFTER))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def run(bench):
    """The part “operations” of the benchmark."""
    bench.bench_program("bench-operations")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        out = subprocess.run([bench.build + "/tests/bench/bench-operations", f"http://127.0.0.1:{server.server_port}", str(COUNT), str(SECONDS)],
                             check=True, capture_output=True, text=True).stdout
    finally:
        server.shutdown()
    processor, threads = re.search(r"processor (\S+) threads (\d+)", out).groups()
    bench.limit(f"{COUNT} operations followed: the processor", float(processor), 1, "%", f"{Service.polls} polls in {SECONDS + 3} s, Retry-After: {RETRY_AFTER}")
    bench.limit("  polls of each, per Retry-After", Service.polls / COUNT / ((SECONDS + 3) // RETRY_AFTER + 1), 1, "")
    bench.limit("  threads of the whole program, without its main one", int(threads), 4, "", "reprise-net, and up to three of GLib’s own")
