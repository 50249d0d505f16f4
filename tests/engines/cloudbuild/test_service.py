"""The engine's own rules, continued: substitutions, triggers, builds that start builds, gcloud, buckets and docker. Pages as in `test_rules`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit.backend.interface import SetupStep
from pipelinekit.semantics.scenario import Happening, Scenario
from tests.engines.cloudbuild import container
from tests.engines.cloudbuild.played import BUCKET, PUSH, REGION, TOKEN, play, step
from tests.engines.cloudbuild.query import Unread, printed
from tests.engines.cloudbuild.substitutions import Unknown, expand, resolved
from tests.readers.engines import require


@pytest.fixture(autouse=True)
def _containers() -> None:
    require(container.missing())


# Substitutions

VALUES = {"_X": "abcdef", "BRANCH_NAME": "feature/one", "_TAG": "v1.2.3"}


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("$_X ${_X}", "abcdef abcdef"),
        ("$$_X $${_X} $$$_X", "$_X ${_X} $abcdef"),
        ("$x ${y} $(z) $1 $?", "$x ${y} $(z) $1 $?"),
        ("${_X:0:3} ${_X:2} ${_X: -2}", "abc cdef ef"),
        ("${BRANCH_NAME//e/E} ${_TAG/./_} ${_X/[bc]/}", "fEaturE/onE v1_2.3 acdef"),
        ("${_TAG#v} ${_TAG%.*} ${_TAG%%.*} ${_TAG##*.}", "1.2.3 v1.2 v1 3"),
        ("${_X^^} ${_X^} ${_TAG,,}", "ABCDEF Abcdef v1.2.3"),
        ("${_X:-none}", "abcdef"),
        ("$NOBODY|${_NOBODY}", "|"),
    ],
)
def test_substitutions(text: str, wanted: str) -> None:
    """SUBSTITUTIONS: names, `$$`, and "bash parameter expansions"; in a trigger's build an unknown name is empty."""
    assert expand(text, VALUES, loose=True, dynamic=True) == wanted


def test_an_unknown_name_and_a_form_are_refused_where_they_must_be() -> None:
    """SUBSTITUTIONS, substitutionOption and dynamicSubstitutions."""
    with pytest.raises(Unknown, match="not a valid built-in"):
        expand("$NOBODY", VALUES, loose=False, dynamic=True)
    with pytest.raises(Unknown, match="dynamicSubstitutions"):
        expand("${_X:0:3}", VALUES, loose=True, dynamic=False)
    with pytest.raises(Unknown, match="the form"):
        expand("${_X@Q}", VALUES, loose=True, dynamic=True)


def test_substitutions_may_name_each_other() -> None:
    """SUBSTITUTIONS, "Bind user-defined substitutions"."""
    found = resolved({"_A": "${_B}-$$", "_B": "$COMMIT_SHA", "COMMIT_SHA": "abc"}, loose=True, dynamic=True)
    assert found == {"COMMIT_SHA": "abc", "_B": "abc", "_A": "abc-$"}
    with pytest.raises(Unknown, match="made of itself"):
        resolved({"_A": "$_B", "_B": "$_A"}, loose=True, dynamic=True)


# Triggers


def trigger(**event: object) -> list[dict[str, object]]:
    return [{**PUSH, **event}]


def github(**event: object) -> dict[str, object]:
    return {"owner": "acme", "name": "widget", **event}


@pytest.mark.parametrize(
    "event, happening, starts",
    [
        ({"push": {"branch": "^main$"}}, Happening(), True),
        ({"push": {"branch": "^main$"}}, Happening(branch="main-old"), False),
        ({"push": {"branch": "^rel.*$"}}, Happening(branch="release/1"), True),
        ({"push": {"branch": "^main$", "invertRegex": True}}, Happening(), False),
        ({"push": {"branch": "^main$", "invertRegex": True}}, Happening(branch="topic"), True),
        ({"push": {"branch": "^v1$"}}, Happening("tag", tag="v1"), False),
        ({"push": {"tag": "^v.*$"}}, Happening("tag", tag="v1"), True),
        ({"push": {"tag": "^v.*$"}}, Happening("tag", tag="rev"), False),
        ({"pullRequest": {"branch": "^main$"}}, Happening("pull_request", branch="topic"), True),
        ({"pullRequest": {"branch": "^main$"}}, Happening("pull_request", branch="topic", target="other"), False),
        ({"pullRequest": {"branch": "^main$"}}, Happening(), False),
        (
            {"pullRequest": {"branch": "^main$", "commentControl": "COMMENTS_ENABLED"}},
            Happening("pull_request", branch="a", fork=True),
            True,
        ),
    ],
)
def test_which_events_start_a_build(tmp_path: Path, event: dict[str, object], happening: Happening, starts: bool) -> None:
    """TRIGGERS: RE2 expressions of branches and tags; of a pull request the base branch; outsiders' after a comment."""
    played = play(tmp_path, [step("a")], triggers=trigger(github=github(**event)), happening=happening)
    assert bool(played.builds) is starts
    assert played.log[-1] == ("run.end", "passed" if starts else "nothing")


def test_files_and_switched_off_triggers(tmp_path: Path) -> None:
    """TRIGGERS, "Included files" and "Ignored files"."""
    request = Happening("pull_request", branch="topic", changed=("src/a.py", "docs/b.md"))
    event = {"github": github(pullRequest={"branch": "^main$"})}
    for more, starts in (
        ({"includedFiles": ["src/**"]}, True),
        ({"includedFiles": ["lib/**"]}, False),
        ({"ignoredFiles": ["docs/**"]}, True),
        ({"ignoredFiles": ["docs/**", "src/*"]}, False),
        ({"disabled": True}, False),
    ):
        assert bool(play(tmp_path, [step("a")], triggers=trigger(**event, **more), happening=request).builds) is starts, more


def test_what_a_pull_request_and_a_tag_are_told(tmp_path: Path) -> None:
    """SUBSTITUTIONS, "Using default substitutions": those of pull requests, and TAG_NAME."""
    words = "$BRANCH_NAME $_HEAD_BRANCH $_BASE_BRANCH $_HEAD_REPO_URL $_PR_NUMBER [$TAG_NAME] $REPO_FULL_NAME $REPO_NAME"
    echo = {"id": "echo", "name": "debian", "args": ["echo", words]}
    request = Happening("pull_request", branch="topic", fork=True)
    played = play(tmp_path, [echo], triggers=trigger(github=github(pullRequest={"branch": "^main$"})), happening=request)
    assert played.said("echo") == "topic topic main https://github.com/stranger/widget 7 [] acme/widget widget\n"
    tag = Happening("tag", tag="v1")
    played = play(tmp_path, [echo], triggers=trigger(github=github(push={"tag": "^v.*$"})), happening=tag)
    assert played.said("echo") == "     [v1] acme/widget widget\n"


BY_HAND = {
    "name": "app-manual-train",
    "sourceToBuild": {"uri": "https://github.com/acme/widget", "ref": "refs/heads/main", "repoType": "GITHUB"},
    "gitFileSource": {"path": "cloudbuild.yaml", "uri": "https://github.com/acme/widget", "repoType": "GITHUB"},
}


def test_a_person_runs_a_trigger_with_values_of_their_own(tmp_path: Path) -> None:
    """Create manual triggers (cloud.google.com/build/docs/triggers/run-manual-trigger): given values go before those written."""
    echo = {"id": "echo", "name": "debian", "args": ["echo", "$_SEED $_DATA_SET $BRANCH_NAME"]}
    written = {**BY_HAND, "substitutions": {"_SEED": "1", "_DATA_SET": "iris"}}
    happening = Happening("manual", name="train", inputs=(("data-set", "houses"),))
    assert play(tmp_path, [echo], triggers=[written], happening=happening).said("echo") == "1 houses main\n"


def test_the_clock_runs_what_was_set_up(tmp_path: Path) -> None:
    """Create scheduled triggers (cloud.google.com/build/docs/automating-builds/create-scheduled-triggers): a job of Cloud Scheduler."""
    nightly = {**BY_HAND, "name": "app-schedule-nightly"}
    happening = Happening("schedule", name="nightly")
    url = "https://cloudbuild.googleapis.com/v1/projects/p/locations/l/triggers/app-schedule-nightly:run"
    command = f"gcloud scheduler jobs create http x --schedule='0 3 * * *' --time-zone=UTC --http-method=POST --uri=\"{url}\""
    done = (SetupStep("Schedule nightly", "", (command,)),)
    assert play(tmp_path, [step("a")], triggers=[nightly], happening=happening, setup=done).builds
    assert not play(tmp_path, [step("a")], triggers=[nightly], happening=happening).builds


def test_files_that_the_service_refuses_start_nothing(tmp_path: Path) -> None:
    """An unknown key, an unknown step to wait for: `gcloud builds triggers import`, or the first build, says no."""
    played = play(tmp_path, [step("a", bogus=1)])
    assert not played.builds
    assert "bogus" in played.said("cloudbuild")
    assert not play(tmp_path, [step("a", after=["b"]), step("b")]).builds


# Builds that start builds, and gates

NEXT = {
    "name": "app-next",
    "sourceToBuild": BY_HAND["sourceToBuild"],
    "gitFileSource": {"path": "cloudbuild.next.yaml", "uri": "https://github.com/acme/widget", "repoType": "GITHUB"},
}
SECOND = {
    "steps": [{"id": "second", "name": "debian", "args": ["echo", "$COMMIT_SHA $_GIVEN [$BRANCH_NAME]"]}],
    "timeout": "60s",
    "substitutions": {"_GIVEN": ""},
}
RUN = f'gcloud builds triggers run app-next --region={REGION} --sha="$SHA" --substitutions="^::^_GIVEN=a,b"'


@pytest.mark.parametrize("rejected", [False, True])
def test_a_build_that_needs_approval_waits_for_it(tmp_path: Path, rejected: bool) -> None:
    """Gate builds on approval (cloud.google.com/build/docs/securing-builds/gate-builds-on-approval)."""
    scenario = Scenario("asked", rejected=("gate",) if rejected else ())
    played = play(
        tmp_path,
        [step("gate", RUN, env=["SHA=$COMMIT_SHA"])],
        triggers=[PUSH, {**NEXT, "approvalConfig": {"approvalRequired": True}}],
        files={"cloudbuild.next.yaml": SECOND},
        scenario=scenario,
    )
    assert ("gate", "gate", "rejected" if rejected else "approved") in played.log
    assert played.said("second") == ("" if rejected else f"{played.ground.world.sha} a,b []\n")


def test_without_approval_nobody_is_asked(tmp_path: Path) -> None:
    played = play(tmp_path, [step("gate", RUN, env=["SHA=$COMMIT_SHA"])], triggers=[PUSH, NEXT], files={"cloudbuild.next.yaml": SECOND})
    assert [build.status for build in played.builds] == ["SUCCESS", "SUCCESS"]
    assert not [row for row in played.log if row[0] == "gate"]


def test_gcloud_says_no(tmp_path: Path) -> None:
    """Another region, a trigger that there is not, words that gcloud doesn't know."""
    script = f"""
    gcloud builds triggers run nobody --region={REGION} || echo 1
    gcloud builds list --format='value(id)' || echo 2
    gcloud builds describe nobody --region={REGION} --format='value(id)' || echo 3
    gcloud builds list --region={REGION} --filter='a ~ b' --format='value(id)' || echo 4
    gcloud builds frobnicate || echo 5
    gcloud storage cp README.md gs://nobodys/ || echo 6
    gcloud storage cp nothing gs://{BUCKET}/ || echo 7
    gcloud storage ls gs://{BUCKET}/nothing || echo 8"""
    said = play(tmp_path, [step("asks", script)]).said("asks").splitlines()
    assert [line for line in said if len(line) == 1] == list("12345678")


def test_gcloud_lists_and_describes_builds(tmp_path: Path) -> None:
    """gcloud topic filters, projections and formats."""
    script = f"""
    gcloud builds list --region={REGION} --filter='status=WORKING AND tags=app' --sort-by=startTime,id --limit=1 --format='value(id)'
    gcloud builds describe $ID --region={REGION} --flatten='steps[]' --format='csv[no-heading](substitutions.BRANCH_NAME,steps.id,steps.status)'"""
    played = play(tmp_path, [step("first"), step("asks", script, after=["first"], env=["ID=$BUILD_ID"])], tags=["app"])
    assert played.said("asks").splitlines() == [played.builds[0].id, "main,first,SUCCESS", "main,asks,WORKING"]


def test_what_gcloud_cannot_read_is_an_error() -> None:
    for options in ({"filter": "a:b", "format": "value(a)"}, {"flatten": "a.b[]", "format": "value(a)"}, {"format": "json"}):
        with pytest.raises(Unread):
            printed([{"a": "b"}], options)
    assert printed([{"a": "1"}, {"a": "2"}], {"sort-by": "~a", "format": "csv(a)"}) == "a\n2\n1\n"
    assert printed([{"a": "1"}, {"a": "2"}], {"filter": "a!=1", "format": "value(a)"}) == "2\n"


# Buckets and containers


def test_a_bucket_keeps_bytes_and_no_modes(tmp_path: Path) -> None:
    """gcloud storage cp: files and wildcards, folders with --recursive; artifacts.objects after all steps."""
    script = f"""
    mkdir -p d/e && echo 1 >d/a && echo 2 >d/e/b && chmod 755 d/a && echo 3 >top.txt
    gcloud storage cp d/a gs://{BUCKET}/one/
    gcloud storage cp --recursive 'd/*' gs://{BUCKET}/all/
    gcloud storage cp gs://{BUCKET}/one/a back && test ! -x back
    gsutil cp d/a gs://{BUCKET}/named.txt
    gcloud storage ls 'gs://{BUCKET}/*.txt'"""
    objects = {"objects": {"location": f"gs://{BUCKET}/out/", "paths": ["*.txt"]}}
    played = play(tmp_path, [step("copies", script)], artifacts=objects)
    assert played.said("copies") == f"gs://{BUCKET}/named.txt\n"
    assert played.bucket == {"all/a": "1\n", "all/e/b": "2\n", "named.txt": "1\n", "one/a": "1\n", "out/top.txt": "3\n"}


def test_containers_are_found_by_their_name_on_the_steps_network(tmp_path: Path) -> None:
    """SCHEMA, name: steps run on the network `cloudbuild`; a container on it is found under its name."""
    start = step("start", "docker run -d --name db --network cloudbuild -e A=b postgres:16\ndocker run -d --name far postgres:16")
    other = step("again", "docker run -d --name db --network cloudbuild postgres:16 || echo there", after=["start"])
    asks = step("asks", "nc -z db 5432 && ! nc -z far 5432", after=["again"])
    played = play(tmp_path, [start, other, asks])
    assert played.said("again").splitlines()[-1] == "there"
    assert played.builds[0].status == "SUCCESS"
    assert '["db:5432"]' in played.ground.log.read_text()


def test_images_are_built_pushed_and_signed_in_for(tmp_path: Path) -> None:
    """Build container images (cloud.google.com/build/docs/building/build-containers): build, push, `images`."""
    build = {"id": "image", "name": "gcr.io/cloud-builders/docker", "args": ["build", "-t", "gcr.io/p/a:$SHORT_SHA", "."]}
    played = play(tmp_path, [build], images=["gcr.io/p/a:$SHORT_SHA"])
    assert [row[:3] for row in played.log if row[0] == "image"] == [("image", "image", "build"), ("image", "image", "push")]
    push = step(
        "push", "docker push nobody/a:1 || echo not built\ndocker build -t quay.io/a:1 .\ndocker push quay.io/a:1", secretEnv=["TOKEN"]
    )
    played = play(tmp_path, [push], availableSecrets=TOKEN, secrets={"STORED": "x"})
    assert "denied: quay.io needs a login" in played.said("push")
    assert "not built" in played.said("push")
    login = (
        'printf %s "$TOKEN" | docker login --username u --password-stdin quay.io\ndocker build -t quay.io/a:1 .\ndocker push quay.io/a:1'
    )
    played = play(tmp_path, [step("push", login, secretEnv=["TOKEN"])], availableSecrets=TOKEN, secrets={"STORED": "x"})
    assert played.builds[0].status == "SUCCESS"
