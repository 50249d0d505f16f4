"""Bugs seeded into the Jenkins backend."""

import re

from tests.mutants import Mutant
from tests.mutants.patches import constant, edited

MUTANTS = (
    Mutant(
        "environments without a lock",
        edited("pipelinekit_jenkins.stages:Stages._environment", 'block("options", self._lock(tree.environments)),', ""),
        ("golden/environment",),
        "two builds would deploy to one environment at the same time",
    ),
    Mutant(
        "one attempt too few",
        edited("pipelinekit_jenkins.steps:steps", 'option("retry", stage.retries + 1)', 'option("retry", stage.retries)'),
        ("retries",),
        "retry counts all attempts, not the further ones",
    ),
    Mutant(
        "all stages in one wave",
        edited("pipelinekit_jenkins.order:Arrangement._waves", "(at[2] + 1 for at", "(at[2] for at"),
        ("lattice",),
        "stages would start before those that they need",
    ),
    Mutant(
        "nothing is stashed",
        edited("pipelinekit_jenkins.steps:_attempt", "stashes.stashes(stage.name, work.paths(stage))", "()"),
        ("artifacts",),
        "what asks for an artifact would find none",
    ),
    Mutant(
        "a stash of everything",
        edited("pipelinekit_jenkins.escape:ant", 'return f"{path}**" if path.endswith("/") else path', 'return "**"'),
        ("artifacts",),
        "stages would see files that they never asked for",
    ),
    Mutant(
        "workspaces as the last build left them",
        edited(
            "pipelinekit_jenkins.steps:_attempt",
            'yield call("deleteDir") if on_agent else call("sh", shell.CLEAN)',
            'yield call("echo", "")',
        ),
        ("one-job",),
        "old files would lie beside those of the commit",
    ),
    Mutant(
        "stages of every event",
        edited("pipelinekit_jenkins.jobs:when", "if selected != outer:", "if False:"),
        ("explicit-events",),
        "a stage would run in builds that nobody selected it for",
    ),
    Mutant(
        "forks like everybody else",
        edited("pipelinekit_jenkins.conditions:Selected.condition", "target if self.forks else All((target, Not(FORKED)))", "target"),
        ("forks-and-secrets",),
        "a stranger's pull request would run with secrets",
    ),
    Mutant(
        "a tag is a branch",
        edited("pipelinekit_jenkins.conditions:_on_branches", "others: list[Condition] = [Not(TAGGED)]", "others: list[Condition] = []"),
        ("branches-all",),
        "stages of branches would run in builds of tags",
    ),
    Mutant(
        "a timer's builds are pushes",
        edited(
            "pipelinekit_jenkins.conditions:_on_trunk", "unselected = [Not(without) for _, without in causes if without]", "unselected = []"
        ),
        ("schedule",),
        "the nightly build would run what belongs to pushes",
    ),
    Mutant(
        "timers of all branches but trunk",
        edited("pipelinekit_jenkins.document:_triggers", "(env.BRANCH_NAME == ", "(env.BRANCH_NAME != "),
        ("schedule",),
        "no schedule would ever start what it should",
    ),
    Mutant(
        "locks that nobody takes",
        edited("pipelinekit_jenkins.jobs:options", "if stage.lock:", "if False:"),
        ("lock",),
        "two jobs would use at once what only one may",
    ),
    Mutant(
        "failures that nobody may allow",
        edited("pipelinekit_jenkins.jobs:options", 'buildResult="SUCCESS"', 'buildResult="UNSTABLE"'),
        ("allow-failure",),
        "an allowed failure would spoil the build",
    ),
    Mutant(
        "jobs for failures in every build",
        edited("pipelinekit_jenkins.document:_post", 'yield block("failure", ', 'yield block("always", '),
        ("on-failure",),
        "people would be told of failures that there were none of",
    ),
    Mutant(
        "what always runs comes first",
        edited("pipelinekit_jenkins.document:_post", 'yield block("cleanup", ', 'yield block("always", '),
        ("after-a-delivery",),
        "its failure would start what runs on failures",
    ),
    Mutant(
        "scripts in which Groovy expands",
        edited(
            "pipelinekit_jenkins.steps:_attempt",
            'call("sh", shell.of_job(work.plan, stage, work.events(stage), work.settings))',
            'call("sh", Template(shell.of_job(work.plan, stage, work.events(stage), work.settings)))',
        ),
        ("hostile-letters",),
        "Groovy would put values into scripts, and fail at what it doesn't know",
    ),
    Mutant(
        "a gate that passes by itself",
        edited("pipelinekit_jenkins.stages:Stages._gate", 'block("input", call("message", stage.message), *submitter),', ""),
        ("gate",),
        "it would be delivered without anybody being asked",
    ),
    Mutant(
        "older builds deliver over newer ones",
        edited("pipelinekit_jenkins.stages:Stages._environment", 'block("stages", newest, ', 'block("stages", '),
        ("environment",),
        "a build that waited would put old software over new",
    ),
    Mutant(
        "secrets for the whole pipeline",
        edited(
            "pipelinekit_jenkins.document:pipeline",
            "(Entry(name, value) for name, value in plan.variables if escape.is_plain(name, value))",
            '(Entry(s.name, Call("credentials", (s.stored,))) for stage in plan.stages for s in stage.secrets if not s.optional)',
        ),
        ("secrets",),
        "every stage would see every secret",
    ),
    Mutant(
        "secrets among docker's arguments",
        edited("pipelinekit_jenkins.steps:_hidden", "if names else nodes", "if not names else nodes"),
        ("secrets",),
        "who lists the agent's processes would read them",
    ),
    Mutant(
        "jobs without a bound",
        edited("pipelinekit_jenkins.steps:limited", "if not stage.timeout:", "if True:"),
        ("timeout",),
        "a job that hangs would hang for ever",
    ),
    Mutant(
        "timeouts that abort",
        constant(
            "pipelinekit_jenkins.helpers:LIMITED",
            "def limited(int seconds, Closure body) {\n  timeout(time: seconds, unit: 'SECONDS') {\n    body()\n  }\n}\n",
        ),
        ("timeout",),
        "a job that takes too long would count as ended by a person",
    ),
    Mutant(
        "images of pull requests are pushed",
        edited("pipelinekit_jenkins.steps:_image", "if deliveries.events == work.events(stage):", "if True:"),
        ("container",),
        "what nobody has merged would be published",
    ),
    Mutant(
        "tags from anywhere",
        edited("pipelinekit_jenkins.steps:steps", 'f"git merge-base --is-ancestor HEAD origin/{work.plan.trunk}"', '"true"'),
        ("tag",),
        "a tag beside trunk would be delivered",
    ),
    Mutant(
        "unchanged files are changed ones",
        edited("pipelinekit_jenkins.helpers:changes", "+ paths) != 0", "+ paths) == 0"),
        ("changed",),
        "a stage would run in just those pull requests that don't touch its files",
    ),
    Mutant(
        "services that nobody can reach",
        edited("pipelinekit_jenkins.services:_run", 'f"--network-alias {service.alias}"', 'f"--hostname {service.alias}"'),
        ("services",),
        "a job would wait in vain for its database",
    ),
    Mutant(
        "one axis of two",
        edited("pipelinekit_jenkins.stages:Stages._matrix", "for axis in template.matrix\n", "for axis in template.matrix[:1]\n"),
        ("matrix-of-two",),
        "half of the cells would be left out",
    ),
    Mutant(
        "variables that Jenkins drops",
        constant("pipelinekit_jenkins.escape:_PLAIN", re.compile(r"[ -#%-~]{0,1000}")),
        ("variables-empty",),
        "empty variables would be missing, and $ would double in containers",
    ),
    Mutant(
        "dollars of variables left to Jenkins",
        constant("pipelinekit_jenkins.escape:_PLAIN", re.compile(r"[ -~]{1,1000}")),
        ("variables",),
        "Jenkins puts other variables for `$NAME` in `environment`",
    ),
    Mutant(
        "branches pasted into scripts",
        edited("pipelinekit_jenkins.facts:exported", 'f"{name}={word}\\nexport {name}"', 'f"eval {name}={word}\\nexport {name}"'),
        ("attack-branch",),
        "a branch of an attacker would run",
    ),
    Mutant(
        "registry's names among arguments",
        edited(
            "pipelinekit_jenkins.containers:_login",
            "return [",
            """return [f'docker login --username "${registry.username.name}" --password "${registry.password.name}" {host}',""",
        ),
        ("container",),
        "who lists the agent's processes would read them",
    ),
)
