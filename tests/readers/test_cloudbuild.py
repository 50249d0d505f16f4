"""Each rule of Cloud Build finds its bad file; realistic files have no problem."""

from __future__ import annotations

from types import ModuleType

import pytest
from google.cloud.devtools.cloudbuild_v1.types import Build, BuildTrigger

from . import cloudbuild, cloudbuild_rules, cloudbuild_substitutions, cloudbuild_triggers, schemas

BUILD = """\
# Made from pipeline.py
steps:
- id: install
  name: python:3.12
  waitFor: ['-']
  script: |
    #!/usr/bin/env bash
    set -euo pipefail
    pip install --target=/deps -r requirements.txt
  volumes: [{name: deps, path: /deps}]
- id: unit-py312
  name: python:3.12
  waitFor: [install]
  timeout: 900s
  env: ['PYTHONPATH=/deps', 'REV=${SHORT_SHA}']
  secretEnv: [TOKEN]
  volumes: [{name: deps, path: /deps}]
  script: |
    #!/usr/bin/env bash
    set -euo pipefail
    echo "rev $REV"; make test
- id: lint
  name: python:3.12
  waitFor: [install]
  allowFailure: true
  entrypoint: bash
  args: ['-ceu', 'for i in 1 2; do echo $$i $$HOME $(date) $1 ${_ENV}; done']
- id: image
  name: gcr.io/cloud-builders/docker@sha256:@DIGEST@
  waitFor: [unit-py312]
  args: ['build', '-t', '${_IMAGE}:${SHORT_SHA}', '.']
substitutions: {_ENV: dev, _IMAGE: '${LOCATION}-docker.pkg.dev/${PROJECT_ID}/${_REPO}/app', _REPO: r}
images: ['${_IMAGE}:${SHORT_SHA}']
availableSecrets:
  secretManager: [{versionName: 'projects/${PROJECT_ID}/secrets/token/versions/latest', env: TOKEN}]
artifacts: {objects: {location: 'gs://bucket/${SHORT_SHA}/', paths: ['reports/*.xml']}}
tags: [price-service]
timeout: 3600s
serviceAccount: projects/${PROJECT_ID}/serviceAccounts/ci@${PROJECT_ID}.iam.gserviceaccount.com
options: {logging: CLOUD_LOGGING_ONLY, machineType: E2_STANDARD_2, dynamicSubstitutions: true}
""".replace("@DIGEST@", "a" * 64)

DEPLOY = """\
steps:
- id: deploy
  name: google/cloud-sdk:slim
  waitFor: ['-']
  env: ['TARGET=${_TARGET}']
  script: |
    #!/bin/sh
    set -eu
    ./deploy.sh "$TARGET"
timeout: 600s
options: {logging: CLOUD_LOGGING_ONLY, pubsubTopic: projects/p/topics/t}
"""

TRIGGERS = """\
name: app-main
github: {owner: org, name: app, push: {branch: ^main$}}
includedFiles: ['src/**']
filename: cloudbuild.yaml
includeBuildLogs: INCLUDE_BUILD_LOGS_WITH_STATUS
---
name: app-deploy-production
sourceToBuild: {uri: 'https://example.com/org/app', ref: refs/heads/main, repoType: GITHUB}
gitFileSource:
  path: cloudbuild.production.yaml
  uri: https://example.com/org/app
  revision: refs/heads/main
  repoType: GITHUB
substitutions: {_TARGET: production}
approvalConfig: {approvalRequired: true}
"""

ALL = {"cloudbuild.yaml": BUILD, "cloudbuild.production.yaml": DEPLOY, "cloudbuild.triggers.yaml": TRIGGERS}

PROTO = 'Message type "google.devtools.cloudbuild.v1.'

LOOSE = "options: {substitutionOption: ALLOW_LOOSE}"

ONE_STEP = "steps: [{name: alpine, script: a}]\ntimeout: 60s\n"


def _steps(*steps: str, rest: str = "") -> str:
    return "steps:\n" + "".join(f"- {{name: alpine, {step}}}\n" for step in steps) + f"timeout: 60s\n{rest}\n"


def _tail(rest: str) -> str:
    return f"{ONE_STEP}{rest}\n"


BAD_BUILDS = {
    "not YAML": ("steps: [", ["line 2: did not find expected node content"]),
    "two documents": (f"{ONE_STEP}---\na: b", ["holds 2 documents; a build file is one build"]),
    "root": ("- a", ["the root is not a mapping"]),
    "no steps": ("timeout: 60s", ["the file: 'steps' is a required property"]),
    "unknown top key": (
        _tail("bogus: 1"),
        [f'{PROTO}Build" has no field named "bogus" at "Build".'],
    ),
    "unknown step key": (
        _steps("bogus: 1"),
        ["steps[0]: Additional properties are not allowed ('bogus' was unexpected)", "*"],
    ),
    "minutes": (_steps("timeout: 10m"), ["steps[0].timeout: '10m' does not match '^\\\\d+(\\\\.\\\\d{0,9})?s$'", "*"]),
    "number in args": (_steps("args: [1]"), ["steps[0].args[0]: 1 is not of type 'string'", "*"]),
    "empty steps": ("steps: []\ntimeout: 60s", ["has 0 steps; 1 to 300 are allowed"]),
    "many steps": (_steps(*["script: a"] * 301), ["has 301 steps; 1 to 300 are allowed"]),
    "no image": ("steps: [{script: a}]\ntimeout: 60s", ["step 0: has no name (the image)"]),
    "image in capitals": (
        "steps: [{name: Alpine, script: a}]\ntimeout: 60s",
        ["step 0: 'Alpine' is not a docker image reference"],
    ),
    "script and entrypoint": (_steps("script: a, entrypoint: sh"), ["step 0: has both script and entrypoint"]),
    "script and args": (_steps("script: a, args: [b]"), ["step 0: has both script and args"]),
    "many args": (_steps(f"args: [{', '.join('a' * 101)}]"), ["step 0: has 101 args; at most 100"]),
    "long arg": (_steps(f"args: [a, {'b' * 10001}]"), ["step 0: arg 1 has 10001 characters; at most 10,000"]),
    "many env": (_steps(f"env: [{', '.join(['A=1'] * 101)}]"), ["step 0: has 101 env entries; at most 100"]),
    "env without =": (_steps("env: [A]"), ["step 0: env entry 'A' is not KEY=VALUE"]),
    "env of options": (_tail("options: {env: ['=b']}"), ["options: env entry '=b' is not KEY=VALUE"]),
    "long env": (_steps(f"env: ['A={'b' * 1000}']"), ["step 0: env entry 'A' has 1002 characters; at most 1,000"]),
    "long dir": (_steps(f"dir: {'b' * 1001}"), ["step 0: dir has more than 1,000 characters"]),
    "same id": (_steps("id: a", "id: a"), ["id 'a' is used by 2 steps"]),
    "reserved id": (_steps("id: '-'"), ["id '-' is reserved"]),
    "waits forwards": (
        _steps("id: a, waitFor: [b]", "id: b, waitFor: ['-']"),
        ['step a: waits for "b", which has not been defined before it'],
    ),
    "waits for itself": (
        _steps("id: a, waitFor: [a]"),
        ['step a: waits for "a", which has not been defined before it'],
    ),
    "no timeout": (
        "steps: [{name: alpine, script: a}]",
        ["timeout is not set; the default differs between versions (10 or 60 minutes)"],
    ),
    "two days": ("steps: [{name: alpine}]\ntimeout: 86401s", ["timeout 86401s is more than 24 hours"]),
    "step longer than build": (_steps("timeout: 60.5s"), ["step 0: timeout 60.5s must be <= build timeout 60s"]),
    "volume name": (
        _steps(*["volumes: [{name: d, path: /d}]"] * 2),
        ["step 0: volume name 'd' is not allowed", "step 1: volume name 'd' is not allowed"],
    ),
    "volume path": (
        _steps("volumes: [{name: de, path: d}]", "volumes: [{name: de, path: /workspace/}]"),
        [
            "step 0: volume path 'd' is relative or reserved",
            "step 1: volume path '/workspace/' is relative or reserved",
        ],
    ),
    "volume path for all steps": (
        _steps("script: a", "script: b", rest="options: {volumes: [{name: de, path: d}]}"),
        ["options: volume path 'd' is relative or reserved"],
    ),
    "volume path of the service": (
        _steps("volumes: [{name: de, path: /cloudbuild/x}]", "volumes: [{name: de, path: /x}]"),
        ["step 0: volume path '/cloudbuild/x' is relative or reserved"],
    ),
    "volume name twice": (
        _steps("volumes: [{name: de, path: /a}, {name: de, path: /b}]"),
        ["step 0: volume name 'de' is used twice"],
    ),
    "volume path twice": (
        _steps(*["volumes: [{name: de, path: /a}, {name: fg, path: /a}]"] * 2),
        ["step 0: volume path '/a' is used twice", "step 1: volume path '/a' is used twice"],
    ),
    "volume clash": (
        _steps(*["volumes: [{name: de, path: /a}]"] * 2, rest="options: {volumes: [{name: fg, path: /a}]}"),
        ["step 0: volume 'de' clashes with options.volumes", "step 1: volume 'de' clashes with options.volumes"],
    ),
    "lonely volume": (_steps("volumes: [{name: de, path: /d}]"), ['volume "de" is only used by one step']),
    "volumes for one step": (
        _tail("options: {volumes: [{name: de, path: /d}]}"),
        ["options.volumes needs two steps or more"],
    ),
    "secret twice": (
        _steps(
            "secretEnv: [T]",
            rest="availableSecrets: {secretManager: [{versionName: a, env: T}, {versionName: b, env: T}]}",
        ),
        ["secret 'T' is defined 2 times"],
    ),
    "unused secret": (
        _tail("availableSecrets: {inline: [{kmsKeyName: k, envMap: {T: YQ==}}]}"),
        ["secret 'T' is defined and not used"],
    ),
    "unknown secret": (_steps("secretEnv: [T]"), ["secret 'T' is used and not defined"]),
    "secret and variable": (
        _steps("secretEnv: [T], env: [T=1]", rest="availableSecrets: {secretManager: [{versionName: a, env: T}]}"),
        ["step 0: 'T' is both a secret and a plain variable"],
    ),
    "secret named twice": (
        _steps("secretEnv: [T, T]", rest="availableSecrets: {secretManager: [{versionName: a, env: T}]}"),
        ["step 0: secretEnv names 'T' twice"],
    ),
    "secret everywhere and here": (
        _steps(
            "secretEnv: [T]",
            rest="availableSecrets: {secretManager: [{versionName: a, env: T}]}\noptions: {secretEnv: [T]}",
        ),
        ["step 0: secret 'T' is also in options.secretEnv"],
    ),
    "many secrets": (
        _steps(
            f"secretEnv: [{', '.join(f'T{i}' for i in range(101))}]",
            rest=f"availableSecrets: {{inline: [{{envMap: {{{', '.join(f'T{i}: YQ==' for i in range(101))}}}}}]}}",
        ),
        ["101 secrets are defined; at most 100"],
    ),
    "image name": (_tail("images: ['My/App']"), ["image 'My/App' is not a docker image reference"]),
    "many images": (_tail(f"images: [{', '.join(['a'] * 101)}]"), ["101 images are pushed; at most 100"]),
    "two lists of images": (_tail("images: [a]\nartifacts: {images: [a, a]}"), ["images and artifacts.images differ"]),
    "bucket": (
        _tail("artifacts: {objects: {location: s3://b, paths: [a]}}"),
        ["artifacts.objects.location 's3://b' does not start with gs://"],
    ),
    "no paths": (
        _tail("artifacts: {objects: {location: gs://b, paths: []}}"),
        ["artifacts.objects has 0 paths; 1 to 100 are allowed"],
    ),
    "path with a space": (
        _tail("artifacts: {objects: {location: gs://b, paths: [a b, c, c]}}"),
        [
            "artifacts.objects path 'a b' is empty, has white space or is there twice",
            "artifacts.objects path 'c' is empty, has white space or is there twice",
        ],
    ),
    "many tags": (_tail(f"tags: [{', '.join(['a'] * 65)}]"), ["has 65 tags; at most 64"]),
    "tag": (_tail("tags: [a/b]"), ["tag 'a/b' is not allowed"]),
    "branch as tag": (_tail("tags: ['${BRANCH_NAME}']"), ["tag '${BRANCH_NAME}' breaks on a branch with a slash"]),
    "logs": (
        _tail("serviceAccount: projects/p/serviceAccounts/a"),
        ["serviceAccount needs options.logging CLOUD_LOGGING_ONLY or NONE, or a logs bucket"],
    ),
    "undoubled dollar": (
        _steps("args: ['echo $HOME']"),
        ['step 0: args: key in the template "HOME" is not a valid built-in substitution'],
    ),
    "unknown name in an image": (
        _tail("images: ['a:${TAG}']"),
        ['images: key in the template "TAG" is not a valid built-in substitution'],
    ),
    "name for all steps": (
        _tail("options: {env: ['A=$HOME']}"),
        ["options.env: nothing is filled in in 'A=$HOME'"],
    ),
    "greedy name": (
        _steps("env: ['A=$BRANCH_NAME_$COMMIT_SHA']"),
        ['step 0: env: key in the template "BRANCH_NAME_" is not a valid built-in substitution'],
    ),
    "undeclared in a secret": (
        _steps("secretEnv: [T]", rest="availableSecrets: {secretManager: [{versionName: '${_P}', env: T}]}"),
        ['availableSecrets: key in the template "_P" is not a valid built-in substitution'],
    ),
    "unused substitution": (
        _steps("script: echo $_X", rest="substitutions: {_X: a}"),
        ['key "_X" in the substitution data is not matched in the template'],
    ),
    "substitution key": (
        _steps("env: [A=1]", rest="substitutions: {X: a}\noptions: {substitutionOption: ALLOW_LOOSE}"),
        ["substitution 'X' is not allowed: _ and then A-Z, 0-9, _"],
    ),
    "long value": (
        _steps("env: ['A=${_X}']", rest=f"substitutions: {{_X: {'a' * 4001}}}"),
        ["substitution '_X' has 4001 characters; at most 4,000"],
    ),
    "many substitutions": (
        _steps(
            "env: [A=1]",
            rest=f"substitutions: {{{', '.join(f'_X{i}: a' for i in range(201))}}}\n{LOOSE}",
        ),
        ["201 substitutions; at most 200"],
    ),
    "bash form": (
        _steps("env: ['A=${_X:0:8}']", rest="substitutions: {_X: a}"),
        ["step 0: env: ${_X:0:8} needs options.dynamicSubstitutions"],
    ),
    "default": (
        _steps("env: ['A=${_X:-d}']", rest="substitutions: {_X: a}\noptions: {dynamicSubstitutions: true}"),
        ["step 0: env: ${_X:-d} may count as unused; use ${_X}"],
    ),
    "large": (
        _steps(f"script: {'a' * 100_000}"),
        ["has 100048 bytes; above 100000 a build may never be scheduled"],
    ),
}

MAIN = "name: t\ngithub: {owner: o, name: n, push: {branch: ^main$}}\n"

BAD_TRIGGERS = {
    "unknown key": (
        f"{MAIN}filename: cloudbuild.yaml\ncron: '0 3 * * *'",
        [f't: {PROTO}BuildTrigger" has no field named "cron" at "BuildTrigger".'],
    ),
    "name": (
        f"{MAIN}filename: cloudbuild.yaml\n".replace("name: t", "name: t-"),
        ["t-: its name is not 1 to 64 letters, digits and inner dashes"],
    ),
    "no build": (MAIN, ["t: needs one of filename, build, gitFileSource, autodetect"]),
    "two builds": (
        f"{MAIN}filename: cloudbuild.yaml\nautodetect: true",
        [f't: {PROTO}BuildTrigger" should not have multiple "build_template" oneof fields at "BuildTrigger".'],
    ),
    "two events": (
        f"{MAIN}filename: cloudbuild.yaml\nwebhookConfig: {{secret: s}}",
        ["t: has more than one event source: github, webhookConfig"],
    ),
    "no event": (
        "name: t\ngitFileSource: {path: cloudbuild.yaml}",
        ["t: has no event source and no sourceToBuild: nothing can start it"],
    ),
    "manual by file name": (
        "name: t\nfilename: cloudbuild.yaml\nsourceToBuild: {uri: u, ref: refs/heads/main}",
        ["t: a manual trigger reads its file through gitFileSource, not filename"],
    ),
    "no push": (
        "name: t\nfilename: cloudbuild.yaml\ngithub: {owner: o, name: n}",
        ["t: github needs push or pullRequest, one of them"],
    ),
    "push of nothing": (
        "name: t\nfilename: cloudbuild.yaml\ngithub: {push: {invertRegex: true}}",
        ["t: github.push needs branch or tag, one of them"],
    ),
    "pull request to nothing": (
        "name: t\nfilename: cloudbuild.yaml\nrepositoryEventConfig: {pullRequest: {commentControl: COMMENTS_DISABLED}}",
        ["t: repositoryEventConfig.pullRequest needs branch"],
    ),
    "anchors": (
        "name: t\nfilename: cloudbuild.yaml\ngithub: {push: {branch: main}}",
        ["t: github.push.branch 'main' is not anchored by ^ and $"],
    ),
    "expression": (
        "name: t\nfilename: cloudbuild.yaml\ngithub: {push: {tag: '^v(.*$'}}",
        ["t: github.push.tag '^v(.*$' is not an expression: missing ), unterminated subpattern at position 2"],
    ),
    "substitution": (
        f"{MAIN}filename: cloudbuild.yaml\nsubstitutions: {{x: a}}",
        ["t: substitution 'x' is not allowed: _ and then A-Z, 0-9, _"],
    ),
    "account": (
        f"{MAIN}filename: cloudbuild.yaml\nserviceAccount: ci@example.com",
        ["t: serviceAccount 'ci@example.com' is not projects/PROJECT/serviceAccounts/ACCOUNT"],
    ),
    "file": (f"{MAIN}filename: cloudbuild.other.yaml", ["t: runs cloudbuild.other.yaml, which is not rendered"]),
    "same name": (
        f"{MAIN}filename: cloudbuild.yaml\n---\n{MAIN}filename: cloudbuild.yaml",
        ["2 triggers have the name 't'"],
    ),
}


def _build_problems(text: str) -> list[str]:
    return [line.removeprefix("cloudbuild.yaml: ") for line in cloudbuild.problems({"cloudbuild.yaml": text})]


def _trigger_problems(text: str) -> list[str]:
    logged = f"{ONE_STEP}options: {{logging: CLOUD_LOGGING_ONLY}}\n"
    found = cloudbuild.problems({"cloudbuild.yaml": logged, "cloudbuild.triggers.yaml": text})
    return [line.removeprefix("cloudbuild.triggers.yaml: ") for line in found]


def _as_expected(found: list[str], expected: list[str]) -> bool:
    """Equal; a `*` at the end stands for what protobuf adds to the schema's word."""
    if expected[-1:] == ["*"]:
        return found[: len(expected) - 1] == expected[:-1]
    return found == expected


def test_good_files_have_no_problem() -> None:
    assert cloudbuild.problems(ALL) == []
    assert cloudbuild.problems({"cloudbuild.yaml": BUILD}) == []


def test_builds_and_triggers_are_read() -> None:
    parsed = cloudbuild.read(ALL)
    assert list(parsed.builds) == ["cloudbuild.yaml", "cloudbuild.production.yaml"]
    assert [trigger["name"] for trigger in parsed.triggers] == ["app-main", "app-deploy-production"]


@pytest.mark.parametrize("case", BAD_BUILDS)
def test_a_bad_build_says_what_and_where(case: str) -> None:
    text, expected = BAD_BUILDS[case]
    found = _build_problems(text)
    assert _as_expected(found, expected), found


@pytest.mark.parametrize("case", BAD_TRIGGERS)
def test_a_bad_trigger_says_what_and_where(case: str) -> None:
    text, expected = BAD_TRIGGERS[case]
    assert _trigger_problems(text) == expected


def test_a_name_that_only_the_trigger_knows_needs_every_trigger() -> None:
    alone = {"cloudbuild.production.yaml": DEPLOY}
    message = 'step deploy: env: key in the template "_TARGET" is not a valid built-in substitution'
    assert cloudbuild.problems(alone) == [f"cloudbuild.production.yaml: {message}"]


def test_the_account_of_a_trigger_needs_logs_too() -> None:
    triggers = f"{MAIN}filename: cloudbuild.yaml\nserviceAccount: projects/p/serviceAccounts/a\n"
    files = {"cloudbuild.yaml": ONE_STEP, "cloudbuild.triggers.yaml": triggers}
    expected = "cloudbuild.yaml: serviceAccount needs options.logging CLOUD_LOGGING_ONLY or NONE, or a logs bucket"
    assert cloudbuild.problems(files) == [expected]


@pytest.mark.parametrize("module", [cloudbuild_rules, cloudbuild_substitutions, cloudbuild_triggers])
def test_no_rule_can_be_removed(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    for rule in module.RULES:
        with monkeypatch.context() as patch:
            patch.setattr(module, "RULES", tuple(other for other in module.RULES if other is not rule))
            builds = (not _as_expected(_build_problems(text), expected) for text, expected in BAD_BUILDS.values())
            triggers = (_trigger_problems(text) != expected for text, expected in BAD_TRIGGERS.values())
            assert any(builds) or any(triggers), rule.__name__


@pytest.mark.parametrize("text", ["a$b", "$$", "${X}", "$", "", "$(date) ${x} $1", "$X$$Y"])
def test_doubling_every_dollar_is_undone_by_the_service(text: str) -> None:
    assert cloudbuild_substitutions.expand(text.replace("$", "$$"), {}) == text


def test_substitutions_are_filled_in() -> None:
    values = {"_A": "1", "SHORT_SHA": "abc"}
    assert cloudbuild_substitutions.expand("${_A}-$SHORT_SHA ${_A:0:1} $x", values) == "1-abc ${_A:0:1} $x"
    with pytest.raises(KeyError):
        cloudbuild_substitutions.expand("$HOME", values)


@pytest.mark.parametrize(("kind", "message"), [("build", Build), ("trigger", BuildTrigger)])
def test_the_proto_still_lacks_what_is_listed(kind: str, message: type[Build | BuildTrigger]) -> None:
    for path in cloudbuild.LACKING_IN_PROTO[kind]:
        data: object = {}
        for key in reversed(path.split(".")):
            data = {key: data}
        assert isinstance(data, dict)
        assert [*cloudbuild._proto_problems(message, data, ())], path


def test_the_schema_still_lacks_what_is_listed() -> None:
    options = schemas.schema("cloudbuild")["definitions"]["BuildOptions"]["properties"]
    assert not set(cloudbuild.LACKING_IN_SCHEMA["machineType"]) & set(options["machineType"]["enum"])
    assert not set(cloudbuild.LACKING_IN_SCHEMA["options"]) & set(options)
