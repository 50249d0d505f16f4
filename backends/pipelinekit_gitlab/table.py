"""What GitLab makes of each feature."""

from pipelinekit.backend import Case, Lowered, Native, Refused, Request, Table, Unsafe, Weakened
from pipelinekit.model.features import Use, facts
from pipelinekit.model.names import OUTSIDERS
from pipelinekit.semantics.selection import ancestors, block
from pipelinekit_gitlab import artifacts, secrets
from pipelinekit_gitlab.layout import lay_out, overlapping
from pipelinekit_gitlab.settings import Settings

BRANCH_FACTS = frozenset({"PK_BRANCH", "PK_TARGET_BRANCH", "PK_TAG"})


def _fewer(use: Use, request: Request[Settings]) -> bool:
    """Whether the stage comes after, or its block before, more than was asked for, because a block starts and ends as one."""
    layout = lay_out(request)
    stage = use.stage
    if stage is None or not layout.blocks:
        return False
    home = layout.home(stage.name)
    entered = {layout.home(need.stage): need.stage for need in stage.needs if layout.home(need.stage) not in (None, home)}
    before = ancestors(layout.plan, [stage.name])
    if any(not {other.name for other in layout.blocks[str(name)]} <= before for name in entered):
        return True
    inside = {other.name for other in layout.blocks[home]} if home else set[str]()
    roots = [other for other in layout.blocks[home] if not any(need.stage in inside for need in other.needs)] if home else []
    own = {need.stage for need in stage.needs} - inside
    return any(not own <= ancestors(layout.plan, [root.name]) for root in roots)


def _leaves_block(use: Use, request: Request[Settings]) -> bool:
    """Whether the stage asks for files of a stage in a child pipeline that is not its own."""
    layout = lay_out(request)
    stage = use.stage
    return stage is not None and any(need.paths and layout.home(need.stage) not in (None, layout.home(stage.name)) for need in stage.needs)


def _shows_more(use: Use, request: Request[Settings]) -> bool:
    return use.stage is not None and artifacts.shows_more(lay_out(request), use.stage)


def _short_lived(use: Use, request: Request[Settings]) -> bool:
    """Whether files that other stages ask for are gone after less than a day, or while the run may wait at a gate."""
    layout, stage = lay_out(request), use.stage
    if stage is None or not stage.keep_for or stage.keep_for >= 30 * 86400:
        return False
    takers = [other for other in layout.plan.stages if any(need.stage == stage.name and need.paths for need in other.needs)]
    gated = any(layout.stages[name].is_gate for taker in takers for name in ancestors(layout.plan, [taker.name]))
    return bool(takers) and (gated or stage.keep_for < 86400)


def _only_post(use: Use, request: Request[Settings]) -> bool:
    """Whether an event selects nothing but stages that run after the others; GitLab starts no such pipeline."""
    selection = request.selection
    events = selection.runs(use.stage) if use.stage else ()
    runs = [[stage for stage in request.plan.stages if selection.selects(event, stage)] for event in events]
    if use.stage and selection.in_forks(use.stage):
        runs.append([stage for stage in request.plan.stages if selection.in_forks(stage)])
    return any(all(stage.is_post for stage in run) for run in runs)


def _gate_inside(use: Use, request: Request[Settings]) -> bool:
    return use.stage is not None and lay_out(request).home(use.stage.name) is not None


def _may_be_alone(use: Use, request: Request[Settings]) -> bool:
    """Whether all other stages of a merge request may be left out by its files."""
    stage, selection = use.stage, request.selection
    if stage is None or not any(event.kind == "pull_request" for event in selection.runs(stage)):
        return False
    runs = [[other for other in request.plan.stages if any(event.kind == "pull_request" for event in selection.runs(other))]]
    if selection.in_forks(stage):
        runs.append([other for other in request.plan.stages if selection.in_forks(other)])
    return any(all(other.is_post or other.only_if for other in run) for run in runs)


def _of_one_stage(use: Use, request: Request[Settings]) -> bool:
    """Whether GitLab gives a secret of the stage to other stages of its environment too."""
    stage, plan = use.stage, request.plan
    return (
        stage is not None
        and stage.environment is not None
        and any(
            other.environment == stage.environment and {secret.stored for secret in secrets.of(stage)} & set(secrets.foreign(plan, other))
            for other in plan.stages
        )
    )


def _text_and_file(use: Use, request: Request[Settings]) -> bool:
    """Whether a key is a file for the stage, and a text for a stage of the same scope."""
    stage = use.stage
    if stage is None:
        return False
    there = [other for other in request.plan.stages if secrets.scope(other) == secrets.scope(stage)]
    texts = {secret.stored for other in there for secret in secrets.of(other) if not secret.file}
    return bool(texts & {secret.stored for secret in secrets.of(stage) if secret.file})


def _gated(use: Use, request: Request[Settings]) -> bool:
    """Whether an environment's block stands behind a gate."""
    layout = lay_out(request)
    names = [environment.name for environment in request.plan.environments if environment.source == use.source]
    stages = [stage.name for name in names for stage in block(layout.plan, name)]
    return any(layout.stages[name].is_gate for name in ancestors(layout.plan, stages))


def _on_trunk(use: Use, request: Request[Settings]) -> bool:
    """Whether the outsiders' facts that a stage mentions can only be trunk's name, or empty."""
    stage = use.stage
    mentioned = set(facts(stage)) & OUTSIDERS if stage else set[str]()
    return (
        stage is not None
        and mentioned <= BRANCH_FACTS
        and all(event.on_trunk and event.kind != "tag" for event in lay_out(request).selection.runs(stage))
    )


def _of_names(use: Use, _: Request[Settings]) -> bool:
    """Whether a stage mentions no outsiders' facts but names of branches and tags."""
    return use.stage is not None and set(facts(use.stage)) & OUTSIDERS <= BRANCH_FACTS


def _asks_for_size(use: Use, _: Request[Settings]) -> bool:
    runner = use.stage.runner if use.stage else None
    return runner is not None and (runner.cpus is not None or runner.memory is not None or runner.gpus > 1)


def _inputs_differ(_: Use, request: Request[Settings]) -> bool:
    """Whether two manual runs mean different things by one input."""
    given = {value for event in request.selection.events for value in event.inputs}
    return len({value.variable for value in given}) < len(given)


_ALONE = Case("nothing else", _only_post, Refused("GitLab starts no pipeline of jobs in `.post` alone", "let a stage run on that event"))
_PERHAPS_ALONE = Case(
    "nothing else, in some merge requests",
    _may_be_alone,
    Refused(
        "GitLab starts no pipeline of jobs in `.post` alone, as where a merge request changes nothing that `only_if` names",
        "let a stage without only_if run on pull requests",
    ),
)
_UNSET = Case(
    "of one stage among several",
    _of_one_stage,
    Lowered("GitLab gives them to all jobs of the environment; those of stages that don't name them unset them first"),
)
_LATER = Weakened(
    "a block starts and ends as one child pipeline: what comes after a part of it waits for all of it, and it for all that its parts need",
    static="jobs only wait longer: their order is one that the contract allows",
)
_OLD = "the resource group's process mode `oldest_first`, a set-up step, keeps older deliveries before newer ones"

TABLE: Table = {
    "order": (Case("part of a block", _fewer, _LATER), Native("`needs`")),
    "push": Native("`workflow:rules`"),
    "branches": Native("`workflow:rules`"),
    "pull_request": Native("merge request pipelines"),
    "forks": Native("rules compare the source project with the target's; a member starts a fork's pipeline in the project itself"),
    "tag": Native("`workflow:rules`; a job asks whether the tag's commit is on trunk"),
    "schedule": Native("a pipeline schedule with that description, a set-up step"),
    "manual": Native("the New pipeline form and the API"),
    "inputs": (
        Case(
            "one name, two meanings",
            _inputs_differ,
            Refused("a file has one input of a name", "give the inputs of the two runs different names"),
        ),
        Native("`spec:inputs`"),
    ),
    "changed": Native("`rules:changes` in merge request pipelines"),
    "artifacts": (
        Case(
            "files of a block, outside of it",
            _leaves_block,
            Refused("a pipeline can't take files from its child pipeline", "make the files before the block"),
        ),
        Case(
            "some files of several",
            _shows_more,
            Weakened("a job gets all files that a job it takes files from keeps, not only those that it asks for", shows=("extra-file",)),
        ),
        Native("`artifacts` and `needs:artifacts`"),
    ),
    "reports": Native("`artifacts:reports:junit`"),
    "keep": (
        Case(
            "kept for less time than the run may take",
            _short_lived,
            Weakened(
                "files for other stages go when the kept files do, and fail those that still ask for them",
                static="no scenario lasts so long that files expire",
            ),
        ),
        Native("`artifacts:expire_in`"),
    ),
    "cache": Native("`cache`, only read in merge requests"),
    "services": Native("`services`; the script waits for the port"),
    "matrix": Native("`parallel:matrix`"),
    "variables": Native("`variables`"),
    "secrets": (_UNSET, Native("CI/CD variables scoped to an environment, `ci/STAGE` for stages that have none")),
    "secret_files": (
        Case(
            "one key, as text and as file",
            _text_and_file,
            Refused("a CI/CD variable of an environment is a text or a file", "store the secret under two keys"),
        ),
        Native("variables of type file"),
    ),
    "optional_secrets": Native(),
    "gate": (
        Case(
            "between the stages of an environment",
            _gate_inside,
            Weakened(
                "the environment's lock is held while the gate waits",
                "ask before the environment's first stage",
                static="other runs only wait longer, and a scenario has one run",
            ),
        ),
        Native("a blocking manual job"),
    ),
    "gate_timeout": Weakened(
        "a manual job waits for ever: a late answer fails, and the time counts from the start of the run",
        static="in no scenario is an answer late",
    ),
    "lock": Native("`resource_group`"),
    "environment": Native("`environment` and `resource_group`"),
    "block": (
        Case(
            "blocks that cross",
            lambda _, request: overlapping(request),
            Refused("a stage can't be in the child pipelines of two environments", "order one environment wholly before the other"),
        ),
        Lowered("the stages of an environment run in a child pipeline, whose trigger job holds the lock"),
    ),
    "overtaking": (
        Case(
            "behind a gate",
            _gated,
            Weakened(
                f"{_OLD}, so that a run waiting at its gate holds back newer ones until it is answered or cancelled",
                static="newer runs only wait longer",
            ),
        ),
        Native(_OLD),
    ),
    "timeout": Native("`timeout`"),
    "retries": (
        Case(
            "more than 2 retries",
            lambda use, _: use.stage is not None and use.stage.retries > 2,
            Weakened(
                "GitLab retries a job twice at most, so a job has three attempts", shows=("attempts", "missing-job", "outcome", "run")
            ),
        ),
        Native("`retry`"),
    ),
    "allow_failure": Native("`allow_failure`"),
    "on_failure": (_ALONE, Native("a job in `.post`")),
    "always": (_ALONE, _PERHAPS_ALONE, Native("a job in `.post`")),
    "cancel_superseded": Native("`interruptible` and `workflow:auto_cancel`"),
    "runner": (
        Case(
            "cpus, memory, several gpus",
            _asks_for_size,
            Weakened(
                "runners are chosen by tags alone, so cpus, memory and the number of gpus are not looked at",
                "name a label that only runners of that size have",
                static="which machine runs a job is in no trace",
            ),
        ),
        Native("`tags`"),
    ),
    "container": (
        Case(
            "docker",
            lambda _, request: request.settings.builder == "docker",
            Native("docker with a daemon as service, which takes a privileged runner"),
        ),
        Native("buildah, which takes a runner that allows user namespaces"),
    ),
    "registry": Native("signed in by the job, in deliveries"),
    "bash": Native("the runner takes bash where the image has it; the job demands that"),
    "checkout": Native("`GIT_DEPTH`, `GIT_FETCH_EXTRA_FLAGS`, `GIT_SUBMODULE_STRATEGY`, `GIT_LFS_SKIP_SMUDGE`"),
    "facts": Native("predefined variables"),
    "run_facts": Native("`CI_PIPELINE_ID`, `CI_PIPELINE_URL`"),
    "outsiders": (
        Case("on trunk, of branches", _on_trunk, Native()),
        Case(
            "of branches and tags",
            _of_names,
            Weakened(
                "branches and tags with a `$` or `%` in their names start no run: GitLab might put a variable's value there",
                shows=("missing-job", "run"),
            ),
        ),
        Unsafe(
            "GitLab puts the values of other variables, secrets too, for `$NAME` and `%NAME%` in titles and authors",
            "read them with git in the script: git log -1 --format=%s",
            shows=("environment", "commands", "outcome", "missing-job", "run"),
        ),
    ),
    "raw": Native(),
}
