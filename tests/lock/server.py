"""A registry that speaks the distribution protocol on this machine, with the faults that a test asks for."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest(body: bytes) -> str:
    return f"sha256:{sha256(body).hexdigest()}"


def index(name: str) -> bytes:
    """An index for two platforms."""
    entries = [{"mediaType": MANIFEST, "digest": digest(f"{name} {arch}".encode()), "platform": {"architecture": arch}} for arch in "ab"]
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()


class Hub:
    """What the registry has, and how it behaves; `asked` are the requests that came, as method and path."""

    def __init__(self) -> None:
        self.tags: dict[str, bytes] = {}
        self.users: dict[str, str] = {}
        self.tokens = True
        self.without_head = False
        self.without_digest = False
        self.wrong_digest = False
        self.busy: list[tuple[int, str | None]] = []
        self.refuses: dict[str, int] = {}
        self.realm = ""
        self.asked: list[tuple[str, str]] = []
        self.host = ""

    def image(self, repository: str, tag: str = "1") -> str:
        """Put an image there, and return how it is called."""
        self.tags[f"{repository}:{tag}"] = index(f"{repository}:{tag}")
        return f"{self.host}/{repository}:{tag}"

    def digest(self, repository: str, tag: str = "1") -> str:
        return digest(self.tags[f"{repository}:{tag}"])


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def log_message(self, format: str, *args: object) -> None:
        """Not on standard error."""

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = form.get("grant_type") == ["refresh_token"] and form.get("refresh_token") == ["identity"]
        self._token(form["scope"][0], good)

    def _answer(self) -> None:
        hub, url = self.hub, urlsplit(self.path)
        hub.asked.append((self.command, url.path))
        if url.path == "/token":
            self._token(parse_qs(url.query)["scope"][0], not hub.users or self._basic())
        elif hub.busy:
            status, wait = hub.busy.pop(0)
            self._send(status, b"{}", {"Retry-After": wait} if wait else {})
        elif not self._may(url.path):
            realm = hub.realm or f"http://{hub.host}/token"
            scheme = f'Bearer realm="{realm}",service="here",scope="{self._scope(url.path)}"' if hub.tokens else 'Basic realm="here"'
            self._send(401, b'{"errors": [{"code": "UNAUTHORIZED", "message": "authentication required"}]}', {"WWW-Authenticate": scheme})
        else:
            self._manifest(url.path)

    def _manifest(self, path: str) -> None:
        hub = self.hub
        repository, _, tag = path.removeprefix("/v2/").partition("/manifests/")
        body = hub.tags.get(f"{repository}:{tag}")
        if repository in hub.refuses:
            self._send(hub.refuses[repository], b'{"errors": [{"code": "DENIED", "message": "go\\naway"}]}')
        elif body is None:
            self._send(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}')
        elif INDEX not in self.headers.get("Accept", ""):
            self._send(200, b"one platform", {"Docker-Content-Digest": digest(b"one platform")})
        elif self.command == "HEAD" and hub.without_head:
            self._send(405, b"")
        else:
            said = digest(b"something else") if hub.wrong_digest and self.command == "GET" else digest(body)
            bare = hub.without_digest or (hub.wrong_digest and self.command == "HEAD")
            self._send(200, body, {} if bare else {"Docker-Content-Digest": said})

    def _may(self, path: str) -> bool:
        if not self.hub.tokens:
            return not self.hub.users or self._basic()
        return self.headers.get("Authorization") == f"Bearer token-of-{self._scope(path)}"

    def _scope(self, path: str) -> str:
        return f"repository:{path.removeprefix('/v2/').partition('/manifests/')[0]}:pull"

    def _basic(self) -> bool:
        scheme, _, text = self.headers.get("Authorization", "").partition(" ")
        name, _, password = b64decode(text).decode().partition(":")
        return scheme == "Basic" and self.hub.users.get(name) == password

    def _token(self, scope: str, good: bool) -> None:
        if good:
            self._send(200, json.dumps({"token": f"token-of-{scope}"}).encode())
        else:
            self._send(401, b'{"errors": [{"message": "incorrect username or password"}]}')

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def serving() -> Iterator[Hub]:
    """A registry at `hub.host` for the time of a test."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
