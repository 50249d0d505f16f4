"""The suite on Toy, a backend from elsewhere: it agrees, and each bug that is let into it is noticed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from unittest.mock import patch

import pytest

from pipelinekit.backend.support import Native, Unsafe, Weakened
from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Conformance, Ground, Loss, Refusal, Result, corpus, examine
from pipelinekit.testing.fields import Ineffective
from pipelinekit.testing.pytest import ConformanceTests, only
from pipelinekit.testing.report import losses as report_losses
from pipelinekit.testing.report import summarise
from pipelinekit.testing.scenarios import scenarios
from pipelinekit.testing.suite import fitted, found
from tests.testing import toy as package
from tests.testing.conftest import Rewrite
from tests.testing.toy import Json
from tests.testing.toy.engine import Toy

AGREES = (
    "allow-failure",
    "artifacts",
    "artifacts-of-cells",
    "block",
    "diamond",
    "facts",
    "facts-of-outsiders",
    "gate-with-artifacts",
    "hostile-letters",
    "matrix",
    "retries",
    "secrets",
    "secrets-optional",
    "variables-hostile",
)


def results(conformance: Conformance, pipeline: str, scenario: str | None = None) -> list[Result | Refusal]:
    plan = corpus.plan(pipeline)
    chosen = [each for each in scenarios(plan) if scenario is None or each.name == scenario]
    assert chosen, scenario
    return list(examine(conformance, pipeline, plan, chosen))


def kinds(given: Sequence[Result | Refusal]) -> set[str]:
    return {difference.kind for each in given if isinstance(each, Result) for difference in each.differences}


def notices(conformance: Conformance, pipeline: str, wanted: set[str]) -> bool:
    """Whether some scenario of a pipeline shows one of these differences."""
    plan = corpus.plan(pipeline)
    return any(kinds([each]) & wanted for each in examine(conformance, pipeline, plan, scenarios(plan)))


# A healthy backend.


@pytest.mark.parametrize("pipeline", AGREES)
def test_toy_agrees(toy: Conformance, pipeline: str) -> None:
    given = results(toy, pipeline)
    assert [(each.scenario, each.differences) for each in given if isinstance(each, Result) and each.differences] == []
    assert all(isinstance(each, Result) and each.agrees for each in given)


def test_what_the_table_refuses_is_a_refusal(toy: Conformance) -> None:
    (refusal,) = results(toy, "services")
    assert isinstance(refusal, Refusal)
    assert refusal.features == ("services",)
    assert refusal.messages[0].startswith("services")


def test_losses_are_admitted_and_witnessed(toy: Conformance) -> None:
    given = [each for each in results(toy, "retries") if isinstance(each, Result)]
    loss = Loss("retries", "a job is tried once")
    assert {each.scenario: loss in each.witnessed for each in given} == {
        each.scenario: "test fails" in each.scenario or "makes no output" in each.scenario for each in given
    }
    assert [each.scenario for each in given if not each.agrees] == []


def test_a_loss_admits_nothing_else(toy: Conformance, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {**package.TABLE, "retries": Weakened("a job is tried once", shows=("attempts",))}
    monkeypatch.setattr(package, "backend", replace(package.backend, table=table))
    assert kinds(results(toy, "retries")) == {"run"}


def test_features_that_an_engine_hides_are_not_shown(toy: Conformance) -> None:
    shown = {feature for each in results(toy, "facts") if isinstance(each, Result) for feature in each.features}
    assert {"push", "pull_request", "facts"} <= shown

    class Blind(Toy):
        hides: Mapping[Feature, str] = {"facts": "it looks away"}

    blind = replace(toy, engines=(Blind(),))
    shown = {feature for each in results(blind, "facts") if isinstance(each, Result) for feature in each.features}
    assert "push" in shown
    assert "facts" not in shown


def test_what_an_engine_cannot_show_is_left_out_with_its_reason(toy: Conformance) -> None:
    class Unable(Toy):
        def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
            return "no pull requests here" if scenario.happening.kind == "pull_request" else None

    given = [each for each in results(replace(toy, engines=(Unable(), Toy())), "matrix") if isinstance(each, Result)]
    assert {(each.scenario.startswith("pull request"), each.skipped) for each in given} == {
        (True, "no pull requests here"),
        (True, None),
        (False, None),
    }


def test_plans_get_the_settings_and_accept_the_losses(toy: Conformance) -> None:
    plan = fitted(corpus.plan("retries"), replace(toy, settings={"file": "x.json"}))
    assert plan.targets["toy"] == {"file": "x.json"}
    assert set(plan.accept["toy"]) == {"retries"}
    assert fitted(replace(corpus.plan("retries"), targets={"toy": {"file": "own.json"}}), toy).targets["toy"] == {"file": "own.json"}
    assert [each.use.feature for each in found(plan, "toy") if isinstance(each.support, Weakened | Unsafe)] == ["retries"]


def test_the_report_counts(toy: Conformance) -> None:
    names = ("retries", "gate", "services")
    report = summarise(toy, [each for name in names for each in results(toy, name)])
    assert (report.pipelines, report.refused, report.scenarios) == (3, {"services": "services"}, report.agreements)
    assert (report.shown, report.static, report.unproven) == (2, 1, ())
    assert report.levels["gate"] == report.levels["retries"] == "L2"
    assert report.levels["cache"] == "L0"
    assert report.levels["services"] == "refused"


# Bugs in the file.


def drop_needs(file: Json) -> None:
    for job in file["jobs"]:
        job["after"] = []


def drop_first_need(file: Json) -> None:
    next(job for job in file["jobs"] if job["after"])["after"].pop(0)


def backwards(file: Json) -> None:
    drop_needs(file)
    file["jobs"].reverse()


def leave_out_last(file: Json) -> None:
    file["jobs"].pop()


def each_job(change: Callable[[Json], None]) -> Callable[[Json], None]:
    """A bug in every job but gates."""

    def let_loose(file: Json) -> None:
        for job in file["jobs"]:
            if "asks" not in job:
                change(job)

    return let_loose


def share_secrets(file: Json) -> None:
    every = {name: key for job in file["jobs"] for name, key in job["secrets"].items()}
    each_job(lambda job: job["secrets"].update(every))(file)


def wrong_keys(job: Json) -> None:
    if len(job["secrets"]) > 1:
        first, *rest = job["secrets"].values()
        job["secrets"] = dict(zip(job["secrets"], (*rest, first), strict=True))


def without_checks(job: Json) -> None:
    job["script"] = [line for line in job["script"] if "is missing" not in line]


def without_last(job: Json) -> None:
    """The probe's line and the command behind it."""
    last = max(index for index, line in enumerate(job["script"]) if "pk-probe at" in line)
    del job["script"][last : last + 2]


def share_variables(file: Json) -> None:
    every = {name: text for job in file["jobs"] for name, text in job["variables"].items()}
    each_job(lambda job: job.update(variables={**every, **job["variables"]}))(file)


def strip(job: Json) -> None:
    job["variables"] = {name: text.strip() for name, text in job["variables"].items()}


def other_maker(job: Json) -> None:
    job["files"] = [[job["files"][0][0], path] for _, path in job["files"]] if job["files"] else []


def deliver_always(file: Json) -> None:
    for job in file["jobs"]:
        job["on"] = ["push", "pull_request"]


def eager_gates(file: Json) -> None:
    for job in file["jobs"]:
        if "asks" in job:
            job["after"] = []


def past_gates(file: Json) -> None:
    for job in file["jobs"]:
        job["after"] = [need for need in job["after"] if need != "gate"]


FILE_BUGS: dict[str, tuple[str, Callable[[Json], None], set[str]]] = {
    "no needs": ("chain", drop_needs, {"extra-job"}),
    "one need less": ("chain", drop_first_need, {"extra-job"}),
    "jobs the other way round": ("chain", backwards, {"order"}),
    "the last job left out": ("chain", leave_out_last, {"missing-job"}),
    "checks on no pull request": ("chain", each_job(lambda job: job["on"].remove("pull_request")), {"missing-job", "run"}),
    "deliveries on pull requests": ("gate", deliver_always, {"extra-job"}),
    "another trunk": ("one-job", lambda file: file.update(trunk="other/branch"), {"extra-job"}),
    "secrets for all": ("secrets", share_secrets, {"leak"}),
    "secrets under one another's names": ("secrets", each_job(wrong_keys), {"secret"}),
    "no secrets": ("secrets-optional", each_job(lambda job: job.update(secrets={})), {"outcome", "secret"}),
    "missing secrets don't matter": ("secrets", each_job(without_checks), {"outcome"}),
    "secrets are printed": ("secrets", each_job(lambda job: job["script"].insert(1, "env")), {"log"}),
    "secrets are printed in base64": ("secrets", each_job(lambda job: job["script"].insert(1, "env | base64 -w 0")), {"log"}),
    "failures don't end a job": ("matrix", each_job(lambda job: job.update(script=job["script"][1:])), {"commands", "outcome"}),
    "the last command left out": ("chain", each_job(without_last), {"commands"}),
    "failures let a run pass": ("chain", each_job(lambda job: job.update(may_fail=True)), {"outcome", "run"}),
    "failures that may be end a run": ("allow-failure", each_job(lambda job: job.update(may_fail=False)), {"outcome", "run"}),
    "missing outputs don't matter": ("artifacts", each_job(without_checks), {"outcome"}),
    "no variables": ("variables-hostile", each_job(lambda job: job.update(variables={})), {"environment"}),
    "variables without their spaces": ("variables-hostile", each_job(strip), {"environment"}),
    "variables for all": ("variables", share_variables, {"leak", "environment"}),
    "facts that nobody asked for": ("facts", each_job(lambda job: job["facts"].update(PK_SHA="commit", PK_EVENT="event")), {"leak"}),
    "facts mixed up": ("facts", each_job(lambda job: job["facts"].update(dict.fromkeys(job["facts"], "event"))), {"environment"}),
    "no files": ("artifacts", each_job(lambda job: job.update(files=[])), {"input"}),
    "files of another cell": ("artifacts-of-cells", each_job(other_maker), {"input", "missing-job", "outcome"}),
    "gates that wait for nothing": ("gate", eager_gates, {"gate"}),
    "gates for no one": ("gate", past_gates, {"extra-job"}),
}


@pytest.mark.parametrize("bug", FILE_BUGS)
def test_a_bug_in_the_file_is_noticed(toy: Conformance, rewrite: Rewrite, bug: str) -> None:
    pipeline, change, wanted = FILE_BUGS[bug]
    rewrite(change)
    assert notices(toy, pipeline, wanted)


# Bugs of the system.


class Shared(Toy):
    """Runs all jobs in one tree."""

    def job(self, job: Json, trunk: str, ground: Ground, scenario: Scenario) -> str:
        checkout, shared = ground.checkout, ground.work / "shared"
        with patch.object(ground, "checkout", lambda folder: shared if shared.exists() else checkout(shared)):
            return super().job({**job, "files": []}, trunk, ground, scenario)


class Behind(Toy):
    """Checks out trunk's first commit."""

    def job(self, job: Json, trunk: str, ground: Ground, scenario: Scenario) -> str:
        checkout = ground.checkout
        with patch.object(ground, "checkout", lambda folder: checkout(folder, ground.commits["old"])):
            return super().job(job, trunk, ground, scenario)


class Twice(Toy):
    """Runs each job twice."""

    def job(self, job: Json, trunk: str, ground: Ground, scenario: Scenario) -> str:
        super().job(job, trunk, ground, scenario)
        (ground.work / job["name"]).rename(ground.work / f"{job['name']}-before")
        return super().job(job, trunk, ground, scenario)


class Approving(Toy):
    """Takes a person's no for a yes."""

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        super().run(files, ground, replace(scenario, rejected=()))


class Everywhere(Toy):
    """Takes a push to any branch for one to trunk."""

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        happening = replace(scenario.happening, branch="" if scenario.happening.kind == "push" else scenario.happening.branch)
        super().run(files, ground, replace(scenario, happening=happening))


class Silent(Toy):
    """Says nothing of how a run ends."""

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        super().run(files, ground, scenario)
        said = ground.log.read_text().splitlines(keepends=True)
        ground.log.write_text("".join(line for line in said if not line.startswith("run.end")))


class Cheerful(Toy):
    """Takes every job for passed."""

    def job(self, job: Json, trunk: str, ground: Ground, scenario: Scenario) -> str:
        end = ground.job_end
        with patch.object(ground, "job_end", lambda name, outcome: end(name, "passed")):
            return super().job(job, trunk, ground, scenario)


class Serving(Toy):
    """Starts services that nobody asked for."""

    def job(self, job: Json, trunk: str, ground: Ground, scenario: Scenario) -> str:
        start = ground.job_start
        with patch.object(ground, "job_start", lambda name: start(name, ["db:5432"])):
            return super().job(job, trunk, ground, scenario)


SYSTEM_BUGS: dict[str, tuple[str, type[Toy], set[str]]] = {
    "one tree for all": ("artifacts", Shared, {"extra-file"}),
    "another commit": ("facts", Behind, {"extra-file"}),
    "each job twice": ("chain", Twice, {"attempts"}),
    "a no is a yes": ("gate", Approving, {"gate"}),
    "any branch is trunk": ("one-job", Everywhere, {"extra-job"}),
    "runs without an end": ("chain", Silent, {"run"}),
    "all jobs pass": ("chain", Cheerful, {"outcome"}),
    "services that nobody asked for": ("chain", Serving, {"services"}),
}


@pytest.mark.parametrize("bug", SYSTEM_BUGS)
def test_a_bug_of_the_system_is_noticed(toy: Conformance, bug: str) -> None:
    pipeline, engine, wanted = SYSTEM_BUGS[bug]
    assert notices(replace(toy, engines=(engine(),)), pipeline, wanted)


# The suite as pytest tests.

Failed, Skipped = pytest.fail.Exception, pytest.skip.Exception


def own(given: Conformance, *names: str, **more: object) -> ConformanceTests:
    """A class of tests such as a stranger writes; not called Test…, so that pytest leaves it alone."""

    class Own(ConformanceTests):
        conformance = given
        pipelines = names

    for name, value in more.items():
        setattr(Own, name, value)
    return Own()


def losses_of(tests: ConformanceTests) -> dict[str, str | None]:
    """What `test_losses_are_witnessed` says of each loss: nothing, or why it fails."""
    said: dict[str, str | None] = {}
    for feature, support in report_losses(tests.brings().target):
        try:
            tests.test_losses_are_witnessed((feature, support))
            said[feature] = None
        except Failed as error:
            said[feature] = error.msg
    return said


def test_a_healthy_backend_passes(toy: Conformance) -> None:
    tests = own(toy, "retries", "gate", "secrets")
    for pipeline in tests.plans():
        tests.test_agrees(pipeline)
        tests.test_no_field_is_silent(pipeline)
    assert losses_of(tests) == {"overtaking": None, "retries": None, "cache": None}


def test_a_pipeline_is_run_once(toy: Conformance) -> None:
    count = []

    class Counting(Toy):
        def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
            count.append(scenario.name)
            super().run(files, ground, scenario)

    tests = own(replace(toy, engines=(Counting(),)), "retries")
    tests.test_agrees("retries")
    tests.test_agrees("retries")
    assert losses_of(tests)["retries"] is None
    assert len(count) == len(scenarios(corpus.plan("retries")))


def test_a_disagreement_fails_with_its_scenario(toy: Conformance, rewrite: Rewrite) -> None:
    rewrite(drop_needs)
    with pytest.raises(Failed, match=r"push, lint fails \| toy-run \| extra-job test: it ran, though need"):
        own(toy, "chain").test_agrees("chain")


def test_a_refusal_is_skipped_with_its_reason(toy: Conformance) -> None:
    with pytest.raises(Skipped, match="refused: services"):
        own(toy, "services").test_agrees("services")


def test_a_loss_that_nothing_shows_fails(toy: Conformance) -> None:
    said = losses_of(own(toy, "retries"))
    assert said == {
        "overtaking": "no scenario shows the loss of overtaking: any run deploys, an old one too",
        "retries": None,
        "cache": None,
    }


def test_a_loss_without_a_word_on_what_shows_it_fails(toy: Conformance, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {**package.TABLE, "retries": Weakened("a job is tried once")}
    monkeypatch.setattr(package, "backend", replace(package.backend, table=table))
    tests = own(toy, "retries")
    assert losses_of(tests)["retries"] == "retries: a job is tried once: neither shows=… nor static=…"
    with pytest.raises(Failed, match="attempts"):
        tests.test_agrees("retries")


def test_a_loss_that_the_table_keeps_to_itself_fails(toy: Conformance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "backend", replace(package.backend, table={**package.TABLE, "retries": Native()}))
    with pytest.raises(Failed, match="attempts"):
        own(toy, "retries").test_agrees("retries")


def test_a_field_that_falls_under_the_table_fails(toy: Conformance, rewrite: Rewrite) -> None:
    rewrite(each_job(lambda job: job.pop("image")))
    tests = own(toy, "matrix")
    with pytest.raises(Failed, match=r"toy passes over Stage\.image"):
        tests.test_no_field_is_silent("matrix")
    own(toy, "matrix", ineffective=[*tests.ineffective, Ineffective("Stage.image", "Toy has one image")]).test_no_field_is_silent("matrix")


class Absent(Toy):
    name = "toy-absent"

    def missing(self) -> str | None:
        return "nobody installed it"


def test_an_engine_that_is_missing_is_left_out(toy: Conformance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "")
    both = replace(toy, engines=(Absent(), Toy()))
    own(both, "one-job").test_agrees("one-job")
    with pytest.raises(Skipped, match="toy-absent is missing: nobody installed it"):
        own(only(both, "toy-absent"), "one-job").test_agrees("one-job")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(Failed, match="toy-absent is missing: nobody installed it"):
        own(both, "one-job").test_agrees("one-job")


def test_a_pipeline_of_which_nothing_can_be_shown_is_skipped(toy: Conformance) -> None:
    class Unable(Toy):
        def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
            return "not today"

    with pytest.raises(Skipped, match="not today"):
        own(replace(toy, engines=(Unable(),)), "one-job").test_agrees("one-job")


def test_without_names_the_whole_corpus_is_meant(toy: Conformance) -> None:
    assert list(own(toy).plans()) == list(corpus.names())
