"""Stands in for a Posit Connect server, to which the real `rsconnect` deploys: content is a Shiny app, run as a process of this machine.

As with the real one, files that aren't those of the manifest, a wrong key or an app that doesn't start are errors.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.examples.services import free_port

KEY = "a-key-of-connect"


class Content:
    """One app on the server: its bundles, its variables, and the process that runs."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.variables: dict[str, str] = {}
        self.bundles: list[Path] = []
        self.told: list[Mapping[str, str]] = []
        self.running: dict[str, tuple[subprocess.Popen[bytes], int]] = {}
        self.active = ""

    def add(self, bundle: bytes, metadata: Mapping[str, str]) -> str:
        place = self.folder / self.name / str(len(self.bundles) + 1)
        with tarfile.open(fileobj=io.BytesIO(bundle)) as archive:
            archive.extractall(place, filter="data")
        for path, told in json.loads((place / "manifest.json").read_text())["files"].items():
            if hashlib.md5((place / path).read_bytes()).hexdigest() != told["checksum"]:
                raise ValueError(f"{path} is not what the manifest says")
        self.bundles.append(place)
        self.told.append(metadata)
        return str(len(self.bundles))

    def start(self, bundle: str) -> list[str]:
        """Have a process run a bundle; what it printed when it didn't start."""
        if bundle in self.running:
            return []
        port = free_port()
        place = self.bundles[int(bundle) - 1]
        log = place / "app.log"
        with log.open("w") as out:
            process = subprocess.Popen(
                ["Rscript", "-e", f"shiny::runApp(port = {port}, launch.browser = FALSE)"],
                cwd=place,
                env={"PATH": os.environ["PATH"], "HOME": str(place), "LANG": "C.UTF-8", **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        (place / "app.pid").write_text(str(process.pid))
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
            except OSError:
                time.sleep(0.25)
                continue
            self.running[bundle] = process, port
            return []
        process.terminate()
        return [*log.read_text().splitlines(), "the app did not start"]

    def activate(self, bundle: str) -> None:
        """Have everybody meet this bundle, and end the others."""
        self.active = bundle
        for other in [name for name in self.running if name != bundle]:
            self.running.pop(other)[0].terminate()

    def address(self, bundle: str | None) -> str:
        """Where a bundle answers, the active one without a name. Raises KeyError when it doesn't run."""
        return f"http://127.0.0.1:{self.running[bundle or self.active][1]}"


class Connect:
    """The server's side: the calls that a deployment makes, and the content's own pages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.contents: dict[str, Content] = {}
        self.tasks: dict[str, list[str]] = {}

    def content(self, name: str) -> Content:
        return self.contents.setdefault(name, Content(self.folder, name))

    def item(self, name: str) -> dict[str, Any]:
        return {
            "guid": name,
            "id": name,
            "name": name,
            "title": name,
            "app_mode": "shiny",
            "content_url": f"/content/{name}/",
            "dashboard_url": f"/connect/#/apps/{name}",
        }

    def answer(self, method: str, path: str, kind: str, body: bytes) -> Any:
        """What an API call is answered; raises LookupError for one that isn't known."""
        match (method, *path.split("/")):
            case ("GET", "v1", "user"):
                return {"username": "ci", "guid": "1", "user_role": "publisher"}
            case ("GET", *words) if words[-1] == "server_settings" or "server_settings" in words:
                return {"version": "2026.06.0", "installations": [], "r_installations": []}
            case ("GET", "applications", name) | ("GET" | "PATCH", "v1", "content", name):
                return self.item(name)
            case ("PATCH", "v1", "content", name, "environment"):
                self.content(name).variables |= {pair["name"]: pair["value"] for pair in json.loads(body)}
                return sorted(self.content(name).variables)
            case ("POST", "v1", "content", name, "bundles"):
                parts = {}
                for part in message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).walk():
                    named, text = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
                    parts[named] = text if isinstance(text, bytes) else b""
                return {"id": self.content(name).add(parts["archive"], json.loads(parts["metadata"]))}
            case ("POST", "v1", "content", name, "deploy"):
                task, asked, content = str(len(self.tasks) + 1), json.loads(body), self.content(name)
                self.tasks[task] = content.start(asked["bundle_id"])
                if asked.get("activate", True) and not self.tasks[task]:
                    content.activate(asked["bundle_id"])
                return {"task_id": task}
            case ("GET", "v1", "tasks", task):
                said = self.tasks[task]
                told = {"code": 1, "error": "the app did not start"} if said else {"code": 0, "error": ""}
                return {"id": task, "finished": True, "output": said, "result": None, "last": len(said), **told}
            case _:
                raise LookupError(f"{method} {path}")


def _handler(server: Connect) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            page = re.fullmatch(r"/content/([^/]+)(?:/_bundle(\d+))?(/.*)?", path)
            if page:
                self._page(server.content(page[1]), page[2], page[3] or "/")
            elif self.headers.get("Authorization") != f"Key {KEY}":
                self._send(401, {"error": "no such key"})
            else:
                try:
                    self._send(200, server.answer(self.command, path.removeprefix("/__api__/"), self.headers.get("Content-Type", ""), body))
                except (LookupError, ValueError) as problem:
                    self._send(404, {"error": str(problem), "code": 4})

        do_GET = do_POST = do_PATCH = do_PUT = _any

        def _page(self, content: Content, bundle: str | None, path: str) -> None:
            try:
                with urllib.request.urlopen(content.address(bundle) + path, timeout=30) as said:
                    self._send(said.status, said.read())
            except (OSError, KeyError) as problem:
                self._send(502, {"error": str(problem)})

        def _send(self, status: int, what: Any) -> None:
            text = what if isinstance(what, bytes) else json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/octet-stream" if isinstance(what, bytes) else "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:
            with (server.folder / "calls.log").open("a") as log:
                print(format % args, file=log)

    return Handler


@contextmanager
def connect(folder: Path) -> Iterator[str]:
    """The address of a server that lives as long as the block."""
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(Connect(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
