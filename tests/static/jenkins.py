"""Jenkins has a linter for Declarative on its server (our reader has its rules), and none for what a file does: these rules are ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tests.backends.jenkins.rendered import run
from tests.readers import jenkins
from tests.readers.engines import require
from tests.static.finding import Files, Finding, Linter, Script, Shell

Model = dict[str, Any]
OUTSIDERS = re.compile(r"\b(?:CHANGE_(?!ID\b|FORK\b)\w+|BRANCH_NAME|TAG_NAME|GIT_BRANCH|params\b|GIT_AUTHOR_\w+)")
LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
ALLOWED = {
    *(
        "image",
        "inside",
        "contains",
        "containsKey",
        "each",
        "collect",
        "findAll",
        "every",
        "join",
        "add",
        "replaceAll",
        "substring",
        "trim",
    ),
    *("body", "getBuildCauses", "currentTimeMillis"),
}
"""Methods of objects that the sandbox lets every pipeline call (script-security: generic-whitelist, jenkins-whitelist; RunWrapper)."""
JOINED = ("paths", "names.join(' ')")
"""What the functions of the file put into a script: words that the shell has quoted already, and names of variables."""


def models(files: Files) -> Iterator[tuple[str, Model]]:
    require(jenkins.available())
    for path, text in files.items():
        if "pipeline {" in text:
            yield path, jenkins.model(text)


def calls(read: Model) -> Iterator[tuple[str, Model]]:
    """Every step and every call of a method, with the stage or the function that it stands in."""
    for stage in (read, *jenkins.stages(read)):
        own = {key: value for key, value in stage.items() if key not in ("stages", "parallel", "matrix")}
        label = stage.get("name", "pipeline")
        yield from ((label, step) for step in jenkins.steps(own))
    for function in read["functions"]:
        yield from ((f"{function['name']}()", call) for call in function["calls"])


def texts(data: Any) -> Iterator[str]:
    """Every `"…"` in which Groovy expands something."""
    if isinstance(data, dict):
        yield from (data["gstring"],) if isinstance(data.get("gstring"), str) else ()
        for key, value in data.items():
            if key != "gstring":
                yield from texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from texts(value)


def shell_of(call: Model) -> str | None:
    """The text of a step `sh`; what the file puts into one between literals is two words."""
    if call["name"] != "sh":
        return None
    script = call["arguments"].get("script")
    if isinstance(script, dict):
        return "".join(LITERAL.findall(_joined(script)))
    return script if isinstance(script, str) else ""


def _joined(script: Model) -> str:
    """A sum of literals, with what may stand between them as one too."""
    found = str(script.get("groovy", ""))
    for each in JOINED:
        found = found.replace(f" + {each}", " + 'one two'")
    return found


def scripts(files: Files) -> Iterator[Script]:
    """What durable-task runs: by the interpreter that the first line names, or by `sh -xe`."""
    for path, read in models(files):
        for where, call in calls(read):
            text = shell_of(call)
            if text is None:
                continue
            first, _, rest = text.partition("\n")
            head, _, body = rest.partition("\n")
            if first.startswith("#!") and head.startswith("set "):
                shell: Shell = "bash" if "bash" in first else "sh"
                yield Script(f"{path}: {where}", body, shell, head.removeprefix("set "))
            else:
                yield Script(f"{path}: {where}", text, "sh", "-xe")


def _bound(holder: Model) -> set[str]:
    """The secrets that `environment` or `withCredentials` of a stage binds."""
    found = {entry["name"] for entry in holder.get("environment", ()) if _is_secret(entry["value"])}
    own = {key: value for key, value in holder.items() if key not in ("stages", "parallel", "matrix")}
    for step in jenkins.steps(own):
        if step["name"] in ("withCredentials", "existing"):
            found.update(re.findall(r"'variable': '(\w+)'", str(step)))
    return found


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get("call") == "credentials"


def _scripts(holder: Model) -> list[str]:
    own = {key: value for key, value in holder.items() if key not in ("stages", "parallel", "matrix")}
    return [text for text in map(shell_of, jenkins.steps(own)) if text is not None]


def _pasted(where: str, call: Model) -> Iterator[str]:
    """A script is a literal: Groovy puts nothing into it that isn't quoted for the shell."""
    script = call["arguments"].get("script") if call["name"] == "sh" else None
    if isinstance(script, dict) and ("gstring" in script or {part.strip(" +\n") for part in LITERAL.split(_joined(script))[::2]} != {""}):
        yield "puts a text into a script before the shell reads it"


def _outsiders(where: str, call: Model) -> Iterator[str]:
    yield from (f"expands {text!r}" for text in texts(call.get("arguments")) if OUTSIDERS.search(text))
    yield from (f"expands {text!r}" for text in texts(call.get("positional")) if OUTSIDERS.search(text))


def _approval(where: str, call: Model) -> Iterator[str]:
    """Methods that an administrator would have to allow first."""
    if call.get("on") and call["name"] not in ALLOWED:
        yield f"calls {call['on']}.{call['name']}, which the sandbox doesn't let everybody call"


def _loaded(where: str, call: Model) -> Iterator[str]:
    if call["name"] in ("load", "evaluate", "library", "readFile", "fileLoader") and not call.get("on"):
        yield f"runs or reads what the commit says, by {call['name']}"


def _stdout(where: str, call: Model) -> Iterator[str]:
    if call["name"] == "sh" and call["arguments"].get("returnStdout"):
        yield "takes what a script prints, where a secret could be"


def _privileged(where: str, call: Model) -> Iterator[str]:
    given = f"{call.get('positional')} {call.get('arguments')}"
    found = re.findall(r"--privileged|docker\.sock|--cap-add|--pid[ =]host|--network[ =]host|(?<!\S)(?:-v|--volume|--mount)[ =]\S+", given)
    yield from (f"gives a container {word}" for word in found)


def _piped(where: str, call: Model) -> Iterator[str]:
    if re.search(r"(?:curl|wget)\b[^|\n]*\|\s*(?:sudo\s+)?(?:ba)?sh\b", shell_of(call) or ""):
        yield "runs what it has just loaded"


def _readable(where: str, call: Model) -> Iterator[str]:
    text = shell_of(call) or ""
    if re.search(r">\s*\"?\S*(?:\.secret|config\.json)", text) and "umask 077" not in text and "mktemp -d" not in text:
        yield "writes a credential to a file that others can read"


def _login(where: str, call: Model) -> Iterator[str]:
    if re.search(r"docker login\b.*(?:-p\b|--password\b(?!-stdin)|-u\b|--username\b)", shell_of(call) or ""):
        yield "gives docker login a credential as an argument"


def _late(where: str, call: Model) -> Iterator[str]:
    """durable-task looks at the very first characters; a script of its own interpreter has no -e."""
    text = shell_of(call) or ""
    if re.match(r"\s+#!", text):
        yield "has a first line that doesn't come first"
    if text.startswith("#!") and not re.match(r"#!.*\nset -e", text):
        yield "doesn't stop at a command that fails"


CALL_RULES: dict[str, Callable[[str, Model], Iterable[str]]] = {
    "pasted-text": _pasted,
    "outsiders-text": _outsiders,
    "script-approval": _approval,
    "loaded-code": _loaded,
    "returned-output": _stdout,
    "privileged-container": _privileged,
    "piped-script": _piped,
    "readable-credential": _readable,
    "credential-argument": _login,
    "first-line": _late,
}


def _root(read: Model) -> Iterator[tuple[str, str]]:
    """Credentials of the pipeline reach every stage."""
    yield from (
        ("pipeline", f"binds {entry['name']} for all stages") for entry in read.get("environment", ()) if _is_secret(entry["value"])
    )


def _unused(read: Model) -> Iterator[tuple[str, str]]:
    for stage in jenkins.stages(read):
        called = (function["source"] for function in read["functions"] if function["name"] in str(stage.get("steps")))
        joined = "\n".join((*_scripts(stage), *called))
        yield from ((stage["name"], f"binds {name}, which it doesn't name") for name in sorted(_bound(stage)) if name not in joined)


def _traced(read: Model) -> Iterator[tuple[str, str]]:
    """Without a first line of its own, a script is run with -x."""
    for stage in jenkins.stages(read):
        for text in _scripts(stage):
            shown = not text.startswith("#!") or re.search(r"^set -\w*x", text, re.MULTILINE)
            yield from (
                (stage["name"], f"prints {name}") for name in sorted(_bound(stage)) if shown and re.search(rf"\$\{{?{name}\b", text)
            )


def _forks(read: Model) -> Iterator[tuple[str, str]]:
    """A fork's pull request starts nothing that binds a secret."""
    build = {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": "main", "CHANGE_FORK": "eve", "cause": "BranchEventCause"}
    found = run(read, build)
    for stage in jenkins.stages(read):
        steps = [step for step in stage.get("steps", ()) if not _on_trunk_alone(step)]
        if stage["name"] in found and _bound({**stage, "steps": steps}):
            yield stage["name"], "gives a secret to a fork"


def _on_trunk_alone(step: Model) -> bool:
    """Whether all that a script binds stands behind a look at the branch: `BRANCH_NAME` of a pull request is `PR-7`."""
    guarded = re.match(r"\{\s*if \(env\.BRANCH_NAME == '", step.get("source", ""))
    return bool(guarded) and "withCredentials" not in step["source"].partition("} else {")[2]


def _agent(read: Model) -> Iterator[tuple[str, str]]:
    if read["agent"]["type"] != "none":
        yield "pipeline", "holds an agent from its start to its end"


def _checkout(read: Model) -> Iterator[tuple[str, str]]:
    if not any(option["name"] == "skipDefaultCheckout" for option in read.get("options", ())):
        yield "pipeline", "checks the commit out unasked, into a tree that others have used"


def _gates(read: Model) -> Iterator[tuple[str, str]]:
    for stage in jenkins.stages(read):
        if "input" in stage:
            options = [option["name"] for option in stage.get("options", ())]
            if "timeout" not in options:
                yield stage["name"], "waits without end"
            if "lock" in options or stage.get("agent", {}).get("type", "none") != "none":
                yield stage["name"], "holds a lock or an agent while it waits"


def _deliveries(read: Model, locked: bool = False) -> Iterator[tuple[str, str]]:
    """Which delivery is the newest is settled inside the lock of its environment."""
    for stage in (*(read.get("stages") or ()), *(read.get("parallel") or ())):
        held = locked or any(option["name"] == "lock" for option in stage.get("options", ()))
        if not held and any(step["name"] in ("milestone", "claim") for step in stage.get("steps", ())):
            yield stage["name"], "takes an environment without its lock"
        yield from _deliveries(stage, held)


def _superseded(read: Model) -> Iterator[tuple[str, str]]:
    if any(option["name"] == "disableConcurrentBuilds" and option.get("arguments") for option in read.get("options", ())):
        yield "pipeline", "ends older builds of trunk, which may be delivering"


PIPELINE_RULES: dict[str, Callable[[Model], Iterable[tuple[str, str]]]] = {
    "secret-for-all": _root,
    "unused-secret": _unused,
    "printed-secret": _traced,
    "secret-for-forks": _forks,
    "agent-for-all": _agent,
    "default-checkout": _checkout,
    "unbounded-wait": _gates,
    "unheld-delivery": _deliveries,
    "superseded-delivery": _superseded,
}
TEXTS = re.compile(r"'''(?:\\(?s:.)|[^\\])*?'''|'(?:\\.|[^'\\\n])*'|//.*")
ANNOTATED = re.compile(r"^\s*(?:@\w+|import\b)", re.MULTILINE)


def rules(files: Files) -> Iterator[Finding]:
    for path, read in models(files):
        for where, call in calls(read):
            for name, rule in CALL_RULES.items():
                yield from (Finding(name, f"{path}: {where}", what) for what in rule(where, call))
        for name, of_pipeline in PIPELINE_RULES.items():
            yield from (Finding(name, f"{path}: {where}", what) for where, what in of_pipeline(read))
        yield from _file_rules(path, files[path])
    for path, text in files.items():
        for line in text.splitlines() if path.endswith("plugins.txt") else ():
            if not re.fullmatch(r"#.*|[a-z0-9-]+:\d[\w.-]*", line):
                yield Finding("moving-plugin", path, f"{line} is of whatever version")


def _file_rules(path: str, text: str) -> Iterator[Finding]:
    outside = TEXTS.sub("''", text)
    for found in ANNOTATED.findall(outside):
        yield Finding("annotation", path, f"{found.strip()} leaves what a pipeline is interpreted as")
    yield from (Finding("declarative", f"{path}:{each.line}", each.message) for each in jenkins.lint(text) if each.severity == "error")


LINTER = Linter(scripts, rules, {})
