"""What single steps do: each rule beside the place of Jenkins' source that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit.semantics.scenario import Happening
from tests.engines.jenkins import Jenkins
from tests.engines.jenkins.by_hand import BY_HAND, REQUEST, Player, parallel, pipeline, stage
from tests.engines.jenkins.jvm import Failed

TOKEN = "environment { TOKEN = credentials('TOKEN') }"
DOCKER = "agent {\ndocker { image 'debian:12' }\n}"


def test_scripts_run_as_durable_task_runs_them(player: Player) -> None:
    """BourneShellScript: -xe without a first line that names an interpreter; with one that interpreter, and no flags."""
    plain = player.log_of("sh '''false\necho never'''")
    assert "+ false" in plain
    assert "never" not in plain
    named = player.log_of("sh '''#!/bin/sh\nfalse\necho on'''")
    assert "on" in named
    assert "+ false" not in named
    assert "never" not in player.log_of("sh '''\n#!/bin/bash\nfalse\necho never'''")


def test_a_shell_gives_back_what_it_is_asked_for(player: Player) -> None:
    steps = (
        "script { echo 'status ' + sh(returnStatus: true, script: 'exit 4') + ', text ' + sh(returnStdout: true, script: 'echo t').trim() }"
    )
    assert "status 4, text t" in player.log_of(steps)


def test_dollars_double_in_containers(player: Player) -> None:
    """FileMonitoringTask.escape is for launchers; `docker exec --env` has its argument as it is (WithContainerStep.Decorator)."""
    shown = "withEnv(['X=a$b']) { sh '''#!/bin/sh\nprintenv X''' }"
    assert "a$b\n" in player.log_of(shown)
    assert "a$$b\n" in player.log_of(shown, agent=DOCKER)


def test_empty_values_take_variables_away(player: Player) -> None:
    """EnvVars.override."""
    assert "<none>" in player.log_of("withEnv(['X=1']) { withEnv(['X=']) { sh 'echo \"<${X-none}>\"' } }")


def test_what_a_container_was_started_with_stays_in_it(player: Player) -> None:
    """WithContainerStep: `docker run -e` at first; what is taken away later is only left out of `docker exec`."""
    steps = "script { withEnv(['X=1']) { docker.image('debian:12').inside { withEnv(['X=']) { sh 'echo \"<$X>\"' } } } }"
    assert "<1>" in player.log_of(steps)


def test_secrets_are_masked_in_the_log(player: Player) -> None:
    """BindingStep.Filter."""
    log = player.log_of("sh 'echo \"$TOKEN\"'", more=TOKEN)
    assert "****" in log
    assert player.ground.secrets["TOKEN"] not in log


def test_a_secret_in_dockers_arguments_counts_as_printed(player: Player) -> None:
    """WithContainerStep: the environment is handed over as `--env NAME=value`."""
    arguments = player.ground.state / "output" / "arguments-of-docker"
    player.log_of("sh 'true'", more=TOKEN)
    assert not arguments.exists()
    player.log_of("script { docker.image('debian:12').inside { sh 'true' } }", more=TOKEN)
    assert player.ground.secrets["TOKEN"] in arguments.read_text()


def test_secrets_are_bound_by_their_kind(player: Player) -> None:
    """MultiBinding.getCredentials; FileBinding."""
    assert "value 26" not in player.log_of("echo 'x'", more="environment { KEY = credentials('KEY') }")
    shown = 'sh \'printf "%s" "$(head -c 12 "$KEY")" | tr a-z A-Z\''
    assert player.ground.secrets["KEY"][:12].upper() in player.log_of(shown, more="environment {\n KEY = credentials('KEY')\n}")
    wrong = "withCredentials([file(credentialsId: 'TOKEN', variable: 'FILE')]) { echo 'x' }"
    assert "is of type 'Secret text' where 'Secret file' was expected" in player.log_of(wrong)
    assert "Could not find credentials entry with ID 'NONE'" in player.log_of("echo 'x'", more="environment { X = credentials('NONE') }")


def test_stashes(player: Player) -> None:
    """StashManager: nothing to stash is an error, so is a name that nobody stashed; modes are kept, .git is left out."""
    made = "sh 'mkdir -p d/.git && touch d/x d/.git/y && chmod 755 d/x'\nstash name: 's', includes: 'd/**'"
    used = "deleteDir()\nunstash 's'\nsh 'test -x d/x && test ! -e d/.git'"
    assert player.play(pipeline(stage("a", made), stage("b", used))).ended == "passed"
    assert "No files included in stash" in player.log_of("stash name: 's', includes: 'none/**'")
    assert "No such saved stash" in player.log_of("unstash 's'")


def test_what_is_kept(player: Player) -> None:
    """ArtifactArchiver and JUnitResultArchiver: nothing found is an error unless it is allowed; failed tests make a build unstable."""
    made = "sh 'mkdir -p d; echo 1 > d/x.whl; echo \"<testsuite><failure/></testsuite>\" > r.xml'\n"
    both = "archiveArtifacts artifacts: 'd/*.whl, none'\njunit testResults: 'r.xml'"
    assert player.play(pipeline(stage("a", made + both))).ended == "failed"
    assert (player.ground.work / "controller/archive/d/x.whl").read_text() == "1\n"
    assert player.play(pipeline(stage("a", made + both + ", skipMarkingBuildUnstable: true"))).ended == "passed"
    assert "No artifacts found" in player.log_of("archiveArtifacts artifacts: 'none'")
    assert "No test report files" in player.log_of("junit 'none'")
    assert player.play(pipeline(stage("a", "junit testResults: 'none', allowEmptyResults: true"))).ended == "passed"


def test_workspaces_are_used_again(player: Player) -> None:
    """WorkspaceList: the next stage has what the last one left; two at a time have one each."""
    assert player.play(pipeline(stage("a", "sh 'touch made'"), stage("b", "sh 'test -e made'"))).ended == "passed"
    forked = parallel(stage("a", "sh 'pwd; sleep 1'"), stage("b", "sh 'pwd; sleep 1'"))
    assert "widget_main@2" in player.play(pipeline(forked)).log


def test_checkout_brings_the_branch_alone(player: Player) -> None:
    """git-plugin: GitSCM fetches the refspec of the job; which commit is built, the branch source has said."""
    log = player.log_of("checkout scm\nsh 'git rev-parse HEAD origin/main; git config remote.origin.url; git tag'")
    assert log.count(player.ground.world.sha) == 2
    assert "https://git.example.com/acme/widget.git" in log
    request = "checkout scm\nsh 'git rev-parse origin/PR-7 && ! git rev-parse origin/main'"
    assert player.play(pipeline(stage("a", request)), REQUEST).ended == "passed"


def test_a_refspec_is_expanded(player: Player) -> None:
    """git-plugin: GitSCM.getRefSpecs puts the build's variables for `$NAME`, and leaves what it doesn't know."""
    tree = pipeline(stage("a", "checkout scm\nsh 'test -e README.md'"))
    assert player.play(tree, Happening("push", branch="release/$(touch${IFS}pwned)")).ended == "passed"
    log = player.log_of("checkout scm", Happening("push", branch="release/$HOME"))
    assert "couldn't find remote ref refs/heads/release//" in log


def test_a_project_may_clone_one_commit(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """CloneOption of the project; a job's own takes its place, and two are refused."""
    monkeypatch.setattr(player.engine, "shallow", True)
    assert "commits 1\n" in player.log_of("checkout scm\nsh 'echo commits $(git rev-list --count HEAD)'")
    both = "extensions: scm.extensions + [cloneOption(shallow: false)]"
    two = f"script {{ checkout scmGit(branches: scm.branches, {both}, userRemoteConfigs: scm.userRemoteConfigs) }}"
    assert "two options for cloning" in player.log_of(two)


def test_the_default_checkout_sets_variables(player: Player) -> None:
    """CheckoutScript.checkoutAndRun; with skipDefaultCheckout there are none."""
    steps = "sh 'test -n \"$GIT_COMMIT\" && test -e README.md'"
    assert player.play(pipeline(stage("a", steps), options="parallelsAlwaysFailFast()")).ended == "passed"
    assert player.play(pipeline(stage("a", "checkout scm\nsh 'test -z \"$GIT_COMMIT\"'"))).ended == "passed"


def test_parameters_are_there_in_every_build(player: Player) -> None:
    """ParameterizedJobMixIn.getDefaultParametersValues; what the job doesn't define is dropped (ParametersAction)."""
    sections = "parameters {\nstring(name: 'PROBLEM', defaultValue: 'houses')\n}"
    text = pipeline(stage("a", "sh '''#!/bin/sh\necho \"<$PROBLEM> <${RUN-none}>\"'''"), sections=sections)
    assert "<houses> <none>" in player.play(text).log
    assert "<a$b> <none>" in player.play(text, BY_HAND).log


def test_a_choice_takes_nothing_else(player: Player) -> None:
    """ChoiceParameterDefinition.checkValue."""
    text = pipeline(stage("a"), sections="parameters {\nchoice(name: 'PROBLEM', choices: ['x', 'y'])\n}")
    assert "Illegal choice" in player.play(text, BY_HAND).log
    assert player.play(text).ended == "passed"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (pipeline(stage("a", "no_step 'x'")), "No such DSL method 'no_step'"),
        (pipeline(stage("a", "script { sh(script: 'true', status: 1) }")), "Unknown parameter(s) found for step sh: status"),
        (pipeline(stage("a", "script { docker.image('${X}').inside { } }")), "is no name of an image"),
        (pipeline(stage("a", "script { echo NOT_SET }")), "No such property: NOT_SET"),
        (pipeline(stage("a", "sh 'true'", agent="")), "requires a node context"),
        (pipeline(stage("a", "script { lock(resource: '') { } }")), "resource name must be specified"),
        (pipeline(stage("a", "script { milestone(ordinal: 2)\nmilestone(ordinal: 1) }")), "Invalid ordinal 1"),
    ],
)
def test_what_fails_at_run_time(player: Player, text: str, words: str) -> None:
    played = player.play(text)
    assert played.ended == "failed"
    assert words in played.log


def test_a_jvm_that_is_gone_is_told(tmp_path: Path, engine: Jenkins) -> None:
    broken = Jenkins()
    player = Player(tmp_path, broken)
    player.log_of("echo 'x'")
    assert broken._jvm is not None
    broken._jvm._jvm.kill()
    with pytest.raises(Failed):
        player.log_of("echo 'x'")
    broken.close()
