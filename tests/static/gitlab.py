"""GitLab's files: scripts as the runner joins them, two linters of other people, and rules of our own for what these don't look at."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.readers import gitlab, gitlab_jobs
from tests.static.finding import Files, Finding, Linter, Script

Node = dict[str, Any]
OUTSIDERS = re.compile(
    r"\$\{?(?:CI_COMMIT_(?:MESSAGE|TITLE|DESCRIPTION|REF_NAME|BRANCH|TAG|AUTHOR)|CI_MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH_NAME"
    r"|TARGET_BRANCH_NAME)|PK_(?:BRANCH|TARGET_BRANCH|TAG|AUTHOR|TITLE))\b"
)
"""Variables that hold what outsiders chose."""
EXPORT = re.compile(r'export PK_[A-Z_]+="\$(?:\w+|\{\w+:-\$\w+\})"')
"""How one of them reaches a script: in double quotes, and alone."""
SPELLED = re.compile(r"\$CI_[A-Z_]+(?:/[^$%]*)?|\$CI_PROJECT_URL/-/pipelines/\$PARENT_PIPELINE_ID|\$PARENT_PIPELINE_ID")
"""What a variable that GitLab is to fill in holds."""


ASKING = re.compile(
    r"""^(?:\[ -z "\$\{BASH_VERSION:-\}" \] \|\||case "\$\(set -o\)" in \*(\w+)\*\)) set [-+]o \w+(?: ;; esac)?$""", re.MULTILINE
)
"""A line that sets an option of bash, once it has asked the shell whether it is one that knows it."""


def configs(files: Files) -> Iterator[tuple[str, Node, dict[str, Node]]]:
    """Each file's path, its configuration, and its jobs with what they take from `default`."""
    for path, config in gitlab.read(files).items():
        default = config.get("default", {})
        found = {name: {**(default if "inherit" not in job else {}), **job} for name, job in gitlab_jobs.jobs(config).items()}
        yield path, config, found


def jobs(files: Files) -> Iterator[tuple[str, Node]]:
    for path, _, found in configs(files):
        yield from ((f"{path}/{name}", job) for name, job in found.items())


def program(job: Node) -> str:
    return "\n".join(item.strip() for item in (*job.get("before_script", ()), *job.get("script", ())))


def scripts(files: Files) -> Iterator[Script]:
    for where, job in jobs(files):
        if "script" in job:
            text = program(job)
            bash = "BASH_VERSION:?" in text
            yield Script(where, ASKING.sub(":", text), "bash" if bash else "sh", "-eo pipefail" if bash else "-e")
            yield from (Script(where, found[0], "bash") for found in ASKING.finditer(text))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from (*_texts(key), *_texts(value))
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


def _read_by_hand(job: Node) -> Iterator[str]:
    """Predefined variables of outsiders, in a script: they are exported under the fact's name first, and used by that."""
    for line in program(job).split("\n"):
        if re.search(r"\$\{?CI_", line) and OUTSIDERS.search(line) and not EXPORT.fullmatch(line):
            yield f"reads {line.strip()!r}"


def _pasted(job: Node) -> Iterator[str]:
    """GitLab itself puts a variable in everywhere else."""
    keys = ("image", "services", "variables", "cache", "artifacts", "environment", "tags", "resource_group", "parallel", "trigger")
    for key in keys:
        yield from (f"has {found[0]} in its {key}" for text in _texts(job.get(key)) if (found := OUTSIDERS.search(text)))


def _privileged(job: Node) -> Iterator[str]:
    """A daemon of docker takes a privileged runner."""
    daemons = [str(service) for service in job.get("services", ()) if "dind" in str(service)]
    if daemons and "docker build" not in program(job):
        yield "has docker's daemon, and builds nothing with it"
    if "--privileged" in program(job):
        yield "starts something privileged"


def _socket(job: Node) -> Iterator[str]:
    if "docker.sock" in "".join(_texts(job)):
        yield "has the runner's docker"


def _literal(job: Node) -> Iterator[str]:
    for name, given in job.get("variables", {}).items():
        if re.search(r"(?i)(passw|secret|token|_key$)", name) and "$" not in str(given):
            yield f"gives {name} as text"


def _words(job: Node) -> Iterator[str]:
    """Whoever may look at the processes of a machine sees their words."""
    yield from (f"has {found} among a command's words" for found in re.findall(r"--(?:user(?:name)?|password)[ =]\S*\$\w+", program(job)))


def _token(job: Node) -> Iterator[str]:
    for line in program(job).split("\n"):
        if re.search(r"CI_(?:JOB_TOKEN|REGISTRY_PASSWORD|DEPLOY_PASSWORD)", line) and '"auths"' not in line:
            yield f"uses the job's token: {line.strip()}"


def _credentials(job: Node) -> Iterator[str]:
    """A file of credentials lies in a folder of its own, which `mktemp -d` closes to others, and goes with the job."""
    text = program(job)
    if '"auths"' in text and ("mktemp -d" not in text or "trap 'rm -rf" not in text):
        yield "leaves credentials to others"


def _traced(job: Node) -> Iterator[str]:
    """What is traced is logged, with the values of secrets."""
    names = [name for name in ("CI_DEBUG_TRACE", "CI_DEBUG_SERVICES") if name in job.get("variables", {})]
    yield from (f"sets {name}" for name in names)
    if re.search(r"set -o xtrace|(?:^|\n)\s*set -\w*x", program(job)):
        yield "traces its commands"


def _image(job: Node) -> Iterator[str]:
    image = job.get("image", "")
    name = image["name"] if isinstance(image, dict) else image
    for each in (name, *(service["name"] for service in job.get("services", ()))):
        if each.endswith(":latest"):
            yield f"runs whatever {each} is today"


def _gate(job: Node) -> Iterator[str]:
    if job.get("when") == "manual" and job.get("allow_failure") is not False:
        yield "asks, and nothing waits for the answer"


def _expanded(job: Node) -> Iterator[str]:
    """A `$` of a definition stays: GitLab fills in only what the backend has spelled."""
    for name, given in job.get("variables", {}).items():
        if isinstance(given, str) and ("$" in given or given.count("%") > 1) and not SPELLED.fullmatch(given):
            yield f"has {name} filled in: {given}"
    for service in job.get("services", ()):
        for name, given in service.get("variables", {}).items():
            if re.search(r"(?<!\$)(?:\$\$)*\$(?!\$)", given):
                yield f"has {name} of a service filled in"


def _waits(job: Node) -> Iterator[str]:
    for found in re.finditer(r"^until .*\n((?:  .*\n)*)", program(job), re.MULTILINE):
        if "-lt" not in found[1]:
            yield "may wait for ever"


def _interrupted(job: Node) -> Iterator[str]:
    if _delivers(job) and job.get("interruptible"):
        yield "delivers, and may be cancelled half-way"


def _delivers(job: Node) -> bool:
    about = job.get("environment")
    return about is not None and (not isinstance(about, dict) or about.get("action", "start") != "access")


def _proposed(job: Node) -> Iterator[str]:
    """Nothing that isn't on trunk is delivered."""
    if _delivers(job) and any("merge_request_event" in rule.get("if", "") for rule in job.get("rules", ()) if isinstance(rule, dict)):
        yield "delivers in merge requests"


JOB_RULES: dict[str, Callable[[Node], Iterable[str]]] = {
    "read-by-hand": _read_by_hand,
    "pasted-text": _pasted,
    "privileged": _privileged,
    "docker-socket": _socket,
    "literal-credential": _literal,
    "secret-words": _words,
    "job-token": _token,
    "open-credentials": _credentials,
    "traced": _traced,
    "moving-image": _image,
    "unheard-gate": _gate,
    "filled-in": _expanded,
    "endless-wait": _waits,
    "interrupted-delivery": _interrupted,
    "proposed-delivery": _proposed,
}


def _open(path: str, config: Node, _: dict[str, Node]) -> Iterator[tuple[str, str]]:
    """Each rule of the workflow says what starts a run."""
    if path == gitlab_jobs.ROOT:
        rules = config.get("workflow", {}).get("rules", [])
        if not rules or any("if" not in rule for rule in rules):
            yield path, "is started by whatever happens"


def _unlocked(path: str, _: Node, found: dict[str, Node]) -> Iterator[tuple[str, str]]:
    """A child pipeline is locked by the job that starts it."""
    for name, job in found.items():
        about = job.get("environment")
        starts = about is not None and (not isinstance(about, dict) or about.get("action", "start") == "start")
        child = any(path in str(entry) for entry in gitlab_jobs.child_includes(job))
        if path == gitlab_jobs.ROOT and (starts or child) and "resource_group" not in job:
            yield name, "delivers, and may run beside itself"


def _cached(path: str, config: Node, found: dict[str, Node]) -> Iterator[tuple[str, str]]:
    """What a merge request leaves is never read by trunk."""
    rules = [rule for rule in config.get("workflow", {}).get("rules", ()) if "merge_request_event" in rule.get("if", "")]
    pulled = bool(rules) and all(rule.get("variables", {}).get("PK_CACHE_POLICY") == "pull" for rule in rules)
    for name, job in found.items():
        caches = job.get("cache", [])
        own = job.get("rules")
        merging = any("merge_request_event" in rule.get("if", "") for rule in (rules if own is None else own) if isinstance(rule, dict))
        for cache in caches if isinstance(caches, list) else [caches]:
            policy = cache.get("policy", "pull-push")
            if merging and policy != "pull" and not (policy == "$PK_CACHE_POLICY" and pulled):
                yield name, "writes a cache in merge requests"


def _bracketed(path: str, config: Node, found: dict[str, Node]) -> Iterator[tuple[str, str]]:
    """An input's value stands in variables, which nothing expands, and is handed on to child pipelines."""
    for name, given in config.get("variables", {}).items():
        if "$[[" in str(given) and not (isinstance(given, dict) and given.get("expand") is False):
            yield name, "is an input, and is expanded"
    for name, job in found.items():
        for text in _texts({key: value for key, value in job.items() if key != "trigger"}):
            yield from ((name, f"pastes {each}") for each in re.findall(r"\$\[\[.*?inputs.*?\]\]", text))


FILE_RULES: dict[str, Callable[[str, Node, dict[str, Node]], Iterable[tuple[str, str]]]] = {
    "open-workflow": _open,
    "unlocked-delivery": _unlocked,
    "outsiders-cache": _cached,
    "pasted-input": _bracketed,
}


def rules(files: Files) -> Iterator[Finding]:
    for where, job in jobs(files):
        for name, rule in JOB_RULES.items():
            yield from (Finding(name, where, what) for what in rule(job))
    for path, config, found in configs(files):
        for name, of_file in FILE_RULES.items():
            yield from (Finding(name, f"{path}: {where}", what) for where, what in of_file(path, config, found))


def _cicheck_missing() -> str | None:
    return None if find_spec("cicheck") else "cicheck isn't installed"


def cicheck(files: Files) -> Iterator[Finding]:
    """Its rules, on the configuration that follows a `spec`, which its own reader can't read; and without the lines that export what
    outsiders chose under another name, in quotes, which is what it asks for and finds fault with.
    """
    from cicheck.checks import run_all
    from cicheck.checks.base import Pipeline

    for path, config in gitlab.read(files).items():
        for each in run_all(Pipeline(path, "gitlab", files[path], _without_exports(config))):
            yield Finding(f"cicheck {each.check}", f"{path}:{each.line}", each.description)


def _without_exports(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_exports(value) for key, value in node.items()}
    return (
        [_without_exports(each) for each in node if not (isinstance(each, str) and EXPORT.fullmatch(each))]
        if isinstance(node, list)
        else node
    )


def _verify_missing() -> str | None:
    if find_spec("gitlab_ci_verify_bin") is None:
        return "gitlab-ci-verify isn't installed"
    return None if shutil.which("git") else "gitlab-ci-verify needs git"


def gitlab_ci_verify(files: Files) -> Iterator[Finding]:
    """What it finds without a GitLab server: whether its reader takes each file, and finds what that includes. It wants a clone with a
    remote. Its two checks of a server's merged file (GL-201, GL-202) are about pages, which nothing here makes; its shellcheck (`SC-…`) is
    left out, since a test of its own asks that, and knows which lines are the definition's.
    """
    from gitlab_ci_verify_bin import exec as program

    with TemporaryDirectory() as folder:
        for command in (["init", "--quiet"], ["remote", "add", "origin", "git@gitlab.example.com:acme/widget.git"]):
            subprocess.run(["git", "-C", folder, *command], check=True, capture_output=True)
        for path, text in files.items():
            Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, path).write_text(text, encoding="utf-8")
        for path in gitlab.read(files):
            words = ["--no-lint-api", "--format", "json", "--gitlab-ci-file", path]
            running = program.create_subprocess(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            printed, said = running.communicate()
            for each in json.loads(printed) if printed.strip() else [{"code": "failed", "line": 0, "message": said.decode()}]:
                if not each["code"].startswith("SC-"):
                    yield Finding(f"gitlab-ci-verify {each['code']}", f"{path}:{each['line']}", each["message"])


LINTER = Linter(
    scripts,
    rules,
    {"cicheck": (_cicheck_missing, cicheck), "gitlab-ci-verify": (_verify_missing, gitlab_ci_verify)},
)
