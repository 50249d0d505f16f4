"""Cloud Build's `$NAME` and `${NAME}`: where they are replaced, which names exist, and what is left over.

From Google's local builder (`subst.go`): the service replaces in a step's name, args, env, dir and entrypoint, in
images, tags, logsBucket and artifacts, and nowhere in `script`. Lower-case names, `$(…)`, `$1` pass through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .cloudbuild_rules import Build, label

TRIGGERED = ("TRIGGER_NAME", "TRIGGER_BUILD_CONFIG_PATH", "SERVICE_ACCOUNT_EMAIL", "SERVICE_ACCOUNT")
REVISION = ("COMMIT_SHA", "REVISION_ID", "SHORT_SHA", "BRANCH_NAME", "TAG_NAME", "REF_NAME")
REPOSITORY = ("REPO_NAME", "REPO_FULL_NAME")
PULL_REQUEST = ("_HEAD_BRANCH", "_BASE_BRANCH", "_HEAD_REPO_URL", "_PR_NUMBER")
EVERY_BUILD = ("PROJECT_ID", "PROJECT_NUMBER", "LOCATION", "BUILD_ID")
BUILT_IN = frozenset({*EVERY_BUILD, *TRIGGERED, *REVISION, *REPOSITORY, *PULL_REQUEST})
"""Names that the service fills in; only those of EVERY_BUILD in a build without a trigger."""

_PIECE = re.compile(r"\$\$|\$\{([A-Z_][A-Z0-9_]*)\}|\$([A-Z_][A-Z0-9_]*)|\$\{([A-Z_][A-Z0-9_]*)[^}]+\}")
_KEY = re.compile(r"_[A-Z0-9_]+")


def names(text: str) -> list[str]:
    """The substitutions that `text` asks for, in order."""
    return [name for match in _PIECE.finditer(text) for name in match.groups() if name]


def expand(text: str, values: Mapping[str, str]) -> str:
    """`text` as the step gets it: `$$` is a dollar, a name is its value.

    Raises:
        KeyError: a name has no value, as the service refuses the build.
    """

    def piece(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return match[0] if match[3] else values[match[1] or match[2]]

    return _PIECE.sub(piece, text)


def _strings(where: str, node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield where, node
    elif isinstance(node, (list, dict)):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _strings(where, child)


def substituted(build: Build) -> Iterator[tuple[str, str]]:
    """Each text that the service surely substitutes in, with its place."""
    for index, step in enumerate(build["steps"]):
        for key in ("name", "args", "env", "dir", "entrypoint"):
            yield from _strings(f"{label(index, step)}: {key}", step.get(key))
    for key in ("images", "tags", "logsBucket", "artifacts"):
        yield from _strings(key, build.get(key))


def also_substituted(build: Build) -> Iterator[tuple[str, str]]:
    """Texts in which today's service substitutes too, and other substitutions' values."""
    for key in ("substitutions", "availableSecrets", "serviceAccount"):
        yield from _strings(key, build.get(key))


def _declared_by_triggers(callers: list[dict[str, Any]]) -> set[str]:
    """Names that every trigger of the file gives a value to."""
    each = [set(trigger.get("substitutions", {})) for trigger in callers]
    return set.intersection(*each) if each else set()


def used_names_exist(build: Build, callers: list[dict[str, Any]]) -> Iterator[str]:
    """An unknown name fails the build; under ALLOW_LOOSE (every trigger) it is silently empty."""
    known = BUILT_IN | set(build.get("substitutions", {})) | _declared_by_triggers(callers)
    for where, text in [*substituted(build), *also_substituted(build)]:
        for name in names(text):
            if name not in known:
                yield f'{where}: key in the template "{name}" is not a valid built-in substitution'


def declared_names_are_used(build: Build, callers: list[dict[str, Any]]) -> Iterator[str]:
    """`gcloud builds submit` refuses a declared name that no substituted field uses; a script does not count."""
    if build.get("options", {}).get("substitutionOption") == "ALLOW_LOOSE":
        return
    declared: Mapping[str, str] = build.get("substitutions", {})
    used = {name for _, text in substituted(build) for name in names(text)}
    used |= {name for key in used & set(declared) for name in names(declared[key])}
    for name in declared:
        if name not in used:
            yield f'key "{name}" in the substitution data is not matched in the template'


def keys_and_limits(build: Build, callers: list[dict[str, Any]]) -> Iterator[str]:
    """200 keys of `_[A-Z0-9_]+`, up to 100 characters, values up to 4,000."""
    declared: Mapping[str, str] = build.get("substitutions", {})
    if len(declared) > 200:
        yield f"{len(declared)} substitutions; at most 200"
    for key, value in declared.items():
        if not _KEY.fullmatch(key) or len(key) > 100:
            yield f"substitution {key!r} is not allowed: _ and then A-Z, 0-9, _"
        if len(value) > 4000:
            yield f"substitution {key!r} has {len(value)} characters; at most 4,000"


def bash_forms(build: Build, callers: list[dict[str, Any]]) -> Iterator[str]:
    """`${_X:0:8}` needs dynamicSubstitutions; `${_X:-d}` can make the service call the key unused."""
    dynamic = build.get("options", {}).get("dynamicSubstitutions", False) or callers
    for where, text in substituted(build):
        for match in _PIECE.finditer(text):
            if match[3] and ":-" in match[0]:
                yield f"{where}: {match[0]} may count as unused; use ${{{match[3]}}}"
            elif match[3] and not dynamic:
                yield f"{where}: {match[0]} needs options.dynamicSubstitutions"


def nothing_for_all_steps(build: Build, callers: list[dict[str, Any]]) -> Iterator[str]:
    """`subst.go` passes options.env by: names stay as they are written there, and so does `$$`."""
    for where, text in _strings("options.env", build.get("options", {}).get("env")):
        if "$$" in text or names(text):
            yield f"{where}: nothing is filled in in {text!r}"


RULES = (used_names_exist, declared_names_are_used, keys_and_limits, bash_forms, nothing_for_all_steps)
