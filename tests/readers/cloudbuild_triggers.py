"""What Cloud Build refuses, or lets never fire, in a trigger although it parses as a BuildTrigger."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Trigger = Mapping[str, Any]

BUILDS = ("filename", "build", "gitFileSource", "autodetect")
EVENTS = (
    "github",
    "repositoryEventConfig",
    "developerConnectEventConfig",
    "triggerTemplate",
    "pubsubConfig",
    "webhookConfig",
    "bitbucketServerTriggerConfig",
    "gitlabEnterpriseEventsConfig",
)
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?")
_KEY = re.compile(r"_[A-Z0-9_]+")
_ACCOUNT = re.compile(r"projects/[^/]+/serviceAccounts/[^/]+")


def file_of(trigger: Trigger) -> str | None:
    """The path of the build file that the trigger runs, if it runs one."""
    path = trigger.get("filename") or trigger.get("gitFileSource", {}).get("path")
    return str(path) if path else None


def name(trigger: Trigger) -> Iterator[str]:
    """1 to 64 letters, digits and dashes, no dash at the ends."""
    if not _NAME.fullmatch(trigger.get("name", "")):
        yield "its name is not 1 to 64 letters, digits and inner dashes"


def one_build(trigger: Trigger) -> Iterator[str]:
    """One of the four ways to say what is built; protobuf refuses two."""
    if not set(BUILDS) & set(trigger):
        yield f"needs one of {', '.join(BUILDS)}"


def one_event(trigger: Trigger) -> Iterator[str]:
    """One event source; a trigger without (manual, scheduled) says the source itself."""
    found = [key for key in EVENTS if key in trigger]
    if len(found) > 1:
        yield f"has more than one event source: {', '.join(found)}"
    if not found and "sourceToBuild" not in trigger:
        yield "has no event source and no sourceToBuild: nothing can start it"
    if not found and "filename" in trigger:
        yield "a manual trigger reads its file through gitFileSource, not filename"


def one_git_event(trigger: Trigger) -> Iterator[str]:
    """A repository event is a push of a branch or of a tag, or a pull request."""
    for source in ("github", "repositoryEventConfig", "developerConnectEventConfig"):
        event = trigger.get(source)
        if event is None:
            continue
        if ("push" in event) == ("pullRequest" in event):
            yield f"{source} needs push or pullRequest, one of them"
        if "push" in event and ("branch" in event["push"]) == ("tag" in event["push"]):
            yield f"{source}.push needs branch or tag, one of them"
        if "pullRequest" in event and "branch" not in event["pullRequest"]:
            yield f"{source}.pullRequest needs branch"


def expressions(trigger: Trigger) -> Iterator[str]:
    """branch and tag are RE2 expressions; without anchors `main` also means `maintenance`."""
    for source in ("github", "repositoryEventConfig", "developerConnectEventConfig"):
        for event in ("push", "pullRequest"):
            for key, text in trigger.get(source, {}).get(event, {}).items():
                if key in ("branch", "tag"):
                    yield from _expression(f"{source}.{event}.{key}", text)


def _expression(where: str, text: str) -> Iterator[str]:
    try:
        re.compile(text)
    except re.error as error:
        yield f"{where} {text!r} is not an expression: {error}"
    if not (text.startswith("^") and text.endswith("$")):
        yield f"{where} {text!r} is not anchored by ^ and $"


def substitution_keys(trigger: Trigger) -> Iterator[str]:
    """The same form as in a build file."""
    for key in trigger.get("substitutions", {}):
        if not _KEY.fullmatch(key):
            yield f"substitution {key!r} is not allowed: _ and then A-Z, 0-9, _"


def account(trigger: Trigger) -> Iterator[str]:
    """A service account is named by its resource, not by its address."""
    if not _ACCOUNT.fullmatch(trigger.get("serviceAccount", "projects/p/serviceAccounts/a")):
        yield f"serviceAccount {trigger['serviceAccount']!r} is not projects/PROJECT/serviceAccounts/ACCOUNT"


def missing_file(trigger: Trigger, builds: Mapping[str, Any]) -> Iterator[str]:
    """The file that a trigger names is rendered beside it."""
    path = file_of(trigger)
    if path and path not in builds:
        yield f"runs {path}, which is not rendered"


def together(triggers: list[dict[str, Any]]) -> Iterator[str]:
    """`triggers import` patches by name: of two equal names the last wins."""
    for found, times in Counter(trigger.get("name") for trigger in triggers).items():
        if times > 1:
            yield f"{times} triggers have the name {found!r}"


RULES = (name, one_build, one_event, one_git_event, expressions, substitution_keys, account)
