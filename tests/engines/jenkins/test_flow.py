"""Which stages run, in which order, and how builds end: each rule beside the place of Jenkins' source that says so."""

from __future__ import annotations

import pytest

from pipelinekit.semantics.scenario import Failure, Happening
from tests.engines.jenkins.by_hand import BY_HAND, FAILS, FORK, PUSH, REQUEST, TAG, Played, Player, around, parallel, pipeline, stage

GATE = "stage('g') {\ninput {\nmessage 'Go?'\n}\n%s\nsteps {\necho 'x'\n}\n}\n"


def test_after_a_failure_later_stages_are_skipped(player: Player) -> None:
    """ModelInterpreter.evaluateSequentialStages."""
    played = player.play(pipeline(stage("a", FAILS), stage("b")))
    assert (played.said, played.ended) == (["start a", "failed a", "skip b"], "failed")
    assert "script returned exit code 3" in played.log


def test_branches_of_a_parallel_go_on_beside_a_failed_one(player: Player) -> None:
    """ParallelStep: without failFast nobody is ended."""
    played = player.play(pipeline(parallel(stage("a", FAILS), stage("b", "sh 'sleep 1'")), stage("c")))
    assert set(played.said) == {"start a", "failed a", "start b", "passed b", "skip c"}


@pytest.mark.parametrize(("options", "more"), [("skipDefaultCheckout()", "failFast true"), ("parallelsAlwaysFailFast()", "")])
def test_fail_fast_ends_the_other_branches(player: Player, options: str, more: str) -> None:
    """ParallelStep.ResultHandler: the first failure stops the step, and is the one that is thrown."""
    played = player.play(pipeline(parallel(stage("a", FAILS), stage("b", "sh '/bin/sleep 60'"), more=more), options=options))
    assert {"failed a", "failed b"} <= set(played.said)
    assert played.ended == "failed"


def test_a_condition_that_is_false_skips_what_is_inside_too(player: Player) -> None:
    """ModelInterpreter.skipStage; what is skipped counts as passed."""
    played = player.play(pipeline(around("outer", stage("a"), stage("b"), more="when { branch 'other' }"), stage("c")))
    assert (played.said, played.ended) == (["skip a", "skip b", "start c", "passed c"], "passed")


@pytest.mark.parametrize(
    ("condition", "happening", "holds"),
    [
        ("branch 'MAIN'", PUSH, True),  # Comparator.GLOB: without regard to case
        ("branch 'm*'", PUSH, True),
        ("branch pattern: 'MAIN', comparator: 'EQUALS'", PUSH, False),
        ("branch pattern: 'ma', comparator: 'REGEXP'", PUSH, False),  # String.matches: the whole text
        ("branch 'main'", REQUEST, False),  # BRANCH_NAME is PR-7
        ("branch 'feature/*'", REQUEST, False),
        ("changeRequest()", REQUEST, True),
        ("changeRequest target: 'main'", REQUEST, True),
        ("changeRequest target: 'ma*'", REQUEST, False),  # ChangeRequestConditional: EQUALS unless said otherwise
        ("changeRequest()", PUSH, False),
        ("expression { env.CHANGE_FORK }", FORK, True),
        ("expression { env.CHANGE_FORK }", REQUEST, False),
        ("buildingTag()", TAG, True),
        ("buildingTag()", PUSH, False),
        ("tag 'v*'", TAG, True),
        ("tag pattern: 'v1', comparator: 'REGEXP'", TAG, False),
        ("branch 'v1.4'", TAG, True),  # a tag's job has its name as BRANCH_NAME
        ("triggeredBy 'UserIdCause'", BY_HAND, True),
        ("triggeredBy 'UserIdCause'", PUSH, False),
        ("triggeredBy 'useridcause'", BY_HAND, True),  # Utils.shouldRunBeAllowed: (?i)
        ("expression { 'false' }", PUSH, True),  # Groovy's truth
        ("expression { return false }", PUSH, False),
        ("not { branch 'main' }", PUSH, False),
        ("anyOf {\nbranch 'x'\nbranch 'main'\n}", PUSH, True),
        ("allOf {\nbranch 'x'\nbranch 'main'\n}", PUSH, False),
        ("branch 'main'\nbranch 'x'", PUSH, False),  # several hold together
        ("environment name: 'BRANCH_NAME', value: 'main'", PUSH, True),
    ],
)
def test_conditions(player: Player, condition: str, happening: Happening, holds: bool) -> None:
    played = player.play(pipeline(stage("a", more=f"when {{\n{condition}\n}}")), happening)
    assert ("skip a" not in played.said) is holds


def test_an_agent_is_taken_before_the_condition_is_looked_at(player: Player) -> None:
    """ModelInterpreter.evaluateStage: `when` comes after the agent, unless it is told otherwise."""
    assert player.play(pipeline(stage("a", more="when { branch 'x' }"))).said == ["start a", "passed a", "skip a"]
    assert player.play(pipeline(stage("a", more="when {\nbeforeAgent true\nbranch 'x'\n}"))).said == ["skip a"]


def test_a_person_is_asked_before_the_condition_is_looked_at(player: Player) -> None:
    assert player.play(pipeline(GATE % "when { branch 'x' }")).said == ["gate g approved", "skip g"]
    assert player.play(pipeline(GATE % "when {\nbeforeInput true\nbranch 'x'\n}")).said == ["skip g"]


def test_a_rejection_aborts(player: Player) -> None:
    """InputStepExecution.doAbort; `failure` does not hold for an aborted build (BuildCondition.getCombinedResult)."""
    post = "failure { echo 'told of a failure' }\naborted { echo 'told of an end' }"
    played = player.play(pipeline(GATE % "", stage("a"), post=post), rejected=("g",))
    assert (played.said, played.ended) == (["gate g rejected", "skip a"], "stopped")
    assert "told of an end" in played.log
    assert "told of a failure" not in played.log


def posts(played: Played) -> list[str]:
    return [line for line in played.log.splitlines() if line.startswith("post ")]


def test_post_conditions_come_in_their_own_order(player: Player) -> None:
    """BuildCondition.getOrderedConditionNames: as the plugin has them, not the file."""
    names = ("cleanup", "unsuccessful", "success", "failure", "aborted", "always")
    post = "\n".join(f"{name} {{ echo 'post {name}' }}" for name in names)
    failed = player.play(pipeline(stage("a", FAILS), post=post))
    assert posts(failed) == ["post always", "post failure", "post unsuccessful", "post cleanup"]
    assert posts(player.play(pipeline(stage("a"), post=post))) == ["post always", "post success", "post cleanup"]


def test_a_failure_in_always_is_one_for_the_conditions_after_it(player: Player) -> None:
    """ModelInterpreter.runPostConditions: the first error is handed on."""
    post = "always { error 'broken' }\nfailure { echo 'post failure' }\nsuccess { echo 'post success' }"
    played = player.play(pipeline(stage("a"), post=post))
    assert (posts(played), played.ended) == (["post failure"], "failed")


def test_not_built_is_worse_than_failed(player: Player) -> None:
    """Result.combine: `failure` wants exactly FAILURE."""
    steps = "script { currentBuild.result = 'NOT_BUILT' }\nerror 'overtaken'"
    post = "failure { echo 'post failure' }\nnotBuilt { echo 'post notBuilt' }"
    played = player.play(pipeline(stage("a", steps), post=post))
    assert (posts(played), played.ended) == (["post notBuilt"], "stopped")


def test_a_post_without_a_node_runs_no_shell(player: Player) -> None:
    """ModelInterpreter.catchRequiredContextForNode."""
    played = player.play(pipeline(stage("a"), post="always { sh 'true' }"))
    assert played.ended == "failed"
    assert "requires a node context" in played.log


def test_a_stage_has_its_post_on_its_own_agent(player: Player) -> None:
    """ModelInterpreter.executeSingleStage: the post is part of the job; an error in it fails the stage."""
    played = player.play(pipeline(stage("a", "sh 'touch made'", "post {\nalways { sh 'test -e made && exit 5' }\n}"), stage("b")))
    assert played.said == ["start a", "failed a", "skip b"]


def test_caught_errors_leave_the_build_as_they_are_told_to(player: Player) -> None:
    """CatchErrorStep: buildResult; FAILURE when nothing is said, though nothing is thrown."""
    kept = player.play(pipeline(stage("a", FAILS, "options { catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') }"), stage("b")))
    assert (kept.said, kept.ended) == (["start a", "allowed a", "start b", "passed b"], "passed")
    spoilt = player.play(pipeline(stage("a", FAILS, "options { catchError() }"), stage("b")))
    assert (spoilt.said[-1], spoilt.ended) == ("passed b", "failed")


ALL = (Failure("a", 0, kind="hang"),)
ONCE = (Failure("a", 0, kind="hang", attempts=1),)
HANGS = "timeout(time: 5, unit: 'MINUTES') { sh 'pk-probe start; pk-probe at a 0' }"


def test_a_timeout_aborts_the_build(player: Player) -> None:
    """TimeoutStepExecution.cancel: a FlowInterruptedException with ABORTED."""
    played = player.play(pipeline(stage("a", HANGS), post="failure { echo 'post failure' }"), failures=ALL)
    assert (played.said, played.ended, posts(played)) == (["start a", "timeout a"], "stopped", [])


def test_a_timeout_goes_over_the_result_that_was_asked_for(player: Player) -> None:
    """CatchErrorStep.Callback.onFailure: the result of an interruption is the build's."""
    caught = "options { catchError(buildResult: 'SUCCESS', stageResult: 'FAILURE') }"
    assert player.play(pipeline(stage("a", HANGS, caught)), failures=ALL).ended == "stopped"


def test_a_timeout_may_be_tried_again(player: Player) -> None:
    """RetryStepExecution: an interruption that has left its timeout is no actual one any more."""
    assert player.play(pipeline(stage("a", f"retry(2) {{ {HANGS} }}")), failures=ONCE).ended == "passed"


def test_a_rejection_is_not_tried_again(player: Player) -> None:
    asked = "stage('g') {\nsteps {\nretry(3) { input 'Go?' }\n}\n}\n"
    assert player.play(pipeline(asked), rejected=("g",)).said == ["gate g rejected"]


def test_a_command_that_nothing_ends_is_told(player: Player) -> None:
    played = player.play(pipeline(stage("a", "sh 'pk-probe start; pk-probe at a 0'")), failures=ALL)
    assert (played.said, played.ended) == (["start a"], "")


def delivered(first: str) -> str:
    return pipeline(around("e", f"stage('newest') {{\nsteps {{\n{first}\n}}\n}}\n", stage("a"), more="options { lock(resource: 'p-e') }"))


def test_milestones_end_older_builds(player: Player) -> None:
    """MilestoneStepExecution.tryToPass: a newer build that has passed ends those before it."""
    text = delivered("milestone(ordinal: 1)")
    assert player.play(text).said == ["start a", "passed a"]
    played = player.play(text, overtaken=("e",))
    assert (played.said, played.ended) == (["skip a"], "stopped")
    assert player.play(text, TAG, overtaken=("e",)).said == ["start a", "passed a"]  # a tag's job knows no other's builds
    forked = pipeline(parallel(stage("a", "milestone(ordinal: 1)"), stage("b")))
    assert "Using a milestone step inside parallel is not allowed" in player.play(forked).log


def test_newer_builds_can_be_seen(player: Player) -> None:
    """RunWrapper.getNextBuild."""
    text = delivered("script {\necho 'next ' + currentBuild.nextBuild?.description\ncurrentBuild.description = 'had it'\n}")
    assert "next had it" in player.play(text, overtaken=("e",)).log
    assert "next null" in player.play(text).log


def test_a_lock_lets_one_in_at_a_time(player: Player) -> None:
    """LockStep: other branches wait; several resources are taken together."""
    one = stage("a", "sh 'sleep 1'", "options { lock(resource: 'x', extra: [[resource: 'y']]) }")
    said = player.play(pipeline(parallel(one, stage("b", "sh 'sleep 1'", "options { lock('y') }")))).said
    assert [word.split()[0] for word in said] == ["start", "passed", "start", "passed"]


def test_cells_of_a_matrix(player: Player) -> None:
    axes = "axes {\naxis {\nname 'A'\nvalues '1', '2'\n}\naxis {\nname 'B'\nvalues 'x', 'y'\n}\n}"
    cell = stage("t", 'sh \'test -n "$A" && test -n "$B"\'')
    played = player.play(pipeline(f"stage('m') {{\nmatrix {{\n{axes}\nstages {{\n{cell}\n}}\n}}\n}}\n"))
    assert {word for word in played.said if word.startswith("passed")} == {f"passed t-{a}-{b}" for a in "12" for b in "xy"}


def test_timers_start_what_they_name(player: Player) -> None:
    """TimerTrigger; parameterized-scheduler: ParameterParser, and a cause of its own class."""
    shown = stage("a", "script { echo 'cause ' + currentBuild.getBuildCauses()[0]._class + ' for ' + params.SCHEDULE }")
    sections = (
        "parameters {\nchoice(name: 'SCHEDULE', choices: ['', 'weekly', 'daily'])\n}\n"
        "triggers {\nparameterizedCron('TZ=Etc/UTC\\n0 5 * * 1 %SCHEDULE=weekly\\n0 5 * * * %SCHEDULE=daily')\n}"
    )
    text = pipeline(shown, sections=sections)
    assert "ParameterizedTimerTriggerCause for daily" in player.play(text, Happening("schedule", name="daily")).log
    assert player.play(text, Happening("schedule", name="hourly")).ended == "nothing"
    assert player.play(pipeline(stage("a")), Happening("schedule", name="daily")).ended == "nothing"


@pytest.mark.parametrize(
    "text",
    [
        pipeline(stage("a"), stage("a")),
        pipeline("stage('a') {\nagent any\n}"),
        pipeline(stage("a", "def x = 1")),
        pipeline(stage("a", more="post { }")),
        pipeline(parallel(stage("a"), parallel(stage("b")))),
        "pipeline {",
    ],
)
def test_what_declarative_refuses_starts_no_stage(player: Player, text: str) -> None:
    played = player.play(text)
    assert (played.said, played.ended) == ([], "failed")
    assert "Declarative refuses the file" in played.log


def test_stages_of_a_script(player: Player) -> None:
    """workflow: StageStep and ExecutorStep; a script in a stage without an agent is no job, what it takes a node for is one."""
    inner = "script {\nparallel(\na: { stage('a') { node('x') { echo 'a' } } },\nb: { stage('b') { node('x') { error 'b' } } }\n)\n}"
    played = player.play(pipeline(stage("graph", inner, agent="")))
    assert set(played.said) == {"start a", "passed a", "start b", "failed b"}
    assert played.ended == "failed"
