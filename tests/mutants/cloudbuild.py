"""Bugs seeded into the Cloud Build backend."""

from tests.mutants import Mutant
from tests.mutants.patches import edited, replaced

HERE = "pipelinekit_cloudbuild"

MUTANTS = (
    Mutant(
        "older deliveries go on",
        edited(f"{HERE}.locks:_not_overtaken", "exit 1", "exit 0"),
        ("branches-all",),
        "an older commit would replace a newer one",
    ),
    Mutant(
        "triggers on branches that only begin like trunk",
        edited(f"{HERE}.triggers:_git_event", 'branch = f"^{expression(trunk)}$"', 'branch = f"^{expression(trunk)}"'),
        ("golden/environment",),
        "a push to main-old would be delivered",
    ),
    Mutant(
        "a stage doesn't wait for the first that it needs",
        edited(
            f"{HERE}.assembly:_Steps.stage",
            "build.last(need.stage) for need in stage.needs",
            "build.last(need.stage) for need in stage.needs[1:]",
        ),
        ("diamond", "chain"),
        "tests would run before what they test is built",
    ),
    Mutant(
        "only the first of the asked-for files is laid over",
        edited(f"{HERE}.artifacts:lay_over", '"", paths)', '"", paths[:1])'),
        ("artifacts-executable",),
        "a deployment would miss a file",
    ),
    Mutant(
        "files for the build behind a gate stay on the machine",
        edited(
            f"{HERE}.artifacts:upload", "tar -C /artifacts -czf /tmp/{job}.tgz {job}", "tar -C /artifacts -czf /tmp/{job}.tgz -T /dev/null"
        ),
        ("gate-with-artifacts",),
        "the build behind the gate would deploy nothing",
    ),
    Mutant(
        "pull requests into any branch",
        edited(f"{HERE}.triggers:_git_event", '{"branch": branch, "commentControl"', '{"branch": "^.*$", "commentControl"'),
        ("one-job",),
        "pull requests between people's branches would cost builds",
    ),
    Mutant(
        "pull requests of forks are built",
        edited(f"{HERE}.assembly:_Steps.doors", 'build.event.kind == "pull_request" and not build.event.forks', "False"),
        ("one-job",),
        "a stranger's code would see the secrets",
    ),
    Mutant(
        "nobody takes an environment's lock",
        replaced(f"{HERE}.assembly:_environments", lambda _: lambda *_: []),
        ("branches-all",),
        "two deliveries would run at the same time",
    ),
    Mutant(
        "a lock is taken without waiting for it",
        edited(f"{HERE}.locks:_turn", 'until [ "$(first)" = "$BUILD_ID" ]; do', "while false; do"),
        ("branches-all",),
        "two deliveries would run at the same time",
    ),
    Mutant(
        "the ancestry is asked the wrong way round",
        edited(f"{HERE}.locks:_not_overtaken", '"$COMMIT_SHA" "$commit"', '"$commit" "$COMMIT_SHA"'),
        ("branches-all",),
        "no commit would be delivered after another",
    ),
    Mutant(
        "a dollar is not doubled",
        edited(f"{HERE}.escape:literal", 'text.replace("$", "$$")', "text"),
        ("variables-hostile",),
        "variables would lose what looks like a substitution",
    ),
    Mutant(
        "a default is written as a number",
        edited(
            f"{HERE}.document:_substitutions",
            "literal(value.default)",
            "int(value.default) if value.default.isdigit() else literal(value.default)",
        ),
        ("manual",),
        "the service would refuse the build",
    ),
    Mutant(
        "a gate without approval",
        edited(f"{HERE}.triggers:of_gate", "**approval, ", ""),
        ("gate",),
        "production would be deployed without a word",
    ),
    Mutant(
        "a gate is asked before anything has run",
        edited(f"{HERE}.assembly:_Steps.ask", "[build.last(stage) for stage in required(run, here, name)]", "[]"),
        ("gate",),
        "people would approve what nobody has tried",
    ),
    Mutant(
        "secrets in every step",
        edited(f"{HERE}.jobs:_commands", "[build.aliases[secret.stored] for secret in stage.secrets]", "list(build.aliases.values())"),
        ("secrets",),
        "a linter would see the password of production",
    ),
    Mutant(
        "a secret is exported under the store's key alone",
        edited(f"{HERE}.secrets:_shown", "if secret.name == alias else", "if secret.name else"),
        ("secrets", "blocks"),
        "the variable that the process reads would be missing",
    ),
    Mutant(
        "every step may fail",
        edited(f"{HERE}.jobs:job", "step.allow_failure = stage.allow_failure", "step.allow_failure = True"),
        ("chain",),
        "a red test would be deployed",
    ),
    Mutant(
        "no second attempt",
        edited(f"{HERE}.jobs:_script", "(_attempts(stage, own) if stage.retries else own)", "own"),
        ("retries",),
        "a flaky download would end the run",
    ),
    Mutant(
        "one attempt too few",
        edited(f"{HERE}.jobs:_attempts", "-le {stage.retries}", "-lt {stage.retries}"),
        ("retries",),
        "the last attempt would never come",
    ),
    Mutant(
        "attempts share a tree",
        edited(f"{HERE}.build:Build.copies", " or stage.retries > 0", ""),
        ("retries",),
        "a second attempt would stumble over the first one's files",
    ),
    Mutant(
        "no timeout",
        edited(f"{HERE}.jobs:job", "None if stage.retries else stage.timeout", "None"),
        ("timeout",),
        "a test that hangs would cost a day",
    ),
    Mutant(
        "attempts without a timeout",
        edited(f"{HERE}.jobs:_attempts", 'f"timeout {stage.timeout} " if stage.timeout else ""', '""'),
        ("timeout-with-retries",),
        "an attempt that hangs would never be followed by another",
    ),
    Mutant(
        "images of pull requests are published",
        edited(f"{HERE}.render:builds", "delivers(plan, event)", "True"),
        ("container",),
        "anybody's image would stand in the registry",
    ),
    Mutant(
        "nobody signs in to the registry",
        edited(f"{HERE}.containers:sign_in", "if registry is None or", "if True or registry is None or"),
        ("container",),
        "the push would be turned away",
    ),
    Mutant(
        "what needs an image doesn't wait for its push",
        edited(f"{HERE}.build:Build.last_of", 'self.helper(f"{stage.name}-push") if pushes else stage.name', "stage.name"),
        ("container-without-login",),
        "a deployment would pull an image that isn't there yet",
    ),
    Mutant(
        "changed files are taken for unchanged ones",
        edited(f"{HERE}.checkout:changed", "|| touch", "&& touch"),
        ("changed",),
        "a pull request would skip just the tests that it needs",
    ),
    Mutant(
        "the branch of a pull request is its target",
        edited(f"{HERE}.facts:_of_event", '"${_HEAD_BRANCH}" if', '"${_BASE_BRANCH}" if'),
        ("facts-of-all-events", "golden/facts"),
        "previews would be named after trunk",
    ),
    Mutant(
        "the short commit is Cloud Build's own, which has seven letters",
        edited(f"{HERE}.document:_substitutions", "${COMMIT_SHA:0:8}", "${COMMIT_SHA:0:7}"),
        ("facts",),
        "an image would be looked for under another tag",
    ),
    Mutant(
        "services are not made anew",
        edited(f"{HERE}.services:start", "if service.alias in reused:", "if False:"),
        ("services-shared",),
        "the second job's container could not be made",
    ),
    Mutant(
        "jobs with the same service don't take turns",
        edited(f"{HERE}.assembly:_Steps.served", "if turn in self.turns", 'if turn in self.turns and not turn.startswith("service")'),
        ("services-shared",),
        "one job's data base would be removed by another",
    ),
    Mutant(
        "jobs of one lock don't take turns",
        edited(f"{HERE}.assembly:_Steps.served", "if turn in self.turns", 'if turn in self.turns and not turn.startswith("lock")'),
        ("lock",),
        "two trainings would share one gpu",
    ),
    Mutant(
        "a title is a command",
        edited(f"{HERE}.checkout:read_facts", 'f"{name}=$(cat /facts/{name})"', """f'eval "{name}=$(cat /facts/{name})"'"""),
        ("attack-title", "attack-author"),
        "whoever opens a pull request would run commands",
    ),
    Mutant(
        "the registry's name among the arguments",
        edited(
            f"{HERE}.containers:sign_in",
            '"PK_CONFIG=$(mktemp -d)"',
            """f'docker login --username "${registry.username.name}" </dev/null || true', "PK_CONFIG=$(mktemp -d)\"""",
        ),
        ("container",),
        "all on the machine would read it",
    ),
)
