"""Each rule of Drone's two readers finds its bad file; realistic files have no problem."""

from __future__ import annotations

import copy
import random

import pytest

from . import drone, drone_rules, envsubst, schemas

GOOD = r"""# Made from pipeline.py: $${NOT_A_SUBSTITUTION}
kind: pipeline
type: docker
name: test
platform: {os: linux, arch: arm64}
trigger: {event: [push, pull_request, cron], branch: {include: [main, "release/*"]}, action: {exclude: [closed]}}
concurrency: {limit: 2}
environment: {PYTHONUNBUFFERED: '1'}
volumes: [{name: pip, temp: {}}]
services:
- {name: db, image: 'postgres:16', pull: if-not-exists, environment: {POSTGRES_PASSWORD: {from_secret: db_password}}}
steps:
- name: unit
  image: python:3.12
  depends_on: [clone, db]
  environment: {TOKEN: {from_secret: token}, PATTERN: 'a\\.b'}
  volumes: [{name: pip, path: /root/.cache/pip}]
  commands:
  - set -u
  - |
    for py in 3.11 3.12; do
      echo "$py $${HOME} $DRONE_COMMIT_SHA $$$$"
    done
- {name: lint, image: 'python:3.12', failure: ignore, depends_on: [clone], commands: [make lint]}
- name: slashes
  image: debian:12
  depends_on: [unit]
  mem_limit: 512MiB
  entrypoint: [/bin/sh, -ec]
  command:
  - |
    sed 's,\\/,x,' file
- name: notify
  image: plugins/slack
  depends_on: [unit, lint]
  settings: {webhook: {from_secret: slack_webhook}, template: 'build ${DRONE_BUILD_NUMBER}'}
  when: {status: [failure]}
---
kind: pipeline
type: docker
name: deploy-production
depends_on: [test]
clone: {disable: true}
trigger: {event: promote, target: [production]}
concurrency: {limit: 1}
steps:
- {name: clone, image: 'alpine/git:2.45', commands: ['git clone "$DRONE_GIT_HTTP_URL" .']}
- {name: deploy, image: 'alpine:3.20', failure: fast, commands: ['./deploy.sh "$DRONE_DEPLOY_TO"']}
---
kind: pipeline
type: docker
name: tell
depends_on: [deploy-production]
trigger: {event: [promote], status: [success, failure]}
steps: [{name: tell, image: 'alpine:3.20', commands: [./tell.sh]}]
---
kind: secret
name: token
get: {path: ci/app, name: token}
"""

HEAD = "kind: pipeline\ntype: docker\nname: a\n"
TRIGGER = "trigger: {event: [push]}\n"
STEPS = "steps: [{name: s, image: i, commands: [c]}]\n"
ONE = f"{HEAD}{TRIGGER}{STEPS}"


def _steps(*steps: str, more: str = "") -> str:
    return f"{HEAD}{TRIGGER}{more}steps:\n" + "".join(f"- {{image: i, {step}}}\n" for step in steps)


def _second(rest: str) -> str:
    return f"{ONE}---\n{ONE.replace('name: a', 'name: b')}{rest}\n"


def _with_trigger(trigger: str) -> str:
    return f"{HEAD}trigger: {{event: [push], {trigger}}}\n{STEPS}"


BAD = {
    "long line": (
        f"{ONE}# {'x' * 65_534}\n",
        ["line 6: is longer than 64 KiB: the file silently ends before it"],
    ),
    "separator by accident": (
        f"{ONE}#\n---foo\n",
        ["line 7: starts with ---, so a new document begins here"],
    ),
    "end by accident": (f"{ONE}...\n", ["line 6: starts with ..., so the file ends here"]),
    "comment before a separator": (f"# made by hand\n---\n{ONE}", ["document 1: missing kind attribute"]),
    "separator at the end": (f"{ONE}---\n", ["document 2: missing kind attribute"]),
    "not YAML for the server": (f"{ONE}x: [", ["the server: line 7: did not find expected node content"]),
    "not YAML for the runner": (
        ONE.replace("image: i", 'image: "i\\\\"'),
        ["the runner: line 6: found unexpected end of stream"],
    ),
    "array of bash": (f"{ONE}# ${{A[0]}}\n", ["the runner: bad substitution: '[0]'"]),
    "indirection of bash": (f"{ONE}# ${{!x}}\n", ["the runner: bad substitution: '${!x}\\n'"]),
    "unclosed": (f"{ONE}# ${{DRONE_X\n", ["the runner: missing closing brace: '_X\\n'"]),
    "another number of documents": (
        f"{ONE}# ${{DRONE_X#\n---\nkind: secret\nname: t\n#}}\n",
        ["the server reads 2 documents, the runner 1"],
    ),
    "name by substitution": (
        ONE.replace("name: a", "name: a-${DRONE_TAG}"),
        ["pipeline a-${DRONE_TAG}: name is 'a-${DRONE_TAG}' for the server alone"],
    ),
    "unknown kind": (
        f"{ONE}---\nkind: pipelin\nname: x\n",
        ["pipelin x: the server takes an unknown kind for a pipeline, and no runner takes that"],
    ),
    "no type": (ONE.replace("type: docker\n", ""), ["pipeline a: the file: 'type' is a required property"]),
    "unknown key": (
        f"{ONE}bogus: 1\n",
        ["pipeline a: the file: Additional properties are not allowed ('bogus' was unexpected)"],
    ),
    "no image": (
        f"{HEAD}{TRIGGER}steps: [{{name: s}}]",
        ["pipeline a: steps[0]: 'image' is a required property"],
    ),
    "a map for a command": (
        ONE.replace("[c]", "[echo a: b]"),
        ["pipeline a: steps[0].commands[0]: {'echo a': 'b'} is not of type 'string'"],
    ),
    "secret without a name": ("kind: secret\n", ["secret: the file: 'name' is a required property"]),
    "same pipeline": (f"{ONE}---\n{ONE}", ["duplicate pipeline names: a"]),
    "dependency below": (
        f"{ONE}depends_on: [b]\n---\n{ONE.replace('name: a', 'name: b')}",
        ["pipeline a: invalid or unknown pipeline dependency: b"],
    ),
    "dependency on itself": (f"{ONE}depends_on: [a]\n", ["pipeline a: cannot have a dependency on itself"]),
    "platform": (f"{ONE}platform: {{os: darwin}}\n", ["pipeline a: platform darwin/amd64 is not known"]),
    "no event": (
        f"{HEAD}{STEPS}",
        ["pipeline a: trigger has no event: the pipeline also runs on promote, cron, tag and custom"],
    ),
    "instance": (_with_trigger("instance: [x]"), ["pipeline a: trigger.instance is never evaluated"]),
    "unknown condition": (
        _with_trigger("brunch: [x]"),
        ["pipeline a: trigger.brunch is not a condition: it is ignored"],
    ),
    "paths": (_with_trigger("paths: [x]"), ["pipeline a: trigger.paths is parsed and never evaluated"]),
    "unknown event": (
        f"{HEAD}trigger: {{event: [merge]}}\n{STEPS}",
        ["pipeline a: trigger.event: merge is not known"],
    ),
    "unknown status": (_with_trigger("status: [failed]"), ["pipeline a: trigger.status: failed is not known"]),
    "include of a string": (
        _with_trigger("branch: {include: main}"),
        ["pipeline a: trigger.branch.include is not a list: the condition matches everything"],
    ),
    "neither include nor exclude": (
        _with_trigger("branch: {only: [main]}"),
        ["pipeline a: trigger.branch.only is not include or exclude"],
    ),
    "failure at once": (
        _second("").replace("name: b\ntrigger: {event: [push]}", "name: b\ntrigger: {event: [push], status: [failure]}"),
        ["pipeline b: runs on failure and does not wait for a"],
    ),
    "unknown substitution": (
        ONE.replace("image: i", "image: 'i:${VERSION}'"),
        ["${VERSION} is empty for the runner; write $${VERSION} for the shell"],
    ),
    "value in a command": (
        ONE.replace("[c]", "['echo ${DRONE_COMMIT_MESSAGE}']"),
        ["pipeline a: step s: ${DRONE_COMMIT_MESSAGE} in commands; write $DRONE_COMMIT_MESSAGE"],
    ),
    "same step": (_steps("name: s", "name: s"), ["pipeline a: duplicate step name: s"]),
    "step and service": (
        _steps("name: s", more="services: [{name: s, image: i}]\n"),
        ["pipeline a: duplicate step name: s"],
    ),
    "a second clone": (_steps("name: clone"), ["pipeline a: duplicate step name: clone"]),
    "long name": (_steps(f"name: {'s' * 101}"), [f"pipeline a: step name has more than 100 characters: {'s' * 20}…"]),
    "step below": (
        _steps("name: s, depends_on: [t]", "name: t, depends_on: [clone]"),
        ["pipeline a: unknown step dependency detected: s references t"],
    ),
    "no clone to wait for": (
        _steps("name: s, depends_on: [clone]", more="clone: {disable: true}\n"),
        ["pipeline a: unknown step dependency detected: s references clone"],
    ),
    "step on itself": (_steps("name: s, depends_on: [s]"), ["pipeline a: cyclical step dependency detected: s"]),
    "before the clone has ended": (
        _steps(
            "name: clone",
            "name: s, depends_on: [clone]",
            "name: t, depends_on: [db]",
            more="clone: {disable: true}\nservices: [{name: db, image: i}]\n",
        ),
        ["pipeline a: step t: may start before the clone has ended"],
    ),
    "half a graph": (
        _steps("name: s, depends_on: [clone]", "name: t"),
        ["pipeline a: step t: has no depends_on while others have: it starts right after the clone"],
    ),
    "condition of a step": (
        _steps("name: s, when: {event: [merge]}"),
        ["pipeline a: step s: when.event: merge is not known"],
    ),
    "secret of a pipeline": (
        f"{ONE}environment: {{A: {{from_secret: b}}}}\n",
        ["pipeline a: environment.A: from_secret works in steps only"],
    ),
    "large value": (
        _steps("name: s, environment: {A: '" + "\n   ".join(["x" * 60_000] * 3) + "'}"),
        ["pipeline a: step s: environment.A is larger than 128 KiB"],
    ),
    "large script": (
        _steps("name: s, commands: [" + ",\n   ".join(["x" * 60_000] * 3) + "]"),
        ["pipeline a: step s: its commands are larger than 128 KiB"],
    ),
    "large command": (
        _steps("name: s, command: ['" + "\n   ".join(["x" * 60_000] * 3) + "']"),
        ["pipeline a: step s: its command is larger than 128 KiB"],
    ),
    "backslash": (
        _steps(r"name: s, commands: ['printf a\\n']"),
        ["pipeline a: step s: a backslash in commands: dash's echo takes it"],
    ),
    "no steps": (f"{HEAD}{TRIGGER}steps: []\n", ["pipeline a: has no steps"]),
    "commands and a command": (
        _steps("name: s, commands: [a], entrypoint: [b]"),
        ["pipeline a: step s: commands override its entrypoint and command"],
    ),
    "reserved volume": (
        f"{ONE}volumes: [{{name: workspace, temp: {{}}}}]\n",
        ["pipeline a: volume name workspace is reserved"],
    ),
    "unknown volume": (
        _steps("name: s, volumes: [{name: v, path: /v}]"),
        ["pipeline a: step s: mounts v, which is no volume of the pipeline"],
    ),
    "runner's folder": (
        _steps("name: s, volumes: [{name: v, path: /run/drone/x}]", more="volumes: [{name: v, temp: {}}]\n"),
        ["pipeline a: step s: mounts at /run/drone/x, which belongs to the runner"],
    ),
    "limit": (f"{ONE}concurrency: {{limit: 0}}\n", ["pipeline a: concurrency.limit 0 is not a whole number from 1 on"]),
    "privileged": (_steps("name: s, privileged: true"), ["pipeline a: step s: privileged needs a trusted repository"]),
    "host volume": (
        f"{ONE}volumes: [{{name: v, host: {{path: /v}}}}]\n",
        ["pipeline a: volume v: needs a trusted repository"],
    ),
    "memory volume": (
        f"{ONE}volumes: [{{name: v, temp: {{medium: memory, size_limit: 1g}}}}]\n",
        ["pipeline a: volume v: needs a trusted repository"],
    ),
}


def _problems(text: str) -> list[str]:
    return [line.removeprefix(".drone.yml: ") for line in drone.problems({".drone.yml": text})]


def test_good_files_have_no_problem() -> None:
    assert _problems(GOOD) == []
    assert _problems(f"---\n{ONE}") == []
    assert drone.problems({".drone.yml": BAD["privileged"][0]}, trusted=True) == []


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_says_what_and_where(case: str) -> None:
    text, expected = BAD[case]
    assert _problems(text) == expected


@pytest.mark.parametrize("rules", ["SERVER_RULES", "TEXT_RULES", "RUNNER_RULES"])
def test_no_rule_can_be_removed(rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    every = getattr(drone_rules, rules)
    for rule in every:
        monkeypatch.setattr(drone_rules, rules, tuple(other for other in every if other is not rule))
        assert any(_problems(text) != expected for text, expected in BAD.values()), rule.__name__


ERRATA_IN_USE = (
    _steps("name: s, failure: fast"),
    _steps("name: s, working_dir: /a"),
    f"{ONE}volumes: [{{name: v, temp: {{size_limit: 1g}}}}]\n",
    f"{ONE}services: [{{name: d, image: i, pull: never}}]\n",
    f"{ONE}services: [{{name: d, image: i, command: [redis-server, --save, '']}}]\n",
    f"{ONE}platform: {{arch: s390x}}\n",
    f"{HEAD}trigger: {{event: push}}\n{STEPS}",
    _with_trigger("status: {include: [success]}"),
)


@pytest.mark.parametrize("index", range(len(drone.ERRATA)))
def test_each_erratum_is_still_one(index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(drone.ERRATA) == len(ERRATA_IN_USE)
    assert _problems(ERRATA_IN_USE[index]) == []
    monkeypatch.setattr(drone, "ERRATA", drone.ERRATA[:index] + drone.ERRATA[index + 1 :])
    drone._definition.cache_clear()
    try:
        assert _problems(ERRATA_IN_USE[index]) != []
    finally:
        monkeypatch.undo()
        drone._definition.cache_clear()


def test_errata_leave_the_shared_schema_alone() -> None:
    before = copy.deepcopy(schemas.schema("drone-ci"))
    drone._definition.cache_clear()
    _problems(ONE)
    assert schemas.schema("drone-ci") == before


def test_documents_are_read_line_by_line() -> None:
    assert drone.split("a\n---\nb\n--- # c\n") == ["a\n", "b\n", ""]
    assert drone.split("---\na\n...\nb\n") == ["a\n"]
    assert [document.get("name") for document in drone.read({".drone.yml": GOOD})] == [
        "test",
        "deploy-production",
        "tell",
        "token",
    ]


def test_commands_are_what_the_shell_reads() -> None:
    found = drone.commands({".drone.yml": GOOD})
    loop = 'for py in 3.11 3.12; do\n  echo "$py ${HOME} $DRONE_COMMIT_SHA $$"\ndone\n'
    assert found["test", "unit"] == f"set -u\n{loop}"
    assert found["test", "slashes"] == "sed 's,\\/,x,' file\n"
    assert found["test", "notify"] == ""


def test_environments_are_what_the_step_gets() -> None:
    shell = drone.shells({".drone.yml": GOOD})["test", "unit"]
    assert shell.environment == {"PYTHONUNBUFFERED": "1", "TOKEN": {"from_secret": "token"}, "PATTERN": r"a\.b"}


FORMS = [
    ("${A}-$A", "abcABC-$A"),
    ("${NO}", ""),
    ("$$ $$$$ $${A}", "$ $$ ${A}"),
    (r"\\ \/ \n \\\/", r"\ / \n \/"),
    ("${A:1} ${A:1:2} ${#A}", "bcABC bc 6"),
    ("${A^} ${A^^} ${A,,} ${A,}", "AbcABC ABCABC abcabc abcABC"),
    ("${NO:-d} ${NO=d} ${NO:=${A}} ${A:-d}", "d d abcABC abcABC"),
    ("${P#*/} ${P##*/} ${P%/*} ${P%%/*}", "b/c c a/b a"),
]


@pytest.mark.parametrize(("text", "expected"), FORMS)
def test_substitution(text: str, expected: str) -> None:
    assert envsubst.expand(text, {"A": "abcABC", "P": "a/b/c"}) == expected


def test_replacement() -> None:
    text = "${P//b/x} ${P/#a/x} ${P/%c/x} ${P/#z/x} ${P/%z/x} ${P#x}"
    assert envsubst.expand(text, {"P": "a/b/c"}) == "a/x/c x/b/c a/b/x a/b/c a/b/c a/b/c"


@pytest.mark.parametrize("text", ["${", "${A", "${A[0]}", "${!A}", "${A:x}", "${A:1:x}", "${A-d}"])
def test_bad_substitution(text: str) -> None:
    with pytest.raises(envsubst.BadSubstitution):
        envsubst.expand(text, {"A": "abc"})


def test_the_literal_form_is_an_exact_inverse() -> None:
    letters = random.Random(0)
    for _ in range(2000):
        text = "".join(letters.choices("$\\/{}aA_:-", k=12))
        assert envsubst.expand(envsubst.literal(text), {}) == text


def test_a_pipeline_for_failures_waits_for_those_of_its_own_builds_alone() -> None:
    other = "kind: pipeline\ntype: docker\nname: b\ntrigger: {event: [tag]}\n" + STEPS
    end = "kind: pipeline\ntype: docker\nname: c\ndepends_on: [a]\ntrigger: {event: [push], status: [failure]}\n" + STEPS
    last = end.replace("name: c", "name: d").replace("[a]", "[a, c]")
    assert _problems(f"{ONE}---\n{other}---\n{end}---\n{last}") == []
    assert _problems(f"{ONE}---\n{other}---\n{end.replace('depends_on: [a]', 'depends_on: [b]')}") != []


def test_a_clone_of_its_own_is_the_root() -> None:
    more = "clone: {disable: true}\n"
    assert _problems(_steps("name: clone, commands: [c]", "name: s, depends_on: [clone], commands: [c]", more=more)) == []
