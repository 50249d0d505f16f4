"""Each rule of GitLab finds its bad file; realistic files have no problem; the engines agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from . import engines, gitlab, gitlab_engine, gitlab_events, gitlab_jobs, gitlab_rules
from .gitlab_expressions import BadExpression, parse

ROOT = r"""# Made from pipeline.py
workflow:
  auto_cancel: {on_new_commit: interruptible}
  rules:
  - if: $CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "main"
    variables: {CACHE_POLICY: pull}
  - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "main"
  - if: $CI_PIPELINE_SOURCE == "schedule" && $NIGHTLY == "yes"
  - if: $CI_COMMIT_TAG =~ /^v\d+/
default:
  image: python:3.12-slim
  interruptible: true
  cache: {key: {files: [requirements.lock]}, paths: [.cache/pip], policy: $CACHE_POLICY}
include: [{local: /ci/templates.yml}]
stages: [check, build, staging, production]
variables: {PIP_CACHE_DIR: $CI_PROJECT_DIR/.cache/pip, CACHE_POLICY: pull-push}
lint: {stage: check, needs: [], script: [ruff check .]}
test:
  extends: .python
  stage: check
  needs: []
  parallel: {matrix: [{PY: ['3.11', '3.12'], OS: linux}]}
  image: python:$PY
  services: [{name: 'postgres:16', alias: db}]
  script:
  - !reference [.setup, script]
  - |
    pytest --junitxml=reports/junit.xml
  coverage: '/TOTAL.*\s+(\d+\%)/'
  artifacts: {when: always, expire_in: 1 week, reports: {junit: reports/junit.xml}}
  retry: {max: 2, when: [runner_system_failure]}
  timeout: 1h 30m
build:
  stage: build
  needs: [lint, {job: test, parallel: {matrix: [{PY: '3.12', OS: linux}]}, artifacts: false}]
  script: [make]
  artifacts: {paths: [dist/]}
  rules:
  - if: $CI_PIPELINE_SOURCE == "push" || $CI_COMMIT_TAG
ship-staging:
  stage: staging
  needs: [build]
  resource_group: staging
  trigger: {include: [{local: ci/staging.yml}], strategy: depend}
  rules:
  - if: $CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "main"
release:
  stage: production
  needs: [build, {job: ship-staging, optional: true}]
  environment: {name: production, url: 'https://price.example', on_stop: stop-production, auto_stop_in: 1 month}
  script: [./deploy.sh]
  interruptible: false
  rules:
  - if: $CI_PIPELINE_SOURCE == "push"
    when: manual
    allow_failure: false
stop-production:
  stage: production
  needs: []
  environment: {name: production, action: stop}
  script: [./stop.sh]
  rules:
  - if: $CI_PIPELINE_SOURCE == "push"
    when: manual
    allow_failure: true
report:
  stage: .post
  script: [./tell.sh]
  rules: [{when: on_failure}]
"""

TEMPLATES = """\
.python:
  variables: {PYTHONUNBUFFERED: '1'}
.setup:
  script: [pip install -r requirements.lock, pip check]
"""

CHILD = """\
stages: [migrate, deploy]
migrate: {stage: migrate, needs: [], script: [alembic upgrade head]}
deploy: {stage: deploy, needs: [migrate], script: [./deploy.sh], environment: staging}
"""

GOOD = {".gitlab-ci.yml": ROOT, "ci/templates.yml": TEMPLATES, "ci/staging.yml": CHILD}

FLOW = "workflow: {rules: [{if: '$CI_COMMIT_BRANCH'}, {if: '$CI_COMMIT_TAG'}]}\n"
SELF = "a: {script: [b]}\n"


def _job(more: str, *, rest: str = "") -> str:
    return f"{FLOW}a: {{script: [b], {more}}}\n{rest}"


MISSING = "is not in the pipeline when CI_PIPELINE_SOURCE=push CI_COMMIT_BRANCH=main"
TAG = 'CI_COMMIT_TAG == "v1"'

BAD = {
    "not YAML": ("a: [", ["line 2: did not find expected node content"]),
    "a list": ("- a", ["is no configuration: one mapping, at most a spec before it"]),
    "large": (f"{FLOW}{SELF}# {'x' * 200_000}\n", [f"has {len(FLOW) + len(SELF) + 200_003} bytes; keep below 200000"]),
    "unknown key": (_job("bogus: 1"), ["a: Additional properties are not allowed ('bogus' was unexpected)"]),
    "when": (
        _job("when: sometimes"),
        ["a.when: 'sometimes' is not one of *"],
    ),
    "cache written in a merge request": (
        "workflow: {rules: [{if: $CI_MERGE_REQUEST_IID}]}\na: {script: [b], cache: {paths: [c]}}\n",
        ["job a: writes a cache when CI_PIPELINE_SOURCE=merge_request_event *"],
    ),
    "missing include": (f"include: [{{local: x.yml}}]\n{FLOW}{SELF}", ["includes x.yml, which is not rendered"]),
    "missing child": (f"{FLOW}a: {{trigger: {{include: x.yml}}}}", ["includes x.yml, which is not rendered"]),
    "deprecated": (f"image: alpine\n{FLOW}{SELF}", ["image is deprecated at the top level: put it in default"]),
    "long name": (f"{FLOW}{'x' * 256}: {{script: [a]}}", [f"job {'x' * 40}…: its name has more than 255 characters"]),
    "long name of a need": (
        f"{FLOW}{'x' * 129}: {{script: [a]}}\na: {{script: [a], needs: [{'x' * 129}]}}",
        [f"job {'x' * 40}…: its name has more than 128 characters"],
    ),
    "long name of a cell": (
        _job(f"parallel: {{matrix: [{{V: [{'x' * 255}]}}]}}"),
        ["job a…: its name has more than 255 characters"],
    ),
    "reserved name": (
        f"{FLOW}pages:deploy: {{stage: deploy, script: [a]}}",
        ["job pages:deploy: the name is reserved"],
    ),
    "grouped name": (f"{FLOW}test 1/3: {{script: [a]}}", ["job test 1/3: the page groups names of this form"]),
    "no work": (f"{FLOW}a: {{stage: test}}", ["job a: has no script and no trigger"]),
    "trigger with tags": (f"{FLOW}a: {{trigger: {{project: g/p}}, tags: [x]}}", ["job a: a trigger job takes no tags"]),
    "unknown key from a template": (
        _job("extends: .b", rest=".b: {bogus: 1}"),
        ["a: Additional properties are not allowed ('bogus' was unexpected)"],
    ),
    "unknown template": (_job("extends: .b"), ["job a: extends .b, which is not there"]),
    "unknown stage": (_job("stage: unit"), ["job a: chosen stage unit does not exist"]),
    "stage twice": (
        f"stages: [test, test]\n{FLOW}{SELF}".replace("test, test", "test, x, test"),
        ["stages: ['test', 'x', 'test'] has non-unique elements"],
    ),
    "long stage": (
        f"stages: [test, {'x' * 256}]\n{FLOW}{SELF}",
        [f"stage {'x' * 40}…: its name has more than 255 characters"],
    ),
    "unknown need": (_job("needs: [b]"), ["job a: undefined need: b"]),
    "unknown need of a rule": (_job("rules: [{if: $CI_COMMIT_TAG, needs: [b]}]"), ["job a: undefined need: b"]),
    "unknown cell": (
        _job("parallel: {matrix: [{V: [x]}]}", rest="c: {script: [d], needs: [{job: a, parallel: {matrix: [{V: y}]}}]}"),
        ["job c: needs a cell that a does not have"],
    ),
    "cell in another order": (
        _job(
            "parallel: {matrix: [{V: [x], W: [y]}]}",
            rest="c: {script: [d], needs: [{job: a, parallel: {matrix: [{W: [y], V: [x]}]}}]}",
        ),
        ["job c: needs a cell that a does not have"],
    ),
    "many needs": (
        FLOW
        + "".join(f"j{i}: {{script: [a]}}\n" for i in range(51))
        + f"a: {{script: [b], needs: [{', '.join(f'j{i}' for i in range(51))}]}}",
        ["job a: has 51 needs; at most 50"],
    ),
    "many projects": (
        _job(f"needs: [{', '.join(f'{{project: g/p{i}, job: j, ref: main}}' for i in range(6))}]"),
        ["job a: has more than 5 needs in other projects"],
    ),
    "later stage": (
        _job("stage: build, needs: [b]", rest="b: {script: [a], stage: test}"),
        ["job a: need b is in a later stage"],
    ),
    "cycle": (_job("needs: [b]", rest="b: {script: [a], needs: [a]}"), ["needs form a cycle: a -> b -> a"]),
    "unknown dependency": (_job("dependencies: [b]"), ["job a: undefined dependency: b"]),
    "needs and dependencies": (
        _job("needs: [b], dependencies: [b]", rest="b: {script: [a]}"),
        ["job a: has both needs and dependencies"],
    ),
    "only": (_job("only: [main]"), ["job a: only instead of rules"]),
    "manual": (_job("when: manual"), ["job a: is manual and does not say allow_failure"]),
    "manual by a rule": (_job("rules: [{when: manual}]"), ["job a: is manual and does not say allow_failure"]),
    "same cells": (
        _job("parallel: {matrix: [{V: [x], W: [y]}, {W: [x], V: [y]}]}"),
        ["job a: 2 cells are named [x, y]"],
    ),
    "many cells": (
        _job(f"parallel: {{matrix: [{{V: [{', '.join(f'v{i}' for i in range(201))}]}}]}}"),
        ["job a: has 201 cells; at most 200"],
    ),
    "number in a matrix": (_job("parallel: {matrix: [{V: [3.11]}]}"), ["job a: a matrix value is not text"]),
    "many caches": (
        _job(f"cache: [{', '.join(f'{{key: k{i}, paths: [p]}}' for i in range(5))}]"),
        ["job a: has 5 caches; at most 4"],
    ),
    "key files": (
        _job("cache: {key: {files: [a, b, c]}, paths: [p]}"),
        ["job a: a cache key has 3 files; at most 2"],
    ),
    "path outside": (_job("artifacts: {paths: [/tmp/x]}"), ["job a: /tmp/x is outside the project"]),
    "cache outside": (
        f"default: {{cache: {{paths: [~/.cache/pip]}}}}\n{FLOW}{SELF}",
        ["default: ~/.cache/pip is outside the project"],
    ),
    "directory of reports": (
        _job("artifacts: {reports: {junit: reports/}}"),
        ["job a: the report reports/ is a directory"],
    ),
    "timeout": (_job("timeout: banana"), ["job a: timeout 'banana' is not a time"]),
    "expiry": (_job("artifacts: {paths: [a], expire_in: soon}"), ["job a: expire_in 'soon' is not a time"]),
    "variable": (_job("variables: {a-b: c}"), ["job a: variable name 'a-b' is not allowed"]),
    "changes": (_job("rules: [{changes: [./a]}]"), ["job a: changes pattern ./a never matches"]),
    "many patterns": (
        _job(f"rules: [{{exists: [{', '.join(f'p{i}' for i in range(51))}]}}]"),
        ["job a: exists has 51 patterns; at most 50"],
    ),
    "many tags": (_job(f"tags: [{', '.join(f't{i}' for i in range(50))}]"), ["job a: has 50 tags; fewer than 50"]),
    "environment": (_job("environment: 'a:b'"), ["job a: environment name 'a:b' is not allowed"]),
    "resource group": (_job("resource_group: /a"), ["job a: resource_group '/a' is not allowed"]),
    "no stopper": (_job("environment: {name: e, on_stop: b}"), ["job a: on_stop names b, which is not there"]),
    "stopper of nothing": (
        _job("environment: {name: e, on_stop: b}", rest="b: {script: [a], environment: {name: f, action: stop}}"),
        ["job b: does not stop the environment of a"],
    ),
    "stopper with other rules": (
        _job(
            "environment: {name: e, on_stop: b}",
            rest="b: {script: [a], rules: [{if: $CI_COMMIT_TAG}], environment: {name: e, action: stop}}",
        ),
        ["job b: stops the environment of a under other rules"],
    ),
    "late stopper": (
        _job(
            "environment: {name: e, on_stop: b}",
            rest="b: {script: [a], stage: deploy, environment: {name: e, action: stop}}",
        ),
        ["job b: is in a later stage than a"],
    ),
    "no alias": (_job("services: [postgres]"), ["job a: a service has no alias"]),
    "same alias": (
        _job("services: [{name: p, alias: db}, {name: q, alias: 'x,db'}]"),
        ["job a: 2 services are called db"],
    ),
    "alias": (
        _job("services: [{name: p, alias: my_db}]"),
        ["job a: service alias my_db has an underscore: no host name on Kubernetes"],
    ),
    "expression": (
        _job("rules: [{if: '${CI_COMMIT_TAG}'}]"),
        ["rules:if: '${CI_COMMIT_TAG}' is not understood in '${CI_COMMIT_TAG}'"],
    ),
    "narrower need": (
        _job("needs: [b]", rest="b: {script: [c], rules: [{if: $CI_COMMIT_TAG}]}"),
        [f"job a: needs b, which {MISSING}"],
    ),
    "narrower need in merge requests": (
        _job(
            "needs: [b]",
            rest="b: {script: [c], rules: [{if: $CI_COMMIT_BRANCH}, {if: $CI_COMMIT_TAG}]}",
        ).replace("{if: '$CI_COMMIT_TAG'}]", "{if: '$CI_MERGE_REQUEST_IID'}]", 1),
        ["job a: needs b, which is not in the pipeline when CI_PIPELINE_SOURCE=merge_request_event*"],
    ),
    "narrower need by a path": (
        _job("needs: [b], rules: [{if: $CI_COMMIT_BRANCH}]", rest="b: {script: [c], rules: [{changes: [x]}]}"),
        [f"job a: needs b, which {MISSING}"],
    ),
    "narrower need of a rule": (
        _job(
            "needs: [], rules: [{if: $CI_COMMIT_BRANCH, needs: [b]}]",
            rest=f"b: {{script: [c], rules: [{{if: '${TAG}'}}]}}",
        ),
        [f"job a: needs b, which {MISSING}"],
    ),
    "need by a variable": (
        _job("needs: [b], rules: [{if: $CI_COMMIT_TAG}]", rest="b: {script: [c], rules: [{if: '$DEPTH == null'}]}"),
        ["job a: needs b, which is not in the pipeline when CI_PIPELINE_SOURCE=push*"],
    ),
    "need of an optional manual job": (
        _job("needs: [b]", rest="b: {script: [c], when: manual, allow_failure: true}"),
        ["job a: needs b, which is an optional manual job, so that this one is skipped*"],
    ),
    "frame alone": (
        _job("rules: [{if: $CI_COMMIT_TAG}]", rest="b: {stage: .post, script: [c]}"),
        ["all jobs are in .pre and .post, so that nothing runs, when CI_PIPELINE_SOURCE=push CI_COMMIT_BRANCH=main"],
    ),
    "no workflow": (
        SELF,
        ["workflow:rules is missing: a commit may start a branch pipeline and a merge request pipeline"],
    ),
}


def _problems(text: str) -> list[str]:
    return [line.removeprefix(".gitlab-ci.yml: ") for line in gitlab.problems({".gitlab-ci.yml": text})]


def _as_expected(found: list[str], expected: list[str]) -> bool:
    """Equal; a text that ends in `*` stands for its start."""
    pairs = zip(found, expected, strict=False)
    return len(found) == len(expected) and all(
        line.startswith(wanted[:-1]) if wanted.endswith("*") else line == wanted for line, wanted in pairs
    )


def test_good_files_have_no_problem() -> None:
    assert gitlab.problems(GOOD) == []


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_says_what_and_where(case: str) -> None:
    text, expected = BAD[case]
    found = _problems(text)
    assert _as_expected(found, expected), found


@pytest.mark.parametrize("module", [gitlab_rules, gitlab_events])
def test_no_rule_can_be_removed(module: object, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = module.RULES  # type: ignore[attr-defined]  # each of these modules has them
    for rule in rules:
        monkeypatch.setattr(module, "RULES", tuple(other for other in rules if other is not rule))
        assert any(not _as_expected(_problems(text), expected) for text, expected in BAD.values()), rule.__name__


def test_a_child_is_a_pipeline_of_its_own() -> None:
    child = CHILD.replace("needs: [migrate]", "needs: [build]")
    assert gitlab.problems({**GOOD, "ci/staging.yml": child}) == ["ci/staging.yml: job deploy: undefined need: build"]


def test_a_file_that_nothing_includes() -> None:
    assert gitlab.problems({**GOOD, "ci/other.yml": CHILD}) == ["ci/other.yml: is included by nothing"]
    assert gitlab.problems({"ci/other.yml": CHILD})[0] == ".gitlab-ci.yml: is not rendered"


def test_templates_and_references_are_resolved() -> None:
    pipelines = gitlab_jobs.pipelines(gitlab.read(GOOD))
    assert [pipeline.path for pipeline in pipelines] == [".gitlab-ci.yml", "ci/staging.yml"]
    test = pipelines[0].jobs["test"]
    assert test["variables"] == {"PYTHONUNBUFFERED": "1"}
    assert test["script"][:2] == ["pip install -r requirements.lock", "pip check"]


VALUES = {"A": "main", "EMPTY": "", "P": "/^ma/", "PART": "ai", "B": "main"}

EXPRESSIONS = {
    "$A": True,
    "$EMPTY": False,
    "$NONE": False,
    '$A == "main"': True,
    "$A == 'x'": False,
    "$A != 'x'": True,
    "$A == $B": True,
    "$NONE == null": True,
    "$EMPTY == null": False,
    "$A =~ /^ma/": True,
    "$A =~ /^MA/i": True,
    "$A !~ /^ma/": False,
    "$A =~ $P": True,
    "$A =~ $PART": True,
    "$NONE =~ /main/": False,
    "$NONE !~ /main/": True,
    "$NONE && $NONE || $A": True,
    "$NONE && ($NONE || $A)": False,
    "$A || $NONE && $NONE": True,
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text: str) -> None:
    assert parse(text).holds(VALUES) is EXPRESSIONS[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "${A}",
        "!$A",
        '"main" == $A',
        "$A ==",
        "$A == /x/",
        "$A =~ /x/",
        "$A =~ 'main'",
        "($A",
        "$A $B",
        "$A =~ /(a/",
        "$A &&",
    ],
)
def test_bad_expressions(text: str) -> None:
    with pytest.raises(BadExpression):
        parse(text)


def test_the_command_line_of_check_jsonschema_agrees(tmp_path: Path) -> None:
    paths = [tmp_path / "good.yml", tmp_path / "bad.yml"]
    paths[0].write_text(ROOT, "utf-8")
    paths[1].write_text(BAD["when"][0], "utf-8")
    options = ("--builtin-schema", "vendor.gitlab-ci", "--disable-formats", "regex", "--data-transform", "gitlab-ci")
    command = [sys.executable, "-m", "check_jsonschema", *options]
    done = [subprocess.run([*command, str(path)], capture_output=True, check=False).returncode for path in paths]
    assert done == [0, 1]


def test_gitlab_ci_local_lists_the_jobs_of_each_event() -> None:
    engines.require(gitlab_engine.available())
    found = gitlab.gitlab_ci_local(GOOD)
    present = {event: [row["name"] for row in rows if row["when"] != "never"] for event, rows in found.items()}
    checks = ["lint", "test: [3.11,linux]", "test: [3.12,linux]"]
    assert {event: sorted(names) for event, names in present.items()} == {
        "push": ["build", *checks[:1], "release", "report", "ship-staging", "stop-production", *checks[1:]],
        "merge request": ["lint", "report", *checks[1:]],
        "tag": ["build", "lint", "release", "report", "stop-production", *checks[1:]],
        "schedule": ["lint", "report", *checks[1:]],
    }


def test_gitlab_ci_local_refuses_what_it_refuses() -> None:
    engines.require(gitlab_engine.available())
    with pytest.raises(gitlab_engine.Refused, match="bogus"):
        gitlab.gitlab_ci_local({".gitlab-ci.yml": BAD["unknown key"][0]}, ("push",))


def test_an_engine_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    engines.require(gitlab_engine.available())
    monkeypatch.setattr(gitlab_engine, "SECONDS", 0.01)
    with pytest.raises(gitlab_engine.Refused, match="did not end"):
        gitlab.gitlab_ci_local(GOOD, ("push",))


def test_a_missing_engine_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None if name == "rsync" else f"/usr/bin/{name}")
    assert gitlab_engine.available() == "gitlab-ci-local needs rsync"
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setenv("PIPELINEKIT_ENGINES", str(tmp_path))
    assert gitlab_engine.available() == "gitlab-ci-local is not installed: run tests/readers/install.sh"
