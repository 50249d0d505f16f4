"""What a registry says of a tag, by the OCI distribution protocol (https://github.com/opencontainers/distribution-spec).

The digest is that of what the tag names: of an index for all platforms where there is one. Over https, but for this machine
and for hosts that are asked for.
"""

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from email.message import Message
from hashlib import sha256
from http.client import HTTPException
from typing import Any

from pipelinekit.lock.credentials import Credentials, find
from pipelinekit.model.value import value

TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
TIMEOUT = 20
ATTEMPTS = 4
LONGEST_WAIT = 60.0
LARGEST = 4 * 1024 * 1024
"""Bytes that a manifest may have: what registries have to take (the specification's "Pushing Manifests")."""

_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_PARAMETER = re.compile(r'([a-zA-Z]+)="([^"]*)"')


class NoDigestError(Exception):
    """One line on why an image has no digest."""


@value
class Reference:
    """An image in a registry's words."""

    host: str
    repository: str
    tag: str


@value
class Answer:
    """What came back for one request, whatever its status."""

    status: int
    headers: Message
    body: bytes


def reference(image: str) -> Reference:
    """What `docker pull` makes of a name: without a host it is Docker Hub's, without a tag `latest`."""
    first, slash, rest = image.partition("/")
    host, path = (first, rest) if slash and (first == "localhost" or "." in first or ":" in first) else ("docker.io", image)
    folder, slash, last = path.rpartition("/")
    name, _, tag = last.partition(":")
    repository = f"{folder}{slash}{name}"
    if host in ("docker.io", "index.docker.io"):
        host = "docker.io"
        repository = repository if "/" in repository else f"library/{repository}"
    return Reference(host, repository, tag or "latest")


class Registry:
    """Asks registries; tokens are kept for the images of one repository."""

    def __init__(
        self,
        credentials: Callable[[str], Credentials | None] = find,
        insecure: Collection[str] = (),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.credentials = credentials
        self.insecure = frozenset(insecure)
        self.sleep = sleep

    def digest(self, image: str) -> str:
        """The digest of what the image's tag names now. Raises NoDigestError."""
        asked = reference(image)
        try:
            return self._digest(asked)
        except NoDigestError as error:
            raise NoDigestError(f"{image}: {error}") from None
        except urllib.error.URLError as error:
            raise NoDigestError(f"{image}: {asked.host} can't be reached: {error.reason}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise NoDigestError(f"{image}: {asked.host} broke off: {error or type(error).__name__}") from None

    def _digest(self, asked: Reference) -> str:
        url = f"{self._base(asked.host)}/v2/{asked.repository}/manifests/{asked.tag}"
        headers = {"Accept": ", ".join(TYPES)}
        answer = self._send("HEAD", url, headers)
        if answer.status == 401:
            headers["Authorization"] = self._authorization(asked, answer.headers.get_all("WWW-Authenticate") or [])
            answer = self._send("HEAD", url, headers)
        digest = answer.headers.get("Docker-Content-Digest", "")
        if answer.status == 200 and _DIGEST.fullmatch(digest):
            return digest
        if answer.status not in (200, 405, 501):
            _refuse(asked, answer)
        answer = self._send("GET", url, headers)
        if answer.status != 200:
            _refuse(asked, answer)
        counted = f"sha256:{sha256(answer.body).hexdigest()}"
        said = answer.headers.get("Docker-Content-Digest", counted)
        if said != counted:
            raise NoDigestError(f"{asked.host} says {said[:80]!r} of bytes that are {counted}")
        return counted

    def _base(self, host: str) -> str:
        plain = host in self.insecure or _LOCAL.fullmatch(host)
        return f"{'http' if plain else 'https'}://{'registry-1.docker.io' if host == 'docker.io' else host}"

    def _authorization(self, asked: Reference, challenges: list[str]) -> str:
        """The header that answers a registry's challenge: a token of the realm that it names, or the credentials themselves."""
        known = self.credentials(asked.host)
        for challenge in challenges:
            scheme, _, rest = challenge.partition(" ")
            if scheme.lower() == "bearer":
                return f"Bearer {self._token(asked, dict(_PARAMETER.findall(rest)), known)}"
        if known is None:
            raise NoDigestError(f"{asked.host} wants a login: run docker login {asked.host}")
        return _basic(known)

    def _token(self, asked: Reference, challenge: Mapping[str, str], known: Credentials | None) -> str:
        realm = challenge.get("realm", "")
        host = urllib.parse.urlsplit(realm).netloc
        if not realm.startswith("https://") and not (realm.startswith("http://") and (host in self.insecure or _LOCAL.fullmatch(host))):
            raise NoDigestError(f"{asked.host} sends its logins to {realm[:80]!r}, which is not https")
        query = {"service": challenge["service"]} if "service" in challenge else {}
        query["scope"] = challenge.get("scope") or f"repository:{asked.repository}:pull"
        if known is not None and known.identity_token:
            form = {**query, "grant_type": "refresh_token", "client_id": "pipelinekit", "refresh_token": known.identity_token}
            answer = self._send("POST", realm, {}, urllib.parse.urlencode(form).encode())
        else:
            sign_in = {} if known is None else {"Authorization": _basic(known)}
            answer = self._send("GET", f"{realm}{'&' if '?' in realm else '?'}{urllib.parse.urlencode(query)}", sign_in)
        if answer.status != 200:
            who = "anybody" if known is None else known.username or "the stored login"
            raise NoDigestError(f"{host} gives {who} no token for {asked.repository}: {_words(answer)}")
        given: Any = json.loads(answer.body)
        token = (given.get("token") or given.get("access_token")) if isinstance(given, dict) else None
        if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
            raise NoDigestError(f"{host} answers without a token")
        return token

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """One request; a registry that asks for patience, or has none, is asked again."""
        answer = _once(method, url, headers, body)
        for attempt in range(1, ATTEMPTS):
            if answer.status not in (429, 500, 502, 503, 504):
                break
            wait = answer.headers.get("Retry-After", "")
            self.sleep(min(float(wait), LONGEST_WAIT) if wait.isdecimal() else 2.0 ** (attempt - 1))
            answer = _once(method, url, headers, body)
        return answer


class _KeepLogin(urllib.request.HTTPRedirectHandler):
    """A redirect to another host doesn't take the login along, nor does one leave https."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> urllib.request.Request | None:
        made = super().redirect_request(req, fp, code, msg, headers, newurl)
        if made is not None and (made.host != req.host or made.type != req.type):
            if req.type == "https" and made.type != "https":
                raise NoDigestError(f"{req.host} leads to {newurl[:80]!r}, which is not https")
            made.headers.pop("Authorization", None)
        return made


_OPENER = urllib.request.build_opener(_KeepLogin())


def _once(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
    request = urllib.request.Request(url, body, {"User-Agent": "pipelinekit", **headers}, method=method)
    try:
        with _OPENER.open(request, timeout=TIMEOUT) as response:
            answer = Answer(response.status, response.headers, response.read(LARGEST + 1))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read(LARGEST))
    if len(answer.body) > LARGEST:
        raise NoDigestError("the answer is too long for a manifest")
    return answer


def _basic(known: Credentials) -> str:
    return f"Basic {b64encode(f'{known.username}:{known.password}'.encode()).decode()}"


def _refuse(asked: Reference, answer: Answer) -> None:
    if answer.status == 404:
        raise NoDigestError(f"{asked.host} has no tag {asked.tag!r} of {asked.repository}")
    if answer.status in (401, 403):
        raise NoDigestError(f"{asked.host} lets nobody see {asked.repository} without another login, if there is such a repository")
    raise NoDigestError(f"{asked.host} answers {_words(answer)}")


def _words(answer: Answer) -> str:
    """The status, and what the registry says with it, on one line."""
    try:
        said: Any = json.loads(answer.body)["errors"][0]
        text = str(said.get("message") or said.get("code"))
    except (ValueError, LookupError, TypeError, AttributeError):
        text = ""
    line = "".join(letter if letter.isprintable() else " " for letter in text)[:120]
    return f"{answer.status} ({line})" if line else str(answer.status)
