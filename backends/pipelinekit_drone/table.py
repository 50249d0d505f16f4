"""What Drone makes of each feature. https://docs.drone.io/pipeline/docker/overview/"""

from pipelinekit.backend import Case, Lowered, Native, Refused, Table, Unsafe, Weakened
from pipelinekit_drone import uses, waits

STORE = 'targets={"drone": {"store": "s3://bucket/folder"}}'

_LATE = Weakened(
    "the server looks for due cron jobs once an hour, so that a run can start an hour late", static="no scenario looks at the clock"
)
_UNSEEN = "what is kept after a run is in no trace"
_INSIDE = "a trace has the services of a job, not what is in them"
_ENDS = Case(
    "several gates", uses.many_ends, Refused("behind gates of which none comes last a run has no one end", "let one gate need the other")
)

TABLE: Table = {
    "order": (
        Case(
            "behind a pipeline, and in one tree",
            lambda use, request: waits.longer(use, request) and uses.in_one_tree(use, request),
            Weakened(
                "a pipeline waits for all jobs of those that it depends on, and its own follow one another in one tree: "
                "later ones may see files of earlier ones",
                'targets={"drone": {"copy_tree": True}}',
                shows=("extra-file",),
            ),
        ),
        Case(
            "behind a pipeline",
            waits.longer,
            Weakened(
                "a pipeline waits for all jobs of those that it depends on, needed or not",
                static="a job that waits longer keeps the order",
            ),
        ),
        Case(
            "in one tree",
            uses.in_one_tree,
            Lowered(
                "the pipeline's jobs follow one another in one tree: later ones may see files of earlier ones",
                'targets={"drone": {"copy_tree": True}}',
                shows=("extra-file",),
            ),
        ),
        Native(),
    ),
    "push": Native(),
    "branches": Native(),
    "pull_request": (
        Case(
            "forks are not ignored",
            uses.forks_come,
            Unsafe(
                "the repository's builds of forks can't be told from others",
                'on.pull_request(forks=True), or targets={"drone": {"ignore_forks": True}}',
                shows=("extra-job",),
            ),
        ),
        Lowered("its head is cloned, where Drone would merge it; the repository's settings must ignore forks", "see setup"),
    ),
    "forks": Weakened(
        "a pipeline can't tell a fork: stages that name a secret, and what needs them, run in no pull request",
        shows=("missing-job", "run"),
    ),
    "tag": (
        Case("a delivery", uses.guarded, Lowered("a step asks whether the tag's commit is on trunk")),
        Native(),
    ),
    "schedule": _LATE,
    "manual": (
        Case(
            "several manual runs",
            uses.several_manual,
            Refused("Drone knows one kind of build by hand", "one on.manual() with an input that says what to do"),
        ),
        Lowered("a custom build, started by `drone build create`"),
    ),
    "inputs": Lowered("build parameters, with defaults and choices in the script"),
    "changed": Lowered("a step looks at the changes; the job of an unchanged part starts and ends green"),
    "artifacts": (
        Case(
            "to another pipeline",
            uses.crosses,
            Refused("nothing flows from one pipeline to another, and an environment has its own", STORE),
        ),
        Lowered("copied through a folder beside the tree, or through the store to another pipeline"),
    ),
    "reports": (
        Case(
            "without a store",
            uses.no_store,
            Weakened("Drone shows no reports, and there is no store to keep them in", STORE, static=_UNSEEN),
        ),
        Weakened(
            "Drone shows no reports: the files are kept in the store, but for pull requests, which are not given its keys",
            static=_UNSEEN,
        ),
    ),
    "keep": (
        Case("without a store", uses.no_store, Refused("Drone keeps no files after a run", STORE)),
        Case(
            "for a time",
            uses.kept_for_a_time,
            Weakened("the store's own rules say how long files are kept", static="no scenario lasts so long that files expire"),
        ),
        Case(
            "in pull requests",
            uses.in_pull_requests,
            Weakened("not in pull requests, which are not given the store's keys", static=_UNSEEN),
        ),
        Lowered("copied into the store at the end"),
    ),
    "cache": Weakened("Drone has no cache: each run fetches anew", static="a cache may be absent: a trace looks at none"),
    "services": (
        Case(
            "one alias, two services",
            uses.two_of_one_alias,
            Refused("a pipeline has one service of a name", "give the services different aliases"),
        ),
        Case(
            "shared",
            uses.shared_alias,
            Weakened("jobs that name the same service share one instance, one job after the other", static=_INSIDE),
        ),
        Case("with retries", uses.retried, Weakened("attempts share the service's one instance", static=_INSIDE)),
        Native(),
    ),
    "matrix": Lowered("a step for each cell"),
    "variables": Native(),
    "secrets": (
        Case(
            "in pull requests",
            uses.secrets_hidden,
            Weakened("left out of pull requests, of which some may come from forks", shows=("missing-job", "run")),
        ),
        Native(),
    ),
    "secret_files": Lowered("written to a temporary file of the job's container"),
    "optional_secrets": Native(),
    "gate": (
        Case("no order between gates", uses.joined, Refused("a promotion is one approval", "let one gate need the other")),
        Case(
            "unknown event",
            uses.torn_gate,
            Refused("a promotion doesn't tell which event the first build had, and different stages run on them"),
        ),
        Case(
            "right after another",
            waits.asked_at_once,
            Refused("a promotion leaves no mark itself: the next one can't ask for it", "put a stage between the two"),
        ),
        Case("without a store", uses.no_store, Refused("the promotion can't ask whether the first build passed", STORE)),
        Lowered("a promotion, a build of its own, which demands the marks that the first one left in the store"),
    ),
    "gate_timeout": Lowered("a promotion that comes later fails at its first step"),
    "lock": (
        Case(
            "in several pipelines",
            uses.lock_spreads,
            Refused(
                "a limit counts one pipeline, and the jobs of this lock are in several",
                "run them on the same events, in one environment or in none",
            ),
        ),
        Weakened("the whole pipeline of the job runs one at a time", static="other runs only wait longer, and a scenario has one run"),
    ),
    "environment": (
        Case(
            "torn",
            uses.torn_environment,
            Refused("no single pipeline can hold the environment's stages", "put all its stages behind the same gate, or none"),
        ),
        Lowered("a pipeline of its own, one at a time, after the whole pipelines that its stages need; Drone has no page for its URL"),
    ),
    "block": Native(),
    "overtaking": Weakened(
        "a build is not held back by a newer one that was delivered before: pipelines wait by the age of what is waiting, and any "
        "earlier build can be promoted or restarted",
        shows=("extra-job", "gate"),
    ),
    "timeout": (
        Case(
            "container builds",
            uses.is_container,
            Weakened("the plugin is bounded by the repository's timeout alone", static="a trace's container builds never hang"),
        ),
        Lowered("`timeout` of the image ends the script"),
    ),
    "retries": (
        Case("container builds", uses.is_container, Weakened("the plugin is tried once", shows=("attempts",))),
        Case("with services", uses.with_services, Weakened("attempts share the job's services", static=_INSIDE)),
        Lowered("a loop around the script, with a new copy of the tree each time"),
    ),
    "allow_failure": Native(),
    "on_failure": Native(),
    "always": (_ENDS, Native()),
    "cancel_superseded": Weakened(
        "a setting of the repository, which cancels builds that still wait", "see setup", static="a scenario has one pull request's run"
    ),
    "runner": (
        Case(
            "two architectures",
            uses.two_architectures,
            Refused("a pipeline runs on one worker, and its stages ask for different architectures", "run them on different events"),
        ),
        Case(
            "sizes",
            uses.sizes,
            Weakened(
                "workers are chosen by platform and labels, not by cores, memory and gpus",
                "label the runner, and name the label",
                static="which machine runs a job is in no trace",
            ),
        ),
        Case("the only one", uses.alone_on_runner, Native()),
        Weakened("a pipeline runs on one worker: its other stages wait for this one too", static="which machine runs a job is in no trace"),
    ),
    "container": Native("plugins/docker, which must be one of the runner's privileged images"),
    "registry": Weakened(
        "the plugin gives docker the registry's keys as arguments, seen by whoever sees the processes of its container",
        "a key that may push to this repository alone",
        static="what a plugin starts is in no trace",
    ),
    "bash": Native(),
    "checkout": Lowered("history is always there; tags, LFS and submodules are fetched for the whole pipeline"),
    "facts": (
        Case(
            "PK_EVENT behind a gate",
            uses.event_behind_gate,
            Refused("a promotion doesn't tell which event the first build had", "read PK_EVENT before the gate"),
        ),
        Native(),
    ),
    "run_facts": Native(),
    "outsiders": Native(),
    "raw": Native(),
}
