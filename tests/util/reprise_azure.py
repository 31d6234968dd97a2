# SPDX-License-Identifier: GPL-3.0-or-later
"""Azure as far as an application of App Service and services of API Management need it, in one process: a sign-in for a service
principal, their management, and a storage account with one container. It remembers what was asked of it."""

import datetime
import email.utils
import http.server
import io
import json
import re
import threading
import time
import urllib.parse
import zipfile
from xml.sax.saxutils import escape

SECRET = "canary-client-secret"
SIGNATURE = "canary-signature"
SUBSCRIPTION = "00001111-2222-3333-4444-555566667777"
SITE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1/providers/Microsoft.Web/sites/"
API = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/"


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def site_zip():
    """What Azure would put into the container."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("fs/site/wwwroot/index.html", "<h1>shop</h1>")
        archive.writestr("orders.sql", "select 1;")
    return data.getvalue()


class Azure:
    """A place with the application “shop” and its slot “staging”."""

    def __init__(self):
        self.sites = {"shop", "shop/slots/staging"}
        self.backups, self.blobs, self.blocks, self.schedule, self.calls = {}, {}, {}, None, []
        self.deleted, self.fail_delete, self.polls = [], False, 1
        self.operations, self.sign_in_error = {}, None
        self.apis, self.marks, self.times = {"gate": "Standard", "spare": "Standard", "big": "Premium"}, {}, {}
        self.taken = {}
        self.held = {"gate": {"apis": ["echo", "orders"], "products": ["starter"], "namedValues": ["host"], "backends": [],
                              "subscriptions": ["canary-subscription-1", "canary-subscription-2"], "users": ["canary-user-1"]}}
        azure = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body go one by one: the second would wait for the other side each time

            def log_message(self, *_):
                pass

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, data = azure.answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = handle_any

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def sas(self, days=30, letters="rwdl"):
        """The address of the container, with a signature."""
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
        return (f"{self.address}/acct/backups?sv=2021-12-02&sr=c&sp={letters}"
                f"&se={end.strftime('%Y-%m-%dT%H%%3A%M%%3A%SZ')}&sig={SIGNATURE}")

    def settings(self, **more):
        """What a service is added with."""
        values = {"cloud": "other", "management-address": self.address, "sign-in-address": self.address,
                  "sign-in": "client-secret", "tenant": "contoso.example", "client-id": "c1", "subscription": SUBSCRIPTION, "resource-group": "rg1",
                  "application": "shop", **more}
        return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]

    def answer(self, method, target, headers, body):
        path, _, query = target.partition("?")
        path, query = urllib.parse.unquote(path), urllib.parse.parse_qs(query, keep_blank_values=True)
        if path.startswith("/acct/backups"):
            return self.blob(method, path[len("/acct/backups"):].lstrip("/"), query, headers, body)
        if path.endswith("/oauth2/v2.0/token"):
            if not path.startswith("/contoso.example/"):
                return 404, {}, b""
            if self.sign_in_error:
                return self.json({"error": self.sign_in_error}, 400)
            good = f"client_secret={SECRET}" in body.decode()
            return self.json({"token_type": "Bearer", "expires_in": 3600, "access_token": "canary-access-token"} if good else
                             {"error": "invalid_client", "error_description": "AADSTS7000215: no."}, 200 if good else 401)
        self.calls.append((method, path, body.decode()))
        if headers.get("Authorization") != "Bearer canary-access-token":
            return self.refuse(401, "AuthenticationFailed")
        if path in self.operations:
            self.operations[path] -= 1
            return (202, {"Location": self.address + path, "Retry-After": "0"}, b"") if self.operations[path] >= 0 else self.json({})
        if path == f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/deletedSites":
            return self.json({"value": self.deleted})
        match = re.match(re.escape(API) + r"([^/]+)(/.*)?$", path)
        if match:
            return self.api(method, match[1], match[2] or "", json.loads(body or b"{}"))
        match = re.match(re.escape(SITE) + r"([^/]+(?:/slots/[^/]+)?)(/.*)?$", path)
        return self.site(method, match[1], match[2] or "", json.loads(body or b"{}").get("properties", {})) if match else self.refuse()

    def json(self, value, status=200):
        return status, {"Content-Type": "application/json"}, json.dumps(value).encode()

    def refuse(self, status=404, code="ResourceNotFound"):
        return self.json({"error": {"code": code, "message": f"{code}, it says."}}, status)

    def site(self, method, name, below, sent):
        if below.lower() in ("/restorefrombackupblob",) or re.match(r"/backups/\d+/restore$", below):
            return self.restore(name, sent)
        if below == "/slots":
            return self.json({"value": [{"name": "shop/staging"}]})
        if name not in self.sites:
            return self.refuse()
        if below == "":
            return self.json({"name": name, "location": "West US", "properties": {
                "state": "Running", "defaultHostName": f"{name}.azurewebsites.net",
                "serverFarmId": f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1/providers/Microsoft.Web/serverfarms/plan1"}})
        if below in ("/restoreSnapshot", "/restoreFromDeletedApp"):
            return self.begin()
        if below == "/snapshots":
            return self.json({"value": [{"id": "1", "properties": {"time": "2026-11-20T10:00:00Z"}}]})
        if below == "/backup":
            return self.json(self.make(sent))
        if below == "/backups":
            return self.json({"value": [self.shown(each) for each in self.backups.values()]})
        if below.startswith("/config/backup"):
            return self.config(method, below, sent)
        if below == "/discoverbackup":
            found = "orders.sql" in zipfile.ZipFile(io.BytesIO(self.blobs[sent["blobName"]])).namelist()
            return self.json({"properties": {"databases": [{"databaseType": "SqlAzure", "name": "orders"}] if found else []}})
        return self.one(method, below, sent)

    def api(self, method, name, below, sent):
        """A service of API Management, whose backups are what is in them."""
        if name not in self.apis:
            return self.refuse()
        if below == "":
            return self.json({"name": name, "location": "West US", "sku": {"name": self.apis[name], "capacity": 1},
                              "identity": {"type": "SystemAssigned"}, "properties": {
                                  "provisioningState": "Succeeded", "gatewayUrl": f"https://{name}.azure-api.net"}})
        if below.startswith("/reports/"):
            return self.json({"value": [{"name": below, "callCountTotal": 3}], "count": 1, "nextLink": ""})
        if method == "GET" and below[1:] in self.held.get(name, {}):
            return self.json({"value": [{"name": each, "properties": {"value": "canary-value"}} for each in self.held[name][below[1:]]]})
        if method == "POST" and below == "/backup":
            self.blobs[sent["backupName"]] = f"{name} {len(self.taken)}".encode()
            self.taken[self.blobs[sent["backupName"]]] = json.dumps(self.held.get(name, {}))
            self.times[sent["backupName"]] = email.utils.formatdate(usegmt=True)
            return self.begin()
        if method == "POST" and below == "/restore":
            if sent["backupName"] not in self.blobs:
                return self.refuse(400, "BadRequest")
            self.held[name] = json.loads(self.taken[self.blobs[sent["backupName"]]])
            return self.begin()
        return self.refuse()

    def take_time(self):
        """As real backups do, which are called by the second of their beginning: until that of the last one is over."""
        while any(backup["created"] == now() for backup in self.backups.values()):
            time.sleep(0.02)

    def make(self, sent):
        number = len(self.backups) + 1
        name = sent.get("backupName", f"shop_{number}")
        self.backups[str(number)] = {"id": number, "name": name, "blobName": f"{name}.zip", "status": "Created", "created": now(),
                                     "correlationId": f"correlation-{number}", "scheduled": False, "sizeInBytes": 0,
                                     "databases": sent.get("databases"), "storageAccountUrl": sent["storageAccountUrl"]}
        return self.shown(self.backups[str(number)])

    def shown(self, backup):
        return {"properties": {name: value for name, value in backup.items() if name != "storageAccountUrl"}}

    def one(self, method, below, sent):
        match = re.match(r"/backups/(\d+)(/list)?$", below)
        backup = self.backups.get(match[1]) if match else None
        if backup is None:
            return self.refuse()
        if match[2]:
            backup.update({name: value for name, value in sent.items() if name == "storageAccountUrl"})
            return self.json({"properties": backup})
        if method == "DELETE":
            failed = self.fail_delete and "renewed" not in backup["storageAccountUrl"]
            backup["status"] = "DeleteFailed" if failed else "Deleted"
            if not failed:
                for end in (".zip", ".xml"):
                    self.blobs.pop(backup["name"] + end, None)
            return self.json({})
        if backup["status"] == "Created":
            data = site_zip()
            self.blobs[backup["blobName"]], self.blobs[backup["name"] + ".xml"] = data, b"<?xml version='1.0'?><Backup/>"
            backup.update({"status": "Succeeded", "sizeInBytes": len(data), "websiteSizeInBytes": 3 * len(data),
                           "finishedTimeStamp": now()})
        return self.json(self.shown(backup))

    def config(self, method, below, sent):
        if below == "/config/backup/list":
            return self.json({"properties": self.schedule}) if self.schedule else self.refuse()
        self.schedule = sent if method == "PUT" else None
        return self.json({"properties": sent})

    def begin(self):
        """What takes its time: done at the look after the next @polls ones, a second each; with %None at once."""
        if self.polls is None:
            return self.json({})
        path = f"/operations/{len(self.operations)}"
        self.operations[path] = self.polls
        return 202, {"Location": self.address + path, "Retry-After": "0"}, b""

    def restore(self, name, sent):
        if sent["blobName"] not in self.blobs:
            return self.refuse(400, "BadRequest")
        if not sent["overwrite"] and name in self.sites:
            return self.refuse(409, "Conflict")
        self.sites.add(name)
        return self.begin()

    def blob(self, method, name, query, headers, body):
        if query.get("sig") != [SIGNATURE]:
            return 403, {"x-ms-error-code": "AuthenticationFailed"}, b""
        if not name:
            prefix = query.get("prefix", [""])[0]
            rows = "".join(f"<Blob><Name>{escape(each)}</Name><Properties><Content-Length>{len(data)}</Content-Length>"
                           f"<Last-Modified>{self.time(each)}</Last-Modified><Etag>0x1</Etag></Properties><Metadata>"
                           + "".join(f"<{key}>{escape(value)}</{key}>" for key, value in self.marks.get(each, {}).items())
                           + "</Metadata></Blob>"
                           for each, data in sorted(self.blobs.items()) if each.startswith(prefix))
            text = f"<?xml version='1.0'?><EnumerationResults><Blobs>{rows}</Blobs><NextMarker/></EnumerationResults>"
            return 200, {"Content-Type": "application/xml"}, text.encode()
        if method == "PUT":
            return self.put(name, query, headers, body)
        if name not in self.blobs:
            return 404, {"x-ms-error-code": "BlobNotFound"}, b""
        if method == "DELETE":
            del self.blobs[name]
            return 202, {}, b""
        data = self.blobs[name]
        about = {"ETag": '"0x1"', "Last-Modified": self.time(name), "x-ms-blob-type": "BlockBlob",
                 "Content-Type": "application/octet-stream",
                 **{f"x-ms-meta-{key}": value for key, value in self.marks.get(name, {}).items()}}
        if method == "HEAD":
            return 200, {**about, "Content-Length": str(len(data))}, b""
        wanted = re.match(r"bytes=(\d+)-(\d*)", headers.get("Range") or headers.get("x-ms-range") or "")
        if not wanted:
            return 200, about, data
        begin, end = int(wanted[1]), int(wanted[2] or len(data) - 1)
        end = min(end, len(data) - 1)
        return 206, {**about, "Content-Range": f"bytes {begin}-{end}/{len(data)}"}, data[begin:end + 1]

    def time(self, name):
        return self.times.get(name, "Fri, 20 Nov 2026 10:00:00 GMT")

    def put(self, name, query, headers, body):
        comp = query.get("comp", [""])[0]
        if comp == "metadata":
            self.marks[name] = {key[len("x-ms-meta-"):].lower(): value for key, value in headers.items()
                                if key.lower().startswith("x-ms-meta-")}
            return 200, {"ETag": '"0x1"'}, b""
        if comp == "block":
            self.blocks.setdefault(name, {})[query["blockid"][0]] = body
        elif comp == "blocklist":
            ids = re.findall(rb"<(?:Latest|Uncommitted|Committed)>([^<]*)<", body)
            self.blobs[name] = b"".join(self.blocks[name][each.decode()] for each in ids)
        else:
            self.blobs[name] = body
        return 201, {"ETag": '"0x1"'}, b""
