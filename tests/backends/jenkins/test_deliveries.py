"""Gates, environments, container builds, what comes after all, and the limits of the file."""

from __future__ import annotations

import re

from pipelinekit import Environment, Pipeline, Registry, Secret, Service, ci, on
from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, prepare
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.recipes import container
from tests.backends.jenkins.rendered import emission, jenkinsfile, model, stage
from tests.readers import engines, jenkins

IMAGE = "python:3.12"


def test_a_gate_holds_no_agent_and_no_lock() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push()], targets={"jenkins": {"submitter": "ops"}})
    tested = p.test("pytest")
    gate = p.gate("Ship it?", needs=[tested], timeout="2 days")
    p.deploy("./deploy", environment=Environment("production", url="https://p.example", config="p.toml"), needs=[gate])
    read = model(p)
    asked, production = stage(read, "gate"), stage(read, "production")
    assert "agent" not in asked
    assert (asked["input"]["message"], asked["input"]["submitter"]) == ("Ship it?", "ops")
    assert [(each["name"], each["arguments"]) for each in asked["options"]] == [("timeout", {"time": 2, "unit": "DAYS"})]
    assert production["stages"][0]["steps"][0]["arguments"] == {"ordinal": 1, "label": "production"}
    assert production["options"][0]["arguments"] == {"resource": "p-production"}
    assert [each["name"] for each in production["stages"]] == ["newest", "deploy-production"]
    assert "// configuration: p.toml" in jenkinsfile(p)
    assert "production: https://p.example" in jenkinsfile(p)


def test_what_waits_is_asked_for_by_events_first() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push(), on.pull_request()], accept={"jenkins": {"overtaking": "we tag one at a time"}})
    gate = p.gate("Ship it?", needs=[p.test("pytest")])
    p.deploy("./deploy", environment=Environment("staging"), needs=[gate])
    p.deploy("./deploy", environment=Environment("production", on=[on.tag("v*")]), needs=[gate])
    read = model(p)
    assert stage(read, "gate")["when"]["beforeInput"] is True
    assert stage(read, "staging")["when"]["beforeOptions"] is True


def test_an_unanswered_gate_ends() -> None:
    p = Pipeline("p", image=IMAGE, targets={"jenkins": {"gate_days": 3}})
    p.deploy("d", environment=Environment("e"), needs=[p.gate("Go?", needs=[p.test("t")])])
    assert stage(model(p), "gate")["options"][0]["arguments"] == {"time": 3, "unit": "DAYS"}


def test_a_delivery_ends_no_other_that_waits_or_is_under_way() -> None:
    """A milestone would: of two environments, a build that ends after the first would end older ones on their way to the second."""
    p = Pipeline("p", image=IMAGE, triggers=[on.push()])
    first = p.deploy("d", environment=Environment("staging"), needs=[p.test("t")])
    p.deploy("d", environment=Environment("production"), needs=[p.gate("Go?", needs=[first])])
    text = jenkinsfile(p)
    assert "milestone" not in text
    assert [step["positional"] for step in jenkins.steps(model(p)) if step["name"] == "claim"] == [["staging"], ["production"]]
    assert "currentBuild.nextBuild" in text


def test_stages_after_a_delivery_are_not_ended_either() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push()])
    p.deploy("d", environment=Environment("e"), needs=[p.test("t")])
    p.step("clean", name="clean", when="always")
    assert "claim 'e'" in jenkinsfile(p)


def test_environments_of_one_wave_come_in_turn() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push()])
    tested = p.test("t")
    for name in ("a", "b"):
        p.deploy("d", environment=Environment(name), needs=[tested])
    assert [each["name"] for each in model(p)["stages"][0]["stages"]] == ["test", "a", "b"]
    assert {each.feature for each in emission(p).diagnostics} == {"order"}


def test_images_are_pushed_in_deliveries_alone() -> None:
    secrets = {"username": Secret("QUAY_USER"), "password": Secret("QUAY_PASSWORD")}
    p = Pipeline("p", image=IMAGE)
    built = p.build(container("quay.io/acme/app", tag=ci.sha, also="latest", args={"V": "a b"}, registry=Registry("quay.io", **secrets)))
    p.deploy("d", environment=Environment("e"), needs=[built])
    text = jenkinsfile(p)
    guarded, push, build = jenkins.shell(stage(model(p), "build"))
    assert "--tag \"quay.io/acme/app:${PK_SHA}\" --tag quay.io/acme/app:latest --build-arg 'V=a b' ." in guarded
    assert 'quay.io "$(printf \'%s\' "$QUAY_USER:$QUAY_PASSWORD"' in push
    assert guarded.startswith('#!/bin/sh\nset -e\n: "${QUAY_USER:?the secret QUAY_USER is missing}"\n: "${QUAY_PASSWORD:?the secret')
    assert build.splitlines()[-1] == "docker build --file Dockerfile --build-arg 'V=a b' ."  # no name that a push beside it could find
    assert text.index("if (env.BRANCH_NAME == 'main' && !env.TAG_NAME) {") < text.index("withCredentials(")
    assert "QUAY" not in build


def test_a_build_that_always_delivers_asks_nothing() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push()])
    built = p.build(container("quay.io/acme/app", tag=ci.sha))
    p.deploy("d", environment=Environment("e"), needs=[built])
    assert "if (" not in jenkinsfile(p)
    assert "docker push" in jenkinsfile(p)


def test_a_build_that_never_delivers_pushes_nothing() -> None:
    p = Pipeline("p", image=IMAGE)
    p.build(container("quay.io/acme/app", tag=ci.sha))
    assert "docker push" not in jenkinsfile(p)


def after_all(**options) -> Pipeline:
    p = Pipeline("p", image=IMAGE, **options)
    p.test("pytest")
    p.step("clean", name="clean", when="always", reports="c.xml")
    p.step("notify", name="notify", when="on_failure", secrets=[Secret("HOOK")], on=[on.push()])
    return p


def test_stages_after_all_have_a_node_of_their_own() -> None:
    read, text = model(after_all()), jenkinsfile(after_all())
    assert list(read["post"]) == ["failure", "cleanup"]
    calls = [call["name"] for call in jenkins.steps(read["post"]["failure"][0])]
    assert calls.index("node") < calls.index("withCredentials") < calls.index("inside")
    assert "if (env.BRANCH_NAME == 'main' && !env.TAG_NAME) {" in text
    assert text.index("finally") < text.index("junit")


def test_a_timeout_is_a_failure() -> None:
    """By itself it would abort the build: what runs on failures would not, and an allowed failure would spoil the run."""
    text = jenkinsfile(after_all(timeout="5m"))
    assert "limited(300) {" in text
    assert "error('not done after ' + seconds + ' seconds')" in text


def test_what_always_runs_comes_last() -> None:
    """In `always` it would come first, and its failure would start what runs on failures."""
    assert list(model(after_all())["post"]) == ["failure", "cleanup"]


def test_an_overtaken_delivery_is_no_failure() -> None:
    p = after_all()
    p.deploy("d", environment=Environment("e"))
    assert "currentBuild.result = 'NOT_BUILT'\n      error(" in jenkinsfile(p)


def test_several_after_all_stand_side_by_side() -> None:
    p = after_all()
    p.step("more", name="more", when="always")
    assert "parallel([\n" in jenkinsfile(p)


def test_only_pull_requests_are_superseded() -> None:
    text = jenkinsfile(after_all(cancel_superseded=True))
    assert "if (env.CHANGE_ID) {\n  properties([disableConcurrentBuilds(abortPrevious: true)])\n}\n" in text


def test_raw_text_is_laid_over_sections() -> None:
    raw = {"jenkins": {"options": {"timestamps": "timestamps()"}, "tools": {"jdk": "jdk 'temurin-21'"}, "post": None}}
    p = Pipeline("p", image=IMAGE, raw={"jenkins": {"options": {"ansiColor": "ansiColor('xterm')"}}})
    p.test("pytest", raw=raw)
    read = model(p)
    assert [each["name"] for each in stage(read, "test")["options"]] == ["timestamps"]
    assert "jdk 'temurin-21'" in jenkinsfile(p)
    assert "post" not in stage(read, "test")
    assert [each["name"] for each in read["options"]] == ["skipDefaultCheckout", "ansiColor"]
    assert "\nansicolor:" in emission(p).files["jenkins/plugins.txt"]


def many(count: int, **options) -> Pipeline:
    p = Pipeline("p", image=IMAGE, triggers=[on.push()], targets={"jenkins": options} if options else None)
    for number in range(count):
        secrets = [Secret(f"S{each}") for each in range(4)]
        p.test("pytest", name=f"t{number}", timeout="5m", retries=1, secrets=secrets, reports="r.xml", keep="a", allow_failure=True)
    return p


def test_large_files_are_told_split_and_refused() -> None:
    engines.require(jenkins.available())

    def said(found: Emission) -> list[Diagnostic]:
        return [each for each in found.diagnostics if each.feature is None]

    assert not said(emission(many(10)))
    told = emission(many(20))
    assert [each.code for each in said(told)] == ["PK1408"]
    assert "def job_t0()" not in told.files["Jenkinsfile"]
    split = emission(many(26))
    text = split.files["Jenkinsfile"]
    assert "functions of their own" in said(split)[0].message
    assert [each.code for each in jenkins.lint(text)] == ["nearly-too-large"]
    assert "def job_t0() {\n  retry(2) {\n    deleteDir()\n" in text
    assert re.search(r"steps \{\s+job_t0\(\)\s+\}", text)
    refused = emission(many(60))
    assert not refused.files
    assert refused.diagnostics[-1].code == "PK1408"


def test_the_character_that_groovy_cannot_read_is_refused() -> None:
    p = Pipeline("p", image=IMAGE)
    p.test("echo \uffff")
    assert [each.code for each in emission(p).diagnostics] == ["PK1408"]
    q = Pipeline("q", image=IMAGE)
    q.test("printf '\\uffff'")
    assert "printf '\\\\uffff'" in jenkinsfile(q)


def test_a_services_command_is_words() -> None:
    p = Pipeline("p", image=IMAGE)
    p.test("x", services=[Service("db", image="postgres:16", port=5432, command="postgres 'a")])
    assert [each.code for each in emission(p).diagnostics if each.level == "error"] == ["PK1408"]


def test_the_estimate_is_that_of_the_reader() -> None:
    from pipelinekit_jenkins import document, size
    from pipelinekit_jenkins.order import Arrangement
    from pipelinekit_jenkins.render import _work
    from pipelinekit_jenkins.stages import Stages

    request, _ = prepare(many(5).plan(), registry.load("jenkins"))
    work = _work(request)
    tree = Arrangement(work.plan).tree
    ours = size.estimate(document.pipeline(work, Stages(work, tree).row(tree)))
    assert abs(ours - model(many(5))["bytes"]) < 0.05 * ours
