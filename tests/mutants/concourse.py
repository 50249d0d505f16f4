"""Bugs seeded into the Concourse backend."""

from tests.mutants import Mutant
from tests.mutants.patches import both, edited

_GETS = "pipelinekit_concourse.jobs:_Chained.gets"

MUTANTS = (
    Mutant(
        "one attempt too few",
        edited("pipelinekit_concourse.tasks:modifiers", "stage.retries + 1", "stage.retries"),
        ("retries",),
        "attempts counts all of them, not the further ones",
    ),
    Mutant(
        "gates open by themselves",
        edited("pipelinekit_concourse.jobs:_Chained.plan", "triggers=not unit.is_gate", "triggers=True"),
        ("gate",),
        "nobody would be asked",
    ),
    Mutant(
        "what a job needs need not have passed",
        edited(_GETS, 'order = {"passed": Flow(passed)} if passed else {}', "order = {}"),
        ("chain",),
        "every job would start with the newest commit at once",
    ),
    Mutant(
        "nothing triggers",
        edited(_GETS, 'start = {"trigger": True} if triggers else {}', "start = {}"),
        ("one-job",),
        "every job would wait for a person",
    ),
    Mutant(
        "files of whichever run",
        edited(
            "pipelinekit_concourse.jobs:_Chained.files",
            '"passed": Flow([self.name(self.chain.of[stage].name)]),',
            "",
        ),
        ("artifacts",),
        "a job would take the newest files in the bucket, another commit's",
    ),
    Mutant(
        "files are left behind",
        edited("pipelinekit_concourse.scripts:task", "script.commands(stage, copies_out(place, stage))", "script.commands(stage)"),
        ("artifacts",),
        "what others ask for would not leave the tree",
    ),
    Mutant(
        "locks that nobody holds",
        edited("pipelinekit_concourse.jobs:_Chained.holds", 'return {"serial_groups": locks} if locks else {}', "return {}"),
        ("lock",),
        "two jobs of one lock would run side by side",
    ),
    Mutant(
        "failure's stage in any case",
        edited("pipelinekit_concourse.jobs:_Chained.ends", '{"on_failure": hook, "on_error": hook}', '{"ensure": hook}'),
        ("on-failure",),
        "people would be told of a failure that there was not",
    ),
    Mutant(
        "errors are no failures",
        edited("pipelinekit_concourse.jobs:_Chained.ends", '{"on_failure": hook, "on_error": hook}', '{"on_failure": hook}'),
        ("loss-concourse-two-failures",),
        "a missing secret errors a build, of which nobody would hear",
    ),
    Mutant(
        "a stage for all ends forgets failures",
        edited("pipelinekit_concourse.jobs:_Chained.ends", "failed += [] if is_last else always", "failed += []"),
        ("always",),
        "nothing would be swept after a failure of any but the last job",
    ),
    Mutant(
        "numbers in place of texts",
        edited(
            "pipelinekit_concourse.tasks:across",
            "list(axis.values)",
            "[float(each) if each[0].isdigit() else each for each in axis.values]",
        ),
        ("matrix",),
        "Python 3.10 would become 3.1",
    ),
    Mutant(
        "every secret for every task",
        edited(
            "pipelinekit_concourse.tasks:params",
            "for secret in stage.secrets}",
            "for other in place.plan.stages for secret in other.secrets}",
        ),
        ("secrets",),
        "a linter would see the deployment's password",
    ),
    Mutant(
        "brackets that Concourse looks up",
        both(
            edited(
                "pipelinekit_concourse.escape:pieces", "match.start() + 1 for match in _VARIABLE.finditer(script)", "each for each in ()"
            ),
            edited("pipelinekit_concourse.limits:of_document", "if not is_local(found) and found not in meant:", "if False:"),
        ),
        ("hostile-letters",),
        "the arithmetic of a shell would be taken for a variable, which errors the build",
    ),
    Mutant(
        "words without quotes",
        edited("pipelinekit_concourse.escape:word", "quote(text)", "text"),
        ("hostile-letters",),
        "a value with brackets would be read by the shell as commands",
    ),
    Mutant(
        "a branch in a script",
        edited(
            "pipelinekit_concourse.facts:exports",
            """f'{name}="$({read[name]})"\\nexport {name}'""",
            """f'eval "{name}=$({read[name]})"\\nexport {name}'""",
        ),
        ("attack-title",),
        "the title of a pull request would be a command",
    ),
    Mutant(
        "a secret among a program's arguments",
        edited("pipelinekit_concourse.scripts:_file", "printf %s", "env printf %s"),
        ("secrets-as-files",),
        "everybody on the worker could read it in the list of processes",
    ),
    Mutant(
        "no bound of time",
        edited("pipelinekit_concourse.tasks:modifiers", "if stage.timeout:", "if False:"),
        ("timeout",),
        "a job that hangs would hang for good",
    ),
    Mutant(
        "no failure is allowed",
        edited("pipelinekit_concourse.tasks:step", 'return {"try": own} if stage.allow_failure else own', "return own"),
        ("allow-failure",),
        "the run would end with a stage that may fail",
    ),
    Mutant(
        "pull requests are merged",
        edited("pipelinekit_concourse.jobs:_pull_request_params", '"integration_tool": "checkout"', '"integration_tool": "merge"'),
        ("one-job",),
        "another tree would be tested than the branch's",
    ),
    Mutant(
        "forks are let in",
        edited("pipelinekit_concourse.resources:_pull_requests", "if not chain.event.forks:", "if False:"),
        ("one-job",),
        "anybody's code would run with the pipeline's secrets",
    ),
    Mutant(
        "pull requests into any branch",
        edited("pipelinekit_concourse.resources:_pull_requests", 'source["base_branch"] = request.plan.trunk', "pass"),
        ("one-job",),
        "runs that nobody asked for",
    ),
    Mutant(
        "tags of any branch",
        edited(
            "pipelinekit_concourse.resources:_event",
            'source = _git(request) | {"tag_regex"',
            'source = {"uri": request.settings.uri} | {"tag_regex"',
        ),
        ("tag",),
        "a tag beside trunk would be delivered",
    ),
    Mutant(
        "the tag is the commit",
        edited("pipelinekit_concourse.facts:_read", '"PK_TAG": "cat .git/ref"', '"PK_TAG": "cat .git/HEAD"'),
        ("tag",),
        "a release would be called by its commit",
    ),
    Mutant(
        "pull requests publish",
        edited("pipelinekit_concourse.containers:publishes", "return delivers(request.plan, place.event)", "return True"),
        ("container",),
        "an image of unreviewed code would lie beside trunk's",
    ),
    Mutant(
        "the filter is turned around",
        edited("pipelinekit_concourse.scripts:_filter", "|| [ $? -gt 1 ] || exit 0", "&& exit 0"),
        ("changed",),
        "stages would be left out of just the pull requests that touch their files",
    ),
    Mutant(
        "the pipeline's variables win",
        edited(
            "pipelinekit_concourse.scripts:variables",
            "dict(place.plan.variables) | dict(stage.variables)",
            "dict(stage.variables) | dict(place.plan.variables)",
        ),
        ("variables-replaced",),
        "a stage's own value would be lost",
    ),
    Mutant(
        "services in another network",
        edited("pipelinekit_concourse.services:_job", "docker run --rm --network job", "docker run --rm"),
        ("services",),
        "the job would not find its database",
    ),
    Mutant(
        "a terminal to wait at",
        edited("pipelinekit_concourse.scripts:before", '"exec </dev/null",', ""),
        ("hostile-lines",),
        "a command that reads its input would wait for somebody to type",
    ),
)
