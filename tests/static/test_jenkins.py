"""Each rule catches a pipeline that breaks it."""

from __future__ import annotations

import pytest

from tests.readers import engines, jenkins
from tests.static.jenkins import CALL_RULES, PIPELINE_RULES, rules, scripts

AGENT = "agent { label 'docker' }"
SCRIPT = r"sh '''#!/bin/sh\nset -e\nmake\n'''"


def pipeline(steps: str = SCRIPT, *, stage: str = AGENT, root: str = "agent none", options: str = "skipDefaultCheckout()") -> str:
    return f"pipeline {{\n{root}\noptions {{\n{options}\n}}\nstages {{\nstage('test') {{\n{stage}\nsteps {{\n{steps}\n}}\n}}\n}}\n}}\n"


def script(text: str) -> str:
    lines = text.replace("'", "\\'").replace("\n", "\\n")
    return pipeline(f"sh '#!/bin/sh\\nset -e\\n{lines}\\n'")


def bound(text: str, where: str = AGENT) -> str:
    return pipeline(
        text, stage=f"{where}\nwhen {{ branch pattern: 'main', comparator: 'EQUALS' }}\nenvironment {{\nKEY = credentials('KEY')\n}}"
    )


def found(text: str, plugins: str = "git:5.10.1\n") -> set[str]:
    engines.require(jenkins.available())
    return {each.rule for each in rules({"Jenkinsfile": text, "jenkins/plugins.txt": plugins})}


BAD: dict[str, str] = {
    "pasted-text": pipeline('sh "echo ${env.NAME}"'),
    "outsiders-text": pipeline('echo "built ${env.CHANGE_TITLE}"'),
    "script-approval": pipeline("script {\njenkins.model.Jenkins.instance.doQuietDown()\n}"),
    "loaded-code": pipeline("load 'ci/steps.groovy'"),
    "returned-output": pipeline("script {\nx(sh(returnStdout: true, script: 'make'))\n}"),
    "privileged-container": pipeline("script {\ndocker.image('x').inside('--privileged') {\nmake()\n}\n}"),
    "piped-script": script("curl -s https://example.com/install | sh"),
    "readable-credential": script('printf "%s" "$KEY" > "$WORKSPACE_TMP/KEY.secret"'),
    "credential-argument": script('docker login -u "$USER" -p "$PASSWORD"'),
    "first-line": pipeline(r"sh '''\n#!/bin/sh\nset -e\nmake'''"),
    "secret-for-all": pipeline(root="agent none\nenvironment {\nKEY = credentials('KEY')\n}"),
    "unused-secret": bound(SCRIPT),
    "printed-secret": bound("sh 'deploy --key \"$KEY\"'"),
    "secret-for-forks": pipeline("sh '#!/bin/sh\\nset -e\\n: \"$KEY\"'", stage=f"{AGENT}\nenvironment {{\nKEY = credentials('KEY')\n}}"),
    "agent-for-all": pipeline(root="agent any"),
    "default-checkout": pipeline(options="timestamps()"),
    "unbounded-wait": pipeline(stage=f"{AGENT}\noptions {{\ntimeout(time: 1, unit: 'HOURS')\n}}\ninput {{\nmessage 'Go?'\n}}"),
    "unheld-delivery": pipeline("milestone(ordinal: 1)"),
    "superseded-delivery": pipeline(options="skipDefaultCheckout()\ndisableConcurrentBuilds(abortPrevious: true)"),
    "annotation": f"@NonCPS\ndef x() {{\n  return 1\n}}\n{pipeline()}",
    "declarative": pipeline(stage=f"{AGENT}\nunknown {{\n}}"),
}


def test_a_good_pipeline_breaks_none() -> None:
    assert found(pipeline()) == set()
    assert found(bound("sh '#!/bin/sh\\nset -e\\n: \"$KEY\"'")) == set()


def test_each_rule_has_its_bad_pipeline() -> None:
    assert set(BAD) == {*CALL_RULES, *PIPELINE_RULES, "annotation", "declarative"}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pipeline_is_caught(name: str) -> None:
    assert found(BAD[name]) == {name}


def test_a_wait_without_end_is_caught() -> None:
    assert found(pipeline(stage="input {\nmessage 'Go?'\n}", steps="echo 'x'")) == {"unbounded-wait"}


def test_a_plugin_of_whatever_version_is_caught() -> None:
    assert found(pipeline(), "git\n") == {"moving-plugin"}


def test_scripts_are_read_as_their_shell_reads_them() -> None:
    engines.require(jenkins.available())
    text = pipeline("sh 'make'\nsh '#!/usr/bin/env bash\\nset -eo pipefail\\nmake'")
    assert [(each.text, each.shell, each.options) for each in scripts({"Jenkinsfile": text})] == [
        ("make", "sh", "-xe"),
        ("make", "bash", "-eo pipefail"),
    ]
