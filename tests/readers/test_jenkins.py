"""The reader of Jenkinsfiles: each rule refuses what it should, good files pass, and the model tells what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.readers import engines, jenkins


@pytest.fixture(autouse=True)
def _groovy() -> None:
    engines.require(jenkins.available())


def pipeline(*sections: str) -> str:
    """A pipeline of these sections, with an agent and a stage."""
    return "\n".join(["pipeline {", "agent any", *sections, "stages { stage('s') { steps { echo 'x' } } }", "}"])


def staged(*sections: str) -> str:
    """A pipeline whose only stage has these sections."""
    return "\n".join(["pipeline {", "agent none", "stages {", "stage('s') {", *sections, "}", "}", "}"])


def stepped(*steps: str) -> str:
    """A pipeline whose only stage has these steps."""
    return staged("steps {", *steps, "}")


def conditional(*conditions: str) -> str:
    """A stage with these conditions."""
    return staged("when {", *conditions, "}", "steps { echo 'x' }")


def matrix(*sections: str) -> str:
    """A matrix of these sections, with stages."""
    return staged("matrix {", *sections, "stages { stage('cell') { steps { echo 'x' } } }", "}")


AXES = "axes { axis { name 'A'\n values '1', '2' } }"
ECHO = "steps { echo 'x' }"

# The text, the code of the one finding, and a part of its message.
BAD = [
    # The file.
    ("pipeline { agent any", "syntax", "expecting '}'"),
    ("// C:\\users\n" + pipeline(), "syntax", "hex"),
    (stepped("sh 'grep \\d'"), "syntax", "unexpected char"),
    ("node { echo 'x' }", "pipeline-missing", "no pipeline {}"),
    ("node {\n" + pipeline() + "\n}", "pipeline-place", "top level"),
    ("def run() {\n" + pipeline() + "\n}", "pipeline-place", "top level"),
    ("class Build { def run() {\n" + pipeline() + "\n} }", "pipeline-place", "top level"),
    (pipeline() + "\n" + pipeline(), "pipeline-once", "more than one pipeline"),
    (stepped(f"sh '{'x' * 65_536}'"), "string-too-long", "65536"),
    (stepped(f"sh '{'é' * 40_000}'"), "string-too-long", "80000"),
    (stepped(f"sh '{'€' * 22_000}'"), "string-too-long", "66000"),
    (f"def text() {{ '{'x' * 70_000}' }}\n" + pipeline(), "string-too-long", "70000"),
    (stepped("sleep 99999999999999999999"), "big-integer", "too large"),
    (stepped("echo ${X}"), "bare-dollar", "without quotes"),
    # Sections.
    ("pipeline {\nagent any\n}", "missing-section", "'pipeline' needs 'stages'"),
    ("pipeline {\nstages { stage('s') { steps { echo 'x' } } }\n}", "missing-section", "'pipeline' needs 'agent'"),
    (pipeline("steps { echo 'x' }"), "unknown-section", "no section 'steps'"),
    (staged("triggers { cron('@daily') }", ECHO), "unknown-section", "no section 'triggers'"),
    (staged("parameters { string(name: 'A') }", ECHO), "unknown-section", "no section 'parameters'"),
    (pipeline("agent none"), "section-once", "'agent' stands more than once"),
    (pipeline("def x = 1"), "not-a-call", "expected a section of 'pipeline'"),
    (pipeline("if (true) { echo 'x' }"), "not-a-call", "expected a section of 'pipeline'"),
    (pipeline("tools 'jdk'"), "block-expected", "'tools' needs a block"),
    (staged("when { expression { true } } steps { echo 'x' }", ECHO), "command-chain", "'steps' must start on a line"),
    # Stages.
    ("pipeline {\nagent any\nstages { }\n}", "empty-section", "'stages' must not be empty"),
    ("pipeline {\nagent any\nstages { echo 'x' }\n}", "not-a-stage", "holds stages, not 'echo'"),
    ("pipeline {\nagent any\nstages { stage(\"${X}\") { steps { echo 'x' } } }\n}", "stage-name", "literal name"),
    ("pipeline {\nagent any\nstages { stage { steps { echo 'x' } } }\n}", "stage-name", "literal name"),
    ("pipeline {\nagent any\nstages { stage('s') }\n}", "block-expected", "'stage' needs a block"),
    (staged("stages { stage('a') { steps { echo 'x' } }\n stage('a') { steps { echo 'x' } } }"), "stage-once", "'a'"),
    (staged("agent any"), "stage-body", "not none"),
    (staged(ECHO, "stages { stage('a') { steps { echo 'x' } } }"), "stage-body", "not steps and stages"),
    (staged("parallel { }"), "empty-section", "'parallel' must not be empty"),
    (staged("agent any", "parallel { stage('a') { steps { echo 'x' } } }"), "fork-directive", "cannot have 'agent'"),
    (staged("tools { jdk '17' }", "parallel { stage('a') { steps { echo 'x' } } }"), "fork-directive", "'tools'"),
    (staged("parallel { stage('a') { parallel { stage('b') { steps { echo 'x' } } } } }"), "nested-parallel", "inside"),
    (
        staged("parallel { stage('a') { stages { stage('b') {", "matrix {", AXES, "stages { stage('c') {", ECHO)
        + "\n}\n}\n}\n}\n}\n}\n}",
        "nested-parallel",
        "'matrix' cannot stand inside 'parallel'",
    ),
    (
        staged("matrix {", AXES, "stages { stage('a') { parallel { stage('b') { steps { echo 'x' } } } } }", "}"),
        "nested-parallel",
        "'parallel' cannot stand inside 'matrix'",
    ),
    (staged("failFast 'true'", "parallel { stage('a') { steps { echo 'x' } } }"), "boolean-literal", "'failFast'"),
    (staged("failFast env.FAST", "parallel { stage('a') { steps { echo 'x' } } }"), "boolean-literal", "'failFast'"),
    # Agents.
    (staged("agent docker", ECHO), "agent-form", "only 'agent any'"),
    (staged("agent 'linux'", ECHO), "agent-form", "only 'agent any'"),
    (staged("agent { }", ECHO), "empty-section", "'agent' must not be empty"),
    (staged("agent { any }", ECHO), "not-a-call", "expected an agent type"),
    (staged("agent { label 'a'\n docker 'b' }", ECHO), "agent-once", "exactly one type"),
    (staged("agent { podman { image 'b' } }", ECHO), "agent-type", "no agent type 'podman'"),
    (staged("agent { docker { args '-v x' } }", ECHO), "agent-missing-key", "'docker' needs 'image'"),
    (staged("agent { node { customWorkspace 'x' } }", ECHO), "agent-missing-key", "'node' needs 'label'"),
    (staged("agent { docker { image 'a'\n volumes 'b' } }", ECHO), "agent-key", "no key 'volumes'"),
    (staged("agent { docker { image 'a'\n image 'b' } }", ECHO), "agent-key-once", "'image'"),
    (staged("agent { docker { image 'a', 'b' } }", ECHO), "agent-value", "'image' takes exactly one value"),
    (staged("agent { label }", ECHO), "not-a-call", "expected an agent type"),
    (staged("agent { label() }", ECHO), "agent-value", "'label' takes exactly one value"),
    (staged("agent { docker { image = 'a' } }", ECHO), "not-a-call", "an agent key and its value"),
    (staged("agent { docker { image 'a'\n reuseNode 'yes' } }", ECHO), "parameter-type", "must be a boolean"),
    # Environment.
    (staged("environment { }", ECHO), "empty-section", "'environment' must not be empty"),
    (staged("environment 'A'", ECHO), "block-expected", "'environment' needs a block"),
    (staged("environment { a 'x' }", ECHO), "environment-entry", "expected NAME = value"),
    (staged("environment { A += 'x' }", ECHO), "environment-entry", "expected NAME = value"),
    (staged("environment { A.B = 'x' }", ECHO), "environment-name", "not a variable name"),
    (staged("environment { A$B = 'x' }", ECHO), "environment-name", "A$B"),
    (staged("environment { A = 'x'\n A = 'y' }", ECHO), "environment-once", "'A' is set more than once"),
    (staged("environment { A = B }", ECHO), "environment-value", "a quoted string or a function call: B"),
    (staged("environment { A = ['x'] }", ECHO), "environment-value", "a quoted string"),
    (staged("environment { A = [b: 'x'] }", ECHO), "environment-value", "a quoted string"),
    (staged("environment { A = params.B }", ECHO), "environment-value", "params.B"),
    (staged("environment { A = 2 * 3 }", ECHO), "environment-operator", "'+' only"),
    (staged("environment { A = 'x' - 'y' + 'z' }", ECHO), "environment-operator", "'+' only"),
    (staged("environment { A = 'x' + B }", ECHO), "environment-join", "joined: B"),
    (staged("environment { A = B + 'x' + 'y' }", ECHO), "environment-join", "joined: B"),
    (staged("environment { A = credentials(B) }", ECHO), "credentials-argument", "a string"),
    # Options, triggers, parameters, tools, libraries.
    (pipeline("options { }"), "empty-section", "'options' must not be empty"),
    (pipeline("options { timestamps }"), "not-a-call", "expected a definition (option)"),
    (pipeline("options { [timeout: 1] }"), "not-a-call", "expected a definition (option)"),
    (pipeline("options { discardOld() }"), "unknown-definition", "no option 'discardOld'"),
    (pipeline("options { dir('x') }"), "unknown-definition", "no option 'dir'"),
    (staged("options { disableConcurrentBuilds() }", ECHO), "unknown-definition", "no option of a stage"),
    (staged("options { node('x') }", ECHO), "unknown-definition", "no option of a stage 'node'"),
    (pipeline("options { timestamps()\n timestamps() }"), "definition-once", "'timestamps'"),
    (pipeline("options { timeout(time: 1) { echo 'x' } }"), "no-block", "'timeout' takes no block"),
    (pipeline("options { timeout(5, unit: 'HOURS') }"), "mixed-arguments", "'timeout' mixes"),
    (pipeline("options { timeout(time: 1, unit: 'HOUR') }"), "parameter-type", "one of NANOSECONDS"),
    (pipeline("options { buildDiscarder(logRotator({ 1 })) }"), "closure-argument", "cannot be a block"),
    (pipeline("triggers { }"), "empty-section", "'triggers' must not be empty"),
    (pipeline("triggers { daily() }"), "unknown-definition", "no trigger 'daily'"),
    (pipeline("triggers { cron('@daily')\n cron('@weekly') }"), "definition-once", "'cron'"),
    (pipeline("triggers { cron(properties([])) }"), "blocked-step", "'properties' is not allowed"),
    (pipeline("parameters { }"), "empty-section", "'parameters' must not be empty"),
    (pipeline("parameters { number(name: 'A') }"), "unknown-definition", "no parameter 'number'"),
    (pipeline("parameters { string(defaultValue: 'A') }"), "missing-parameter", "'string' needs 'name'"),
    (pipeline("parameters { booleanParam(name: 'A', defaultValue: 'true') }"), "parameter-type", "a boolean"),
    (pipeline("tools { }"), "empty-section", "'tools' must not be empty"),
    (pipeline("tools { jdk() }"), "tool-value", "'jdk' takes exactly one value"),
    (pipeline("libraries { }"), "empty-section", "'libraries' must not be empty"),
    (pipeline("libraries { library('x') }"), "library-form", "only lib('name@version')"),
    (pipeline("libraries { lib('x', 'y') }"), "library-form", "exactly one value"),
    # When.
    (conditional(), "empty-section", "'when' needs a condition"),
    (conditional("beforeAgent true"), "empty-section", "'when' needs a condition"),
    (staged("when 'x'", ECHO), "block-expected", "'when' needs a block"),
    (conditional("env.X == '1'"), "not-a-call", "expected a condition"),
    (conditional("beforeAgent 'true'", "branch 'x'"), "boolean-literal", "'beforeAgent'"),
    (conditional("onBranch 'x'"), "unknown-condition", "no condition 'onBranch'"),
    (conditional("not { }"), "condition-children", "exactly one"),
    (conditional("not { branch 'a'\n branch 'b' }"), "condition-children", "exactly one"),
    (conditional("anyOf { }"), "condition-children", "at least one"),
    (conditional("allOf('x') { branch 'a' }"), "condition-arguments", "takes no arguments"),
    (conditional("anyOf()"), "block-expected", "'anyOf' needs a block"),
    (conditional("expression 'x'"), "block-expected", "'expression' needs a block"),
    (conditional("allOf { x = 1\n branch 'a' }"), "not-a-call", "expected a condition"),
    (conditional("branch('x') { tag 'y' }"), "condition-children", "'branch' holds no conditions"),
    (conditional("branch()"), "missing-parameter", "'branch' needs 'pattern'"),
    (conditional("environment name: 'A'"), "missing-parameter", "'environment' needs 'value'"),
    (conditional("equals expected: 1"), "missing-parameter", "'equals' needs 'actual'"),
    (conditional("branch glob: 'x', pattern: 'y'"), "unknown-parameter", "'branch' has no parameter 'glob'"),
    (conditional("tag pattern: 'x', comparator: 'LIKE'"), "parameter-type", "one of GLOB, REGEXP, EQUALS"),
    (conditional("branch 1"), "parameter-type", "'pattern' of 'branch' must be a string"),
    (conditional("branch pattern: '(', comparator: 'REGEXP'"), "bad-pattern", "not a regular expression"),
    (conditional("changelog '['"), "bad-pattern", "not a regular expression"),
    # Input.
    (staged("input { ok 'Go' }", ECHO), "missing-section", "'input' needs 'message'"),
    (staged("input 'Deploy?'", ECHO), "block-expected", "'input' needs a block"),
    (staged("input { message 'a'\n timeout 1 }", ECHO), "unknown-section", "'input' has no section 'timeout'"),
    (staged("input { message 'a', 'b' }", ECHO), "input-value", "'message' takes exactly one value"),
    (staged("input { message 'a'\n message 'b' }", ECHO), "section-once", "'message'"),
    (staged("input { message 'a'\n parameters { number(name: 'A') } }", ECHO), "unknown-definition", "'number'"),
    # Post.
    (staged(ECHO, "post { }"), "empty-section", "'post' must not be empty"),
    (staged(ECHO, "post { finally { echo 'x' } }"), "syntax", "finally"),
    (staged(ECHO, "post { done { echo 'x' } }"), "post-condition", "no condition 'done'"),
    (staged(ECHO, "post { always { echo 'x' }\n always { echo 'y' } }"), "section-once", "'always'"),
    (staged(ECHO, "post { always { } }"), "empty-section", "'always' must not be empty"),
    (pipeline("post { always 'x' }"), "block-expected", "'always' needs a block"),
    # Matrix.
    (matrix(), "missing-section", "'matrix' needs 'axes'"),
    (staged("matrix {", AXES, "}"), "missing-section", "'matrix' needs 'stages'"),
    (matrix(AXES, "failFast true"), "unknown-section", "'matrix' has no section 'failFast'"),
    (matrix("axes { }"), "empty-section", "'axes' must not be empty"),
    (matrix("axes { axe { name 'A' } }"), "unknown-section", "'axes' holds 'axis', not 'axe'"),
    (matrix("axes { axis { values '1' } }"), "missing-section", "'axis' needs 'name'"),
    (matrix("axes { axis { name 'A' } }"), "axis-values", "needs values"),
    (matrix("axes { axis { name 'A'\n values() } }"), "axis-values", "takes literals"),
    (matrix("axes { axis { name 'A'\n values X } }"), "axis-values", "takes literals"),
    (matrix("axes { axis { name 'A'\n values '1', '1' } }"), "axis-value-once", "'1'"),
    (matrix("axes { axis { name 'A-B'\n values '1' } }"), "axis-name", "a variable name"),
    (matrix("axes { axis { name 'A', 'B'\n values '1' } }"), "axis-name", "exactly one value"),
    (matrix("axes { axis { name 'A'\n values '1' }\n axis { name 'A'\n values '1' } }"), "axis-once", "'A'"),
    (matrix("axes { axis { name 'A'\n values '1'\n notValues '2' } }"), "unknown-section", "no section 'notValues'"),
    (matrix(AXES, "excludes { }"), "empty-section", "'excludes' must not be empty"),
    (matrix(AXES, "excludes { exclude { } }"), "empty-section", "'exclude' must not be empty"),
    (matrix(AXES, "excludes { exclude { axis { name 'A' } } }"), "axis-values", "needs values or notValues"),
    (
        matrix(AXES, "excludes { exclude { axis { name 'A'\n values '1'\n notValues '2' } } }"),
        "axis-values",
        "needs values or notValues",
    ),
    # Steps.
    (stepped(), "empty-section", "'steps' must not be empty"),
    (stepped("def x = 1"), "not-a-call", "expected a step"),
    (stepped("x = 1"), "not-a-call", "expected a step"),
    (stepped("if (x) { echo 'x' }"), "not-a-call", "expected a step"),
    (stepped("for (x in y) { echo x }"), "not-a-call", "expected a step"),
    (stepped("return"), "not-a-call", "expected a step"),
    (stepped("deleteDir"), "not-a-call", "found: deleteDir"),
    (stepped('"${name}"()'), "not-a-call", "expected a step"),
    (stepped("docker.build('x')"), "object-call", "in script {} only: docker.build('x')"),
    (stepped("dir('x') { list.each { echo it } }"), "object-call", "in script {} only"),
    (stepped("this.job()"), "object-call", "in script {} only"),
    (stepped("stage('x') { echo 'x' }"), "blocked-step", "'stage' is not allowed here"),
    (stepped("properties([])"), "blocked-step", "'properties' is not allowed here"),
    (stepped("echo 'x'", "parallel a: { echo 'x' }"), "blocked-step", "'parallel' is not allowed here"),
    (stepped("dir('x') { parallel a: { echo 'x' } }"), "blocked-step", "'parallel' is not allowed here"),
    (staged(ECHO, "post { always { parallel a: { echo 'x' } } }"), "blocked-step", "'parallel' is not allowed here"),
    (stepped("parallel a: 'x', b: { echo 'x' }"), "parallel-branch", "'a' must be a block"),
    (stepped("parallel a: { echo 'x' }, failFast: 'yes'"), "parallel-branch", "'failFast'"),
    (stepped("parallel({ echo 'x' })"), "parallel-branch", "named branches"),
    (stepped("script 'x'"), "block-expected", "'script' needs a block"),
    (stepped("timeout(5)"), "block-expected", "'timeout' needs a block"),
    (stepped("echo('x') { echo 'y' }"), "no-block", "the step 'echo' takes no block"),
    (stepped("echo()"), "missing-parameter", "'echo' needs 'message'"),
    (stepped("sh label: 'x'"), "missing-parameter", "'sh' needs 'script'"),
    (stepped("lock(label: 'gpu') { echo 'x' }"), "missing-parameter", "'lock' needs 'resource'"),
    (stepped("node { echo 'x' }"), "missing-parameter", "'node' needs 'label'"),
    (stepped("milestone()"), "missing-parameter", "'milestone' needs 'ordinal'"),
    (stepped("sh 'a', 'b'"), "unnamed-arguments", "'sh' must be named"),
    (stepped("writeFile 'a'"), "unnamed-arguments", "'writeFile' must be named"),
    (stepped("catchError('x') { echo 'x' }"), "unnamed-arguments", "'catchError' must be named"),
    (stepped("sh 'a', label: 'b'"), "mixed-arguments", "'sh' mixes"),
    (stepped("job 'a', label: 'b'"), "mixed-arguments", "'job' mixes"),
    (stepped("sh script: 'a', shell: 'b'"), "unknown-parameter", "'sh' has no parameter 'shell'"),
    (stepped("stash name: 'a', include: 'b'"), "unknown-parameter", "'stash' has no parameter 'include'"),
    (stepped("stash name: 'a', name: 'b'"), "syntax", "Duplicate named parameter"),
    (stepped("echo 1"), "parameter-type", "'message' of 'echo' must be a string"),
    (stepped("echo message: true"), "parameter-type", "'message' of 'echo' must be a string"),
    (stepped("sleep 'x'"), "parameter-type", "'time' of 'sleep' must be an integer"),
    (stepped("retry(true) { echo 'x' }"), "parameter-type", "'count' of 'retry' must be an integer"),
    (stepped("junit testResults: 'x', allowEmptyResults: 'yes'"), "parameter-type", "must be a boolean"),
    (stepped("catchError(stageResult: 'FAILED') { echo 'x' }"), "parameter-type", "one of SUCCESS, UNSTABLE"),
    (stepped("withCredentials([]) { sh 1 }"), "parameter-type", "must be a string"),
]


@pytest.mark.parametrize(("text", "code", "message"), BAD, ids=[f"{i}-{code}" for i, (_, code, _) in enumerate(BAD)])
def test_bad(text: str, code: str, message: str) -> None:
    findings = jenkins.lint(text)
    assert [finding.code for finding in findings] == [code], text
    assert message in findings[0].message
    assert findings[0].severity == "error"
    assert findings[0].line >= 1
    assert findings[0].column >= 1


def test_every_code_has_a_case() -> None:
    written = "".join(path.read_text("utf-8") for path in Path(jenkins.__file__).parent.glob("*.groovy"))
    codes = set(re.findall(r"(?:error|add|single)\([^\n]*?'([a-z]+(?:-[a-z]+)*)'", written))
    codes |= set(re.findall(r"(?:unique\([^\n]*?|code: )'([a-z]+(?:-[a-z]+)*)'", written))
    assert codes - {"too-large", "nearly-too-large", "error", "warning"} <= {code for _, code, _ in BAD}


def test_a_finding_has_its_place() -> None:
    text = (
        "pipeline {\n  agent any\n  stages {\n    stage('s') {\n      steps {\n        echo 1\n      }\n    }\n  }\n}\n"
    )
    assert [str(f) for f in jenkins.lint(text)] == ["6:14: error parameter-type: 'message' of 'echo' must be a string"]


def test_all_findings_in_the_order_of_the_text() -> None:
    text = pipeline("options { }", "triggers { never() }", "environment { A = B }")
    assert [(f.line, f.code) for f in jenkins.lint(text)] == [
        (3, "empty-section"),
        (4, "unknown-definition"),
        (5, "environment-value"),
    ]
