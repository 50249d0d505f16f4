"""Texts that look like secrets in clear text, and how somebody says that one is none.

What a credential looks like is detect-secrets' business (the fork that is kept up); here stand the few shapes that it
lacks, and the marks by which a text deserves its import: it takes as long as reading a definition and rendering it.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from functools import lru_cache

from pipelinekit.model.plan import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from detect_secrets.plugins.base import RegexBasedDetector

_LACKING = {
    "GitLab Token": r"\bgl(?:pat|dt|ft|soat|rt|ptt|agent|oas|cbt)-[\w-]{20,}",
    "GitHub Token": r"\bgithub_pat_\w{40,}",
    "PyPI Token": r"\bpypi-AgE[\w-]{50,}",
    "API Key": r"\bsk-(?:[a-z0-9]{2,8}-){0,2}(?:[A-Za-z0-9_]{20,}|(?:(?<=-ant-api03-)|(?<=-proj-))[\w-]{40,})",
    "Stripe Key": r"\b[rs]k_live_\w{16,}",
    "Google API Key": r"\bAIza[\w-]{35}",
    "Google OAuth Secret": r"\bGOCSPX-[\w-]{28}",
    "Hugging Face Token": r"\bhf_[A-Za-z]{34}\b",
    "Databricks Token": r"\bdapi[0-9a-f]{32}\b",
    "DigitalOcean Token": r"\bdo[opr]_v1_[0-9a-f]{64}\b",
    "Slack Token": r"\bxapp-\d-\w+-\d+-\w{20,}|\bxox[abprs]-[\w-]{10,}",
    "npm Token": r"\bnpm_[A-Za-z0-9]{36}|(?<=_authToken=)[\w-]{20,}",
    "Basic Auth Credentials": r"(?<=://:)[^\s@/$]{8,}(?=@)",
    "Private Key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
}
_MARK = re.compile(
    r"://[^\s/:@]{0,99}:[^\s/@$]{1,199}@|A(?:3T.|BIA|CCA|KIA|SIA)[0-9A-Z]{16}|AIza|AccountKey=|gh[pousr]_|github_pat_|gl[a-z]{2,5}-[\w-]{20}|"
    r"xox[a-z]-|xapp-|[rs]k[-_][\w-]{16}|GOCSPX-|hf_[A-Za-z]{34}|dapi[0-9a-f]{32}|do[opr]_v1_|pypi-A|PRIVATE KEY|eyJ[\w-]{10}|SG\.|"
    r"npm_[A-Za-z0-9]{36}|_authToken|hooks\.slack"
)
"""One of these is in every credential of a known shape: looking for them spares most texts, and start-up, the detector.
Each begins with a letter, not with a boundary: so a text is read through four times as fast."""
_TELLING = re.compile(r"(?i)(passw(?:or)?d|secret|token|api_?key|access_?key|credential|private_?key)s?$")
_HARMLESS = r"(?i)(?:test|example|dummy|dev|local|postgres|password|secret|changeme|fake|ci|none|true|false)\w{0,8}"
_ASSIGNED = r"""(?<![\w-])(-{0,2}[A-Za-z][\w-]{2,60})["']?(?:\s*[=:]\s*|\s+)["']?(?=([^\s"'`$(){}<>;|&,]{12,200}))"""
_WORD = r"[A-Za-z0-9+/_-]{32,}={0,2}"
_PUBLIC = ("sha1-", "sha256-", "sha384-", "sha512-", "AAAA", "iVBORw0KGgo", "R0lGOD", "/9j/", "PHN2Zy", "UklGR")
"""What digests, public keys and pictures begin with."""
_PRAGMA = r"#\s*pragma:\s*allowlist[ -]secret\b[\s:,–-]*(\w.*)"

LARGEST = 4_000_000
"""How many bytes of a definition are looked at for remarks."""


class Found:
    """Something that looks like a secret: of what kind, and the piece of the text."""

    __slots__ = ("kind", "text")

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text

    def __str__(self) -> str:
        """The kind, and enough of a long one to find it: never the whole."""
        return f"{self.kind}, {self.text[:4]}…" if len(self.text) >= 16 else self.kind


def marked(text: str) -> Found | None:
    """A credential of a known shape, looked for only where its mark is."""
    return next(known(text), None) if _MARK.search(text) else None


def known(text: str) -> Iterator[Found]:
    """All credentials of a known shape."""
    for kind, pattern in _LACKING.items():
        for found in re.finditer(pattern, text):
            yield Found(kind, found[0])
    for detector in _detectors():
        for piece in detector.analyze_string(text):
            if piece and not _is_harmless(detector.secret_type, piece, text):
                yield Found(detector.secret_type, _whole(detector, piece, text))


def _whole(detector: RegexBasedDetector, piece: str, text: str) -> str:
    """The credential of which a detector may name a group alone: `ghp` of a token."""
    if len(piece) >= 8 or detector.secret_type == "Basic Auth Credentials":
        return piece
    matches = (found for pattern in detector.denylist for found in pattern.finditer(text))
    return next((found[0] for found in matches if piece in found.groups()), piece)


def telling(name: str, text: str) -> bool:
    """Whether a value, by the name that it stands under, is a secret: long, written out, and no word that tests use."""
    return bool(_TELLING.search(name)) and len(text) >= 8 and "$" not in text and not re.fullmatch(_HARMLESS, text)


def assigned(text: str) -> Iterator[Found]:
    """Random values behind telling names in a script: `export API_TOKEN=…`, `--password …`."""
    for found in re.finditer(_ASSIGNED, text):
        name, piece = found[1].replace("-", "_"), found[2]
        if telling(name, piece) and is_random(piece):
            yield Found(f"a value for {found[1].lstrip('-')}", piece)


def random(text: str) -> Iterator[Found]:
    """Long words of random letters and digits. Digests, commits and ids are hexadecimal, paths are words: neither is meant."""
    for found in re.finditer(_WORD, text):
        piece = found[0]
        if max(map(len, re.split("[/_-]", piece))) < 16 or piece.startswith(_PUBLIC):
            continue
        if re.search("[a-z]", piece) and re.search("[A-Z]", piece) and re.search("[0-9]", piece) and _entropy(piece) > _RANDOM:
            yield Found("random text", piece)


_RANDOM = 4.5
"""Bits a letter, detect-secrets' own limit for base64; words and paths stay below it."""


def is_random(text: str) -> bool:
    """Whether a value is no word: letters and digits, hardly one twice."""
    return bool(re.search("[A-Za-z]", text) and re.search("[0-9]", text)) and _entropy(text) > 3


def _entropy(text: str) -> float:
    from detect_secrets.plugins.high_entropy_strings import calculate_shannon_entropy

    return calculate_shannon_entropy(text, "".join(sorted(set(text))))


def _is_harmless(kind: str, piece: str, text: str) -> bool:
    if kind == "Basic Auth Credentials":
        return bool(re.fullmatch(_HARMLESS, piece)) or len(piece) < 3 or f"/{piece}:{piece}@" in text
    return kind.startswith("Azure") and not re.search("(?i)account_?key|azure", text)


_loaded: list[RegexBasedDetector] = []


def _detectors() -> list[RegexBasedDetector]:
    """Those whose shape alone tells; each is asked about text, none is let onto the network."""
    if not _loaded:
        from detect_secrets.plugins import (
            aws,
            azure_storage_key,
            basic_auth,
            github_token,
            jwt,
            mailchimp,
            npm,
            private_key,
            sendgrid,
            slack,
            square_oauth,
            stripe,
            twilio,
        )

        _loaded.extend(
            [
                aws.AWSKeyDetector(),
                azure_storage_key.AzureStorageKeyDetector(),
                basic_auth.BasicAuthDetector(),
                github_token.GitHubTokenDetector(),
                jwt.JwtTokenDetector(),
                mailchimp.MailchimpDetector(),
                npm.NpmDetector(),
                private_key.PrivateKeyDetector(),
                sendgrid.SendGridDetector(),
                slack.SlackDetector(),
                square_oauth.SquareOAuthDetector(),
                stripe.StripeDetector(),
                twilio.TwilioKeyDetector(),
            ]
        )
    return _loaded


def place(source: Source, text: str) -> tuple[Source, bool]:
    """The line on which a text stands, nearest behind `source`, and whether a remark there says why it is no secret.

    The remark is `# pragma: allowlist secret: WHY`, as detect-secrets' own, with a reason. A text that isn't in the file as
    it is (one put together) stands at `source`.
    """
    lines = _lines(source.file)
    holding = [number for number, line in enumerate(lines, 1) if text in line]
    number = next((number for number in holding if number >= source.line), holding[0] if holding else source.line)
    said = bool(0 < number <= len(lines) and re.search(_PRAGMA, lines[number - 1]))
    return Source(source.file, number), said


def _lines(file: str) -> list[str]:
    """The lines of a definition, of none where there is no such file. A plan read from JSON may name any: a device, a pipe."""
    try:
        found = os.stat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            return []
        return _read(file, found.st_mtime_ns, found.st_size)
    except (OSError, ValueError):
        return []


@lru_cache(maxsize=4)
def _read(file: str, changed: int, size: int) -> list[str]:  # noqa: ARG001  # what tells one state of a file from the next
    with open(file, encoding="utf-8") as stream:
        return stream.read().splitlines()
