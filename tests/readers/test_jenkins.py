"""The reader of Jenkinsfiles: each rule refuses what it should, good files pass, and the model tells what they say."""

from __future__ import annotations

import os
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
        staged("parallel { stage('a') { stages { stage('b') {", "matrix {", AXES, "stages { stage('c') {", ECHO) + "\n}\n}\n}\n}\n}\n}\n}",
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
    (staged("environment { A = credentials(B) }", ECHO), "credentials-argument", "one string"),
    (staged("environment { A = credentials() }", ECHO), "credentials-argument", "one string"),
    (staged("environment { A = credentials(id: 'b') }", ECHO), "credentials-argument", "one string"),
    (staged("environment { A = credentials('b', c: 'd') }", ECHO), "credentials-argument", "one string"),
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
    ("def echo(Map a) { 1 }\n" + stepped("echo(b: 'c', message: 'd')"), "unknown-parameter", "'echo' has no parameter"),
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
    text = "pipeline {\n  agent any\n  stages {\n    stage('s') {\n      steps {\n        echo 1\n      }\n    }\n  }\n}\n"
    assert [str(f) for f in jenkins.lint(text)] == ["6:14: error parameter-type: 'message' of 'echo' must be a string"]


def test_all_findings_in_the_order_of_the_text() -> None:
    text = pipeline("options { }", "triggers { never() }", "environment { A = B }")
    assert [(f.line, f.code) for f in jenkins.lint(text)] == [
        (3, "empty-section"),
        (4, "unknown-definition"),
        (5, "environment-value"),
    ]


GOOD = {
    "waves of docker stages": """
@Library('shared') _
import groovy.transform.Field
@Field String IMAGE = 'python:3.12'

pipeline {
  agent none
  options {
    buildDiscarder(logRotator(numToKeepStr: '30', artifactNumToKeepStr: '5'))
    disableConcurrentBuilds(abortPrevious: true)
    skipDefaultCheckout()
    preserveStashes(buildCount: 5)
    timestamps()
    timeout(time: 1, unit: 'HOURS', activity: true)
  }
  environment {
    HOME = "${WORKSPACE}"
    PIP_CACHE = 'a' + "/b/${env.X}" + 'c'
    TOKEN = credentials('pypi-token')
    VERSION = sh(script: 'git describe', returnStdout: true).trim()
  }
  stages {
    stage('check') {
      failFast true
      parallel {
        stage('lint') {
          agent {
            docker {
              image 'python:3.12'
              args "--entrypoint='' -u 0:0"
              label 'docker'
              reuseNode true
            }
          }
          steps {
            deleteDir()
            checkout scm
            sh(label: 'lint', script: '''#!/usr/bin/env bash
set -euo pipefail
ruff check . | tee lint.log
''')
          }
          post {
            always { archiveArtifacts artifacts: 'lint.log', allowEmptyArchive: true, fingerprint: true }
            cleanup { cleanWs() }
          }
        }
        stage('test') {
          stages {
            stage('unit') {
              agent { label 'linux && docker' }
              steps { sh 'make test' }
              post { always { junit testResults: 'r/*.xml', allowEmptyResults: true, skipMarkingBuildUnstable: true } }
            }
            stage('slow') {
              agent any
              steps { sh 'make slow' }
            }
          }
        }
      }
    }
  }
  post {
    failure { node('linux') { sh 'notify' } }
    cleanup { echo 'done' }
  }
}
""",
    "a gate": """
pipeline {
  agent none
  stages {
    stage('production') {
      when {
        beforeInput true
        branch pattern: 'main', comparator: 'EQUALS'
        not { buildingTag() }
      }
      options { timeout(time: 1, unit: 'DAYS') }
      input {
        message 'Deploy to production?'
        ok 'Deploy'
        submitter 'ops,alice'
        submitterParameter 'APPROVER'
        parameters { choice(name: 'SPEED', choices: ['slow', 'fast'], description: 'how') }
      }
      stages {
        stage('pass') { steps { milestone(ordinal: 10) } }
        stage('locked') {
          options { lock(resource: 'env-production', inversePrecedence: true) }
          stages {
            stage('deploy') {
              agent { node { label 'deploy'; customWorkspace '/w'; retries 2 } }
              steps { retry(count: 2, conditions: [agent(), nonresumable()]) { timeout(5) { sh 'deploy' } } }
            }
          }
        }
      }
    }
  }
}
""",
    "functions beside the pipeline": """
def make(Map options = [:]) {
  if (options.clean) { sh 'git clean -fdx' }
  for (name in ['a', 'b']) { docker.image(name).inside { sh "make ${name}" } }
  return readFile('VERSION').trim()
}

def runDag(Map jobs) {
  def state = [:]
  def branches = [:]
  jobs.each { name, job ->
    branches[name] = {
      waitUntil(quiet: true, initialRecurrencePeriod: 250) { job.needs.every { state[it] != null } }
      try { stage(name) { job.body() }; state[name] = 'ok' } catch (e) { state[name] = 'failed'; throw e }
    }
  }
  parallel(branches)
}

pipeline {
  agent any
  stages {
    stage('build') { steps { make(clean: true) } }
    stage('dag') { steps { script { runDag(a: [needs: [], body: { -> echo 'a' }]) } } }
  }
}
""",
    "a matrix": """
pipeline {
  agent none
  stages {
    stage('test') {
      matrix {
        axes {
          axis { name 'PYTHON'; values '3.11', '3.12', '3.13' }
          axis { name 'DB'; values 'postgres', 'sqlite' }
        }
        excludes {
          exclude {
            axis { name 'PYTHON'; values '3.11' }
            axis { name 'DB'; notValues 'sqlite' }
          }
        }
        agent { docker { image "python:${PYTHON}" } }
        when { beforeAgent true; changeset '**/*.py' }
        environment { URL = "db://${DB}" }
        stages { stage('unit') { steps { sh 'tox' } } }
        post { always { junit 'r.xml' } }
      }
    }
  }
}
""",
    "artifacts": """
pipeline {
  agent none
  stages {
    stage('make') {
      agent any
      steps {
        sh 'make'
        stash name: 'dist', includes: 'dist/**', allowEmpty: true, useDefaultExcludes: false
      }
    }
    stage('use') {
      agent any
      options { skipDefaultCheckout(true); checkoutToSubdirectory('src') }
      steps {
        unstash 'dist'
        publishHTML(target: [allowMissing: true, alwaysLinkToLastBuild: true, keepAll: true, reportDir: 'h',
                             reportFiles: 'index.html', reportName: 'Coverage'])
        publishHTML([allowMissing: true, reportDir: 'h', reportFiles: 'index.html', reportName: 'Coverage'])
        archive(includes: 'dist/**')
      }
    }
  }
}
""",
    "secrets and failures": """
pipeline {
  agent { label 'linux' }
  stages {
    stage('publish') {
      steps {
        withCredentials([string(credentialsId: 'a', variable: 'A'), file(credentialsId: 'b', variable: 'B')]) {
          withEnv(['X=1']) { dir('sub') { sh 'curl -H "Authorization: $A" -d @$B https://example.com' } }
        }
        catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') { sh 'flaky' }
        warnError('flaky') { error 'no' }
        lock(label: 'gpu', quantity: 1, resource: null) { sleep 5 }
        unstable('so so')
        build job: 'deploy', wait: false, parameters: [string(name: 'V', value: '1')]
      }
    }
  }
}
""",
    "parameters and triggers": """
pipeline {
  agent any
  parameters {
    string(name: 'VERSION', defaultValue: '1', description: 'what', trim: true)
    text(name: 'NOTES', defaultValue: '')
    booleanParam(name: 'DRY', defaultValue: true, description: '')
    choice(name: 'WHERE', choices: ['a', 'b'])
    password(name: 'PW', description: 'x')
  }
  triggers {
    cron(env.BRANCH_NAME == 'main' ? 'H 2 * * *' : '')
    parameterizedCron('H 4 * * * %DRY=true')
    pollSCM('H/5 * * * *')
    upstream(upstreamProjects: 'a,b', threshold: hudson.model.Result.SUCCESS)
  }
  stages { stage('s') { steps { echo params.VERSION; echo "${params.DRY}" } } }
}
""",
    "a cache": """
pipeline {
  agent any
  stages {
    stage('s') {
      steps {
        cache(maxCacheSize: 500, defaultBranch: 'main', caches: [
          arbitraryFileCache(path: '.cache/pip', cacheValidityDecidingFile: 'requirements.txt')
        ]) {
          sh 'pip install -r requirements.txt'
        }
      }
    }
  }
}
""",
    "every condition": """
pipeline {
  agent any
  stages {
    stage('s') {
      when {
        beforeAgent true
        beforeInput false
        beforeOptions true
        expression { return env.FLAG == 'true' && params.X }
        anyOf {
          branch 'release/*'
          branch pattern: 'r/.+', comparator: 'REGEXP'
          changeRequest()
          changeRequest target: 'main'
          tag 'v*'
          tag pattern: 'v.*', comparator: 'regexp'
          allOf { changelog '^fix'; changeset pattern: '*.js', caseSensitive: true }
          environment name: 'A', value: 'b'
          equals expected: 2, actual: currentBuild.number
          triggeredBy 'TimerTrigger'
          triggeredBy cause: 'UserIdCause', detail: 'alice'
          isRestartedRun()
        }
      }
      steps { echo 'x' }
    }
  }
}
""",
    "services": """
pipeline {
  agent { label 'docker' }
  stages {
    stage('s') {
      steps {
        sh 'docker network create n'
        script {
          docker.image('postgres:16').withRun('-e POSTGRES_PASSWORD=x') { c ->
            docker.image('python:3.12').inside("--link ${c.id}:db") { sh 'pytest' }
          }
          def out = sh(script: 'cat x', returnStdout: true).trim()
          if (out != 'ok') { error "was ${out}" }
        }
      }
      post { cleanup { sh 'docker network rm n' } }
    }
  }
}
""",
    "kubernetes": """
pipeline {
  agent {
    kubernetes {
      defaultContainer 'main'
      yaml '''
spec:
  containers:
  - {name: main, image: "python:3.12", command: [sleep], args: [99d]}
'''
    }
  }
  stages { stage('s') { steps { container('main') { sh 'pytest' } } } }
}
""",
    "steps in parallel": """
pipeline {
  agent any
  tools { jdk 'temurin-17'; maven 'maven-3' }
  libraries { lib('shared@1.2') }
  stages {
    stage('s') {
      steps {
        parallel(a: { sh 'a' }, b: { echo 'b' }, failFast: true)
      }
    }
    stage('nested') {
      agent { dockerfile { filename 'Dockerfile.ci'; dir 'ci'; additionalBuildArgs '--pull' } }
      stages { stage('s') { stages { stage('s') { parallel { stage('s') { steps { sh 'c' } } } } } } }
    }
    stage('built') {
      agent { dockerfile true }
      steps { slackSend channel: '#x', message: 'y'; myStep('a', 'b') }
    }
  }
}
""",
    "a text longer than a literal": stepped(f"sh '{'a' * 60_000}' + '{'b' * 60_000}'"),
    "one-line blocks": "pipeline { agent any; stages { stage('s') { steps { echo 'x'; echo 'y' } } } }",
}


@pytest.mark.parametrize("name", GOOD)
def test_good(name: str) -> None:
    assert jenkins.lint(GOOD[name]) == []
    assert jenkins.model(GOOD[name])["stages"]


def many(count: int, body: str) -> str:
    """A pipeline of this many stages with the same sections."""
    stages = "\n".join(f"stage('s{number}') {{\n{body}\n}}" for number in range(count))
    return f"pipeline {{\nagent none\nstages {{\n{stages}\n}}\n}}"


# What measurements with the real transformer called a rich stage: 2.5 KB, 25 fit and 30 do not.
RICH = """
agent { docker { image 'python:3.12' } }
when { anyOf { branch 'main'; changeRequest() } }
options { timeout(time: 1, unit: 'HOURS'); retry(2) }
environment { A = 'a'; B = 'b'; C = 'c' }
steps { sh 'a'; sh label: 'b', script: 'b'; unstash 'c'; stash name: 'd', includes: 'e' }
post { always { junit testResults: 'x', allowEmptyResults: true; archiveArtifacts artifacts: 'y', fingerprint: true } }
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (many(10, RICH), []),
        (many(22, RICH), ["warning nearly-too-large"]),
        (many(30, RICH), ["error too-large"]),
        (many(120, "steps { sh 'x' }"), []),
        (many(150, "steps { sh 'x' }"), ["warning nearly-too-large"]),
        (many(200, "steps { sh 'x' }"), ["error too-large"]),
    ],
    ids=["rich", "rich and many", "rich and too many", "minimal", "minimal and many", "minimal and too many"],
)
def test_size(text: str, expected: list[str]) -> None:
    assert [f"{finding.severity} {finding.code}" for finding in jenkins.lint(text)] == expected


@pytest.mark.parametrize(
    ("section", "more"),
    [
        ("agent any", 136),
        ("agent none", 0),
        ("agent { label 'x' }", 136),
        ("agent { docker 'x' }", 160),
        ("agent { docker { image 'x'; label 'y'; args 'z' } }", 216),
        ("when { branch 'x' }", 188),
        ("when { anyOf { branch 'x'; branch 'y' } }", 362),
        ("when { expression { true } }", 360),
        ("when { expression { a && b || c } }", 520),
        ("environment { A = 'a' }", 187),
        ("environment { A = 'a'; B = 'b' }", 308),
        ("environment { A = 'a'; B = \"${A}\" }", 577),
        ("environment { A = 'a'; B = credentials('b') }", 374),
        ("options { timeout(5) }", 160),
        ("input { message 'x' }", 84),
        ("post { always { echo 'x' } }", 192),
        ("post { always { echo 'x' }\n failure { echo 'x' } }", 384),
    ],
)
def test_size_of_a_directive(section: str, more: int) -> None:
    plain = jenkins.model(staged("steps { sh 'x' }"))["bytes"]
    assert plain == 335
    assert jenkins.model(staged(section, "steps { sh 'x' }"))["bytes"] == plain + more


@pytest.mark.parametrize(
    ("step", "more"),
    [
        ("unstash 'x'", 60),
        ("checkout scm", 76),
        ("stash name: 'x', includes: 'y'", 110),
        ("script { sh 'y' }", 129),
        ("withCredentials([]) { echo 'x' }", 311),
    ],
)
def test_size_of_a_step(step: str, more: int) -> None:
    assert jenkins.model(stepped("sh 'x'", step))["bytes"] == 335 + more


def test_size_counts_the_cells_that_are_left() -> None:
    def of(*sections: str) -> int:
        return int(jenkins.model(matrix(*sections))["bytes"])

    axes = "axes { axis { name 'A'\n values '1', '2', '3' }\n axis { name 'B'\n values 'x', 'y' } }"
    one = "excludes { exclude { axis { name 'A'\n values '1' }\n axis { name 'B'\n notValues 'x' } } }"
    assert of(axes) - of(axes, one) == 425
    assert of("agent any", axes) - of(axes) == 6 * 136
    assert of("agent any", axes, one) - of(axes, one) == 5 * 136


def test_model() -> None:
    read = jenkins.model(GOOD["waves of docker stages"])
    assert read["agent"] == {"type": "none"}
    assert read["options"][0] == {
        "name": "buildDiscarder",
        "line": 9,
        "arguments": {"strategy": {"call": "logRotator", "arguments": {"numToKeepStr": "30", "artifactNumToKeepStr": "5"}}},
    }
    assert {entry["name"]: entry["value"] for entry in read["environment"]} == {
        "HOME": {"gstring": "${WORKSPACE}"},
        "PIP_CACHE": {"gstring": "a/b/${env.X}c"},
        "TOKEN": {"call": "credentials", "arguments": {}, "positional": ["pypi-token"]},
        "VERSION": {"groovy": "sh(script: 'git describe', returnStdout: true).trim()"},
    }
    assert [stage["name"] for stage in jenkins.stages(read)] == ["check", "lint", "test", "unit", "slow"]
    check = read["stages"][0]
    assert check["failFast"] is True
    lint = check["parallel"][0]
    assert lint["agent"]["arguments"] == {
        "image": "python:3.12",
        "args": "--entrypoint='' -u 0:0",
        "label": "docker",
        "reuseNode": True,
    }
    assert lint["steps"][1] == {"name": "checkout", "line": 37, "arguments": {"scm": {"groovy": "scm"}}}
    assert list(lint["post"]) == ["always", "cleanup"]
    assert jenkins.shell(lint) == ["#!/usr/bin/env bash\nset -euo pipefail\nruff check . | tee lint.log\n"]
    assert jenkins.shell(read) == ["notify", *jenkins.shell(lint), "make test", "make slow"]


def test_model_of_a_gate() -> None:
    gate = jenkins.model(GOOD["a gate"])["stages"][0]
    assert gate["when"]["beforeInput"] is True
    assert gate["when"]["conditions"] == [
        {"name": "branch", "line": 8, "arguments": {"pattern": "main", "comparator": "EQUALS"}},
        {"name": "not", "line": 9, "conditions": [{"name": "buildingTag", "line": 9, "arguments": {}}]},
    ]
    assert gate["input"]["submitter"] == "ops,alice"
    assert gate["input"]["parameters"][0]["arguments"]["choices"] == ["slow", "fast"]
    assert "agent" not in gate
    [retry] = [step for step in jenkins.steps(gate) if step["name"] == "retry"]
    assert retry["arguments"]["conditions"] == [
        {"call": "agent", "arguments": {}},
        {"call": "nonresumable", "arguments": {}},
    ]
    assert retry["steps"][0]["arguments"] == {"time": 5}


def test_model_of_a_matrix() -> None:
    cells = jenkins.model(GOOD["a matrix"])["stages"][0]["matrix"]
    assert cells["axes"][0] == {"name": "PYTHON", "values": ["3.11", "3.12", "3.13"]}
    assert cells["excludes"] == [[{"name": "PYTHON", "values": ["3.11"]}, {"name": "DB", "notValues": ["sqlite"]}]]
    assert cells["agent"]["arguments"] == {"image": {"gstring": "python:${PYTHON}"}}
    read = jenkins.model(GOOD["a matrix"])
    assert [stage["name"] for stage in jenkins.stages(read)] == ["test", "unit"]
    assert [step["name"] for step in jenkins.steps(read)] == ["junit", "sh"]


def test_model_of_free_groovy() -> None:
    read = jenkins.model(GOOD["functions beside the pipeline"])
    make = read["functions"][0]
    assert (make["name"], make["parameters"]) == ("make", ["options"])
    assert [call["arguments"] for call in make["calls"] if call["name"] == "sh"] == [
        {"script": "git clean -fdx"},
        {"script": {"gstring": "make ${name}"}},
    ]
    script = jenkins.model(GOOD["services"])["stages"][0]["steps"][1]
    assert [(call["name"], call.get("on")) for call in script["calls"]][:2] == [
        ("withRun", "docker.image('postgres:16')"),
        ("image", "docker"),
    ]
    assert jenkins.shell(script) == ["pytest", "cat x"]


def test_model_of_joined_texts_and_values() -> None:
    [long] = jenkins.shell(jenkins.model(GOOD["a text longer than a literal"]))
    assert long == "a" * 60_000 + "b" * 60_000
    read = jenkins.model(stepped("job(a: [b: 1, c: [null, true]], d: x + 1, e: 'é\\n\\u20ac\\'')", "parallel_job 'x', 2"))
    assert [step["arguments"] for step in jenkins.steps(read)] == [
        {"a": {"map": {"b": 1, "c": [None, True]}}, "d": {"groovy": "x + 1"}, "e": "é\n€'"},
        {},
    ]
    assert list(jenkins.steps(read))[1]["positional"] == ["x", 2]


def test_steps_of_branches() -> None:
    assert jenkins.shell(jenkins.model(GOOD["steps in parallel"])) == ["a", "c"]


def test_a_text_without_a_model() -> None:
    with pytest.raises(jenkins.JenkinsfileError, match="pipeline-missing") as caught:
        jenkins.model("echo 'x'")
    assert [finding.code for finding in caught.value.findings] == ["pipeline-missing"]


def test_a_broken_rule_leaves_a_model() -> None:
    assert jenkins.model(pipeline("options { never() }"))["options"] == [{"name": "never", "line": 3, "arguments": {}}]


def test_missing_jars_are_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(jenkins.JARS_VARIABLE, f"{tmp_path / 'a.jar'}{os.pathsep}{tmp_path / 'b.jar'}")
    assert jenkins.jars() == [tmp_path / "a.jar", tmp_path / "b.jar"]
    assert re.fullmatch(r".*a\.jar, .*b\.jar not found \(.*\)", jenkins.available() or "")


def test_missing_java_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "Java is not installed" in (jenkins.available() or "")


def test_require(monkeypatch: pytest.MonkeyPatch) -> None:
    engines.require(None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Groovy"):
        engines.require("no Groovy")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Groovy"):
        engines.require("no Groovy")


def test_a_reader_that_ends_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jar"
    empty.touch()
    monkeypatch.setenv(jenkins.JARS_VARIABLE, str(empty))
    server = jenkins.Server()
    with pytest.raises(RuntimeError, match="GroovyMain"):
        server.ask("pipeline {}")
    server.close()


def test_the_server_takes_paths_and_survives_a_bad_request(tmp_path: Path) -> None:
    file = tmp_path / "Jenkinsfile"
    file.write_text(pipeline(), encoding="utf-8")
    server = jenkins.Server()
    with pytest.raises(RuntimeError, match="FileNotFoundException"):
        server.request(str(tmp_path / "none"))
    assert '"findings":[]' in server.request(str(file))
    server.close()
