# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./dev bench measures over the storage of Milvus Backup: a backup of 1 GiB in 2,000 objects out of a real S3 server into the vault,
hashed and on the disk, beside rclone copy of the same from the same server. REPRISE_BENCH_OBJECTS=N takes N objects in place of 2,000.
"""
import os
import re
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "util"))
import reprise_milvus  # pylint: disable=wrong-import-position

OBJECTS = int(os.environ.get("REPRISE_BENCH_OBJECTS", "2000"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(bench):
    """@bench: the running benchmark, as a module."""
    if reprise_milvus.find_gateway() is None:
        raise ValueError("the S3 server of ../shared/peers/milvus is not installed: run its real-up once")
    subprocess.run(["ninja", "-C", bench.build, "--quiet", "tests/util/milvus-store"], check=True, stdout=subprocess.DEVNULL)
    root, vault, copy = bench.work + "/s3", bench.work + "/milvus-vault", bench.work + "/copy"
    config = bench.work + "/rclone.conf"
    name = reprise_milvus.lay_generated(root + "/a-bucket/backup", objects=OBJECTS)
    gateway = reprise_milvus.Gateway(root, free_port())
    with open(config, "w", encoding="utf-8") as f:
        f.write(f"[s3]\ntype = s3\nprovider = Other\nendpoint = {gateway.address}\naccess_key_id = {reprise_milvus.KEY}\n"
                f"secret_access_key = {reprise_milvus.SECRET}\n")
    environment = gateway.environment("a-bucket")
    environment.pop("AWS_CA_BUNDLE", None)
    memory = []

    def timed(command):
        report = bench.work + "/time"
        subprocess.run(["/usr/bin/time", "-f", "%e %M", "-o", report, *command], check=True, stdout=subprocess.DEVNULL, env=environment)
        with open(report, encoding="utf-8") as f:
            seconds, kib = re.fullmatch(r"(\S+) (\d+)", f.read().strip()).groups()
        return float(seconds), int(kib) / 1024

    def ours():
        shutil.rmtree(vault, ignore_errors=True)
        os.sync()
        seconds, mib = timed([bench.build + "/tests/util/milvus-store", "fetch", vault, name])
        memory.append(mib)
        return seconds

    def theirs():
        shutil.rmtree(copy, ignore_errors=True)
        os.sync()
        return timed(["rclone", "--config", config, "copy", f"s3:a-bucket/backup/{name}", copy])[0]

    try:
        bench.row(f"Milvus backup of 1 GiB, {OBJECTS:,} objects, from S3", bench.paired(ours, theirs, 5), 1.2, "beside rclone copy")
        bench.limit("  its memory", max(memory), 60, "MiB")
    finally:
        gateway.close()
        for path in (root, vault, copy):
            shutil.rmtree(path, ignore_errors=True)
