"""Cloud Build has a schema and the service's own checks (asked by the readers) and no linter: these rules are ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tests.readers import cloudbuild
from tests.readers.cloudbuild_substitutions import names, substituted
from tests.static.finding import Files, Finding, Linter, Script, Shell

Node = Mapping[str, Any]
Found = Iterator[tuple[str, str]]

HEADS: dict[str, tuple[Shell, str]] = {
    "#!/bin/sh\nset -e\n": ("sh", "-e"),
    "#!/usr/bin/env bash\nset -eo pipefail\n": ("bash", "-eo pipefail"),
}
OUTSIDERS = (
    "BRANCH_NAME",
    "TAG_NAME",
    "REF_NAME",
    "_HEAD_BRANCH",
    "_BASE_BRANCH",
    "_HEAD_REPO_URL",
    "_PK_BRANCH",
    "_PK_TAG",
    "_PK_TARGET_BRANCH",
)
_LATER = re.compile(r"cat >/tmp/attempt <<'(\w+)'\n(.*?)\n\1\n", re.DOTALL)


def scripts(files: Files) -> Iterator[Script]:
    """What the shell of each step reads. What it writes to a file first, and then runs, is a script of its own."""
    for path, build in cloudbuild.read(files).builds.items():
        for step in build["steps"]:
            text = step.get("script")
            if text is None:
                continue
            head = next((each for each in HEADS if text.startswith(each)), "")
            shell, options = HEADS.get(head, ("sh", ""))
            where, rest = f"{path}: {step['id']}", text.removeprefix(head)
            yield Script(where, _LATER.sub("", rest), shell, options)
            yield from (Script(f"{where}, each attempt", each[2], shell, options) for each in _LATER.finditer(rest))


def _logging(build: Node) -> Found:
    """Logs of a bucket are as public as the bucket is, and an own account can't write the default one."""
    if build.get("options", {}).get("logging") != "CLOUD_LOGGING_ONLY":
        yield "options", "logs elsewhere than in Cloud Logging"


def _timeout(build: Node) -> Found:
    if "timeout" not in build:
        yield "build", "has no timeout"


def _everywhere(build: Node) -> Found:
    if build.get("options", {}).get("secretEnv"):
        yield "options", "gives secrets to every step"


def _loose(build: Node) -> Found:
    if build.get("options", {}).get("substitutionOption") == "ALLOW_LOOSE":
        yield "options", "takes unknown substitutions for empty ones"
    if build.get("options", {}).get("automapSubstitutions"):
        yield "options", "gives all substitutions to every step"


def _literal(build: Node) -> Found:
    """A credential in clear text: in the variables, or among the substitutions, which everybody who sees a build can read."""
    telling = re.compile(r"(?i)(passw|secret|token|credential|_key$)")
    entries = [("options", entry) for entry in build.get("options", {}).get("env", ())]
    entries += [(step["id"], entry) for step in build["steps"] for entry in step.get("env", ())]
    entries += [("substitutions", f"{name}={text}") for name, text in build.get("substitutions", {}).items()]
    for where, entry in entries:
        name, _, text = entry.partition("=")
        if telling.search(name) and text:
            yield where, f"has {name} in clear text"


def _pasted(build: Node) -> Found:
    """Outsiders' text is the value of a variable, and stands in nothing else: no image, no argument, no tag."""
    for where, text in substituted(build):
        outside = [name for name in names(text) if name in OUTSIDERS]
        if outside and not re.fullmatch(r"\w+=\$\{\w+\}", text):
            yield where, f"pastes {outside[0]} into {text!r}"


def _evaluated(build: Node) -> Found:
    """A shell that is given a text of substitutions as its program."""
    for step in build["steps"]:
        args = step.get("args", ())
        if any(word in ("-c", "-ec", "-ceu", "-exc") for word in args) and any(names(word) for word in args):
            yield step["id"], "pastes substitutions into a shell's program"


def _unchecked(build: Node) -> Found:
    """A step that is given a secret fails by its name, first of all, unless it may do without."""
    for step in build["steps"]:
        script = step.get("script", "")
        for name in step.get("secretEnv", ()):
            if f"${{{name}:?" not in script and f'"${name}"' not in script and not script.startswith(tuple(HEADS)):
                yield step["id"], f"doesn't look whether {name} is there"


def _argv(build: Node) -> Found:
    """The words of a program are seen by all on the machine; `printf` and `:` are the shell's own."""
    for step in build["steps"]:
        for name in step.get("secretEnv", ()):
            for line in step.get("script", "").split("\n"):
                if re.search(rf"(?:login|curl|gcloud|-u|--\S*(?:password|username|token)\S*)\b.*\${{?{name}\b", line):
                    yield step["id"], f"has {name} among the words of a program"


def _piped(build: Node) -> Found:
    for step in build["steps"]:
        if re.search(r"\b(?:curl|wget)\b[^\n|]*\|\s*(?:sudo\s+)?(?:ba)?sh\b", step.get("script", "")):
            yield step["id"], "runs what it downloads"


def _traced(build: Node) -> Found:
    for step in build["steps"]:
        if step.get("secretEnv") and re.search(r"^\s*(?:set -\w*x|env$|printenv$|export -p)", step.get("script", ""), re.MULTILINE):
            yield step["id"], "shows its variables in the log"


def _socket(build: Node) -> Found:
    """docker's socket is in every step anyway; nobody hands it, or the machine, on."""
    for step in build["steps"]:
        text = "\n".join([step.get("script", ""), *step.get("args", ())])
        if "docker.sock" in text or re.search(r"docker run\b[^\n]*(?:--privileged|--pid[= ]host|-v /)", text):
            yield step["id"], "gives the machine to a container"


def _order(build: Node) -> Found:
    yield from ((step.get("id", "?"), "waits for everything above it") for step in build["steps"] if not step.get("waitFor"))


def _fails(build: Node) -> Found:
    for step in build["steps"]:
        script = step.get("script")
        if script is not None and not script.startswith(tuple(HEADS)):
            yield step["id"], "goes on after a command that failed"


def _braces(build: Node) -> Found:
    """`$BRANCH_NAME_x` is another name than it looks like."""
    for where, text in substituted(build):
        if re.search(r"\$[A-Z_]", text.replace("$$", "")):
            yield where, f"names a substitution without braces in {text!r}"


BUILD_RULES: dict[str, Callable[[Node], Iterable[tuple[str, str]]]] = {
    "logs": _logging,
    "unbounded": _timeout,
    "secrets-everywhere": _everywhere,
    "loose": _loose,
    "literal-credential": _literal,
    "pasted-text": _pasted,
    "evaluated-text": _evaluated,
    "unchecked-secret": _unchecked,
    "secret-in-argv": _argv,
    "piped-download": _piped,
    "secret-in-log": _traced,
    "machine": _socket,
    "order": _order,
    "unfailing": _fails,
    "braces": _braces,
}


def _anchored(trigger: Node) -> Iterator[str]:
    """An expression is looked for anywhere in a name: `main` would be found in `domain`, too."""
    for source in ("github", "repositoryEventConfig"):
        for event in ("push", "pullRequest"):
            for key in ("branch", "tag"):
                text = trigger.get(source, {}).get(event, {}).get(key)
                if text is not None and not (text.startswith("^") and text.endswith("$")):
                    yield f"the {key} {text!r} isn't anchored"


def _comments(trigger: Node) -> Iterator[str]:
    for source in ("github", "repositoryEventConfig"):
        found = trigger.get(source, {}).get("pullRequest")
        if found is not None and not found.get("commentControl", "").startswith("COMMENTS_ENABLED"):
            yield "builds strangers' pull requests unasked"


TRIGGER_RULES: dict[str, Callable[[Node], Iterable[str]]] = {"unanchored": _anchored, "unasked": _comments}


def rules(files: Files) -> Iterator[Finding]:
    read = cloudbuild.read(files)
    for path, build in read.builds.items():
        for name, rule in BUILD_RULES.items():
            yield from (Finding(name, f"{path}: {where}", what) for where, what in rule(build))
    for trigger in read.triggers:
        for name, of_trigger in TRIGGER_RULES.items():
            yield from (Finding(name, f"{cloudbuild.TRIGGERS}: {trigger['name']}", what) for what in of_trigger(trigger))


LINTER = Linter(scripts, rules, {})
