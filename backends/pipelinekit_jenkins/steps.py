"""The steps of one job, on its agent: a clean tree, the commit, the artifacts, the script."""

import re
from collections.abc import Iterable

from pipelinekit.lowering.tags import NAME as TAG_GUARD
from pipelinekit.model.plan import Cache, Secret, Stage
from pipelinekit_jenkins import containers, escape, facts, services, shell, stashes
from pipelinekit_jenkins.conditions import expression
from pipelinekit_jenkins.groovy import Call, Chain, Code, Entry, Node, Template, Value, block, call, option, text, within
from pipelinekit_jenkins.work import Work, container_args

SCHEDULED = (("DAYS", 86400), ("HOURS", 3600), ("MINUTES", 60), ("SECONDS", 1))


def of_job(stage: Stage, work: Work) -> tuple[Node, ...]:
    """The steps; from the first one that Declarative takes in a `script` alone, all are in one."""
    on_agent = stage.container is not None or work.is_inside(stage)
    nodes = tuple(steps(stage, work, on_agent=on_agent))
    free = next((index for index, node in enumerate(nodes) if _is_free(node)), None)
    return nodes if free is None else (*nodes[:free], block("script", *nodes[free:]))


def steps(stage: Stage, work: Work, *, on_agent: bool) -> Iterable[Node]:
    """The steps; `on_agent` when they start outside of the job's container, and have to start it themselves.

    Further attempts are a step: the stage's option would repeat its `post` too, and record the reports of attempts that don't count.
    """
    if stage.name == TAG_GUARD:
        yield call("checkoutWithTrunk")
        yield call("sh", f"git merge-base --is-ancestor HEAD origin/{work.plan.trunk}")
        return
    attempt = tuple(_attempt(stage, work, on_agent=on_agent))
    yield from (within(option("retry", stage.retries + 1), *attempt),) if stage.retries else attempt


def _attempt(stage: Stage, work: Work, *, on_agent: bool) -> Iterable[Node]:
    given = facts.from_checkout(stage, work.paths(stage))
    yield call("deleteDir") if on_agent else call("sh", shell.CLEAN)
    yield Code(f"def tree = checkout({_scm(stage)})" if given else f"checkout {_scm(stage)}")
    yield from stashes.unstashes(stage, work.handed)
    if stage.container:
        yield from limited(stage, *_image(stage, work))
        return
    if on_agent:
        yield from _on_agent(stage, work)
    if _names_commit((*stage.reports, *stage.keep)):
        yield Code("env.PK_SHA = tree.GIT_COMMIT")
    run: tuple[Node, ...] = limited(stage, call("sh", shell.of_job(work.plan, stage, work.events(stage), work.settings)))
    if work.settings.user == "root":
        run = (block("asRoot", *run),)
    run = _cached(stage, work, run)
    if given:
        run = (within(option("withEnv", tuple(Template(f"{name}={value}") for name, value in given)), *run),)
    yield from _with_optional(stage.secrets, _hidden(stage, _in_container(stage, work, run)) if on_agent else run)
    yield from (_spelled(node) for node in stashes.stashes(stage.name, work.paths(stage)))


def _on_agent(stage: Stage, work: Work) -> Iterable[Node]:
    """What happens on the agent before the container starts."""
    lines = [*facts.from_agent(stage), *shell.inputs_from_agent(work.events(stage))]
    if lines:
        yield call("sh", shell.script(lines))
    if stage.services:
        yield call("sh", services.up(stage))


def _scm(stage: Stage) -> str:
    """`scm`, or it with more than the files. An extension of the job's own for cloning gives way: two would both be asked."""
    asked = stage.checkout
    own = "scm.extensions"
    extras = []
    if asked.history or asked.tags:
        own += ".findAll { !(it instanceof hudson.plugins.git.extensions.impl.CloneOption) }"
        extras.append(f"cloneOption(shallow: false, noTags: {'false' if asked.tags else 'true'}, reference: '')")
    extras += ["lfs()"] if asked.lfs else []
    extras += ["submodule(recursiveSubmodules: true, parentCredentials: true)"] if asked.submodules else []
    if not extras:
        return "scm"
    added = "".join(f"    {extra},\n" for extra in extras)
    return f"scmGit(\n  branches: scm.branches,\n  extensions: {own} + [\n{added}  ],\n  userRemoteConfigs: scm.userRemoteConfigs\n)"


def limited(stage: Stage, *nodes: Node) -> tuple[Node, ...]:
    """A bound on the attempt: as a step, since the stage's option would count the wait for an agent."""
    if not stage.timeout:
        return nodes
    return (within(option("limited", stage.timeout), *nodes),)


def duration(seconds: int) -> Call:
    unit, size = next((unit, size) for unit, size in SCHEDULED if seconds % size == 0)
    return option("timeout", time=seconds // size, unit=unit)


def _image(stage: Stage, work: Work) -> Iterable[Node]:
    """The build, and in deliveries the push; the registry's secrets are looked at first: nothing is built that can't be pushed."""
    assert stage.container is not None
    deliveries = work.deliveries(stage)
    tried = call("sh", containers.build(stage.container, pushed=False))
    if not deliveries.events:
        yield tried
        return
    secrets = containers.secrets(stage.container)
    publish: tuple[Node, ...] = (
        call("sh", containers.build(stage.container, pushed=True, secrets=secrets)),
        call("sh", containers.push(stage.container)),
    )
    if secrets:
        publish = (within(option("withCredentials", bindings(secrets)), *publish),)
    if deliveries.events == work.events(stage):
        yield from publish
    else:
        condition = deliveries.condition(work.plan.trunk, work.request.selection.events)
        yield Chain(((f"if ({expression(condition)})", publish), ("else", (tried,))))


def bindings(secrets: Iterable[Secret]) -> tuple[Value, ...]:
    return tuple(
        Call("file" if secret.file else "string", named=(("credentialsId", secret.stored), ("variable", secret.name))) for secret in secrets
    )


def _with_optional(secrets: Iterable[Secret], nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    optional = [secret for secret in secrets if secret.optional]
    return (within(option("withCredentials", Call("existing", (bindings(optional),))), *nodes),) if optional else nodes


def _cached(stage: Stage, work: Work, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    if work.settings.cache != "jobcacher" or not stage.caches:
        return nodes
    return (block("cached", *nodes),) if work.shared_caches else (within(keeping(stage.caches, work), *nodes),)


def keeping(kept: Iterable[Cache], work: Work) -> Call:
    """The step of jobcacher."""
    caches = tuple(_cache(path, cache.key_files) for cache in kept for path in cache.paths)
    return option("cache", maxCacheSize=work.settings.cache_size, defaultBranch=work.plan.trunk, caches=caches)


def _cache(path: str, keys: tuple[str, ...]) -> Call:
    deciding = (("cacheValidityDecidingFile", ",".join(keys)),) if keys else ()
    return Call("arbitraryFileCache", named=(("path", text(path.rstrip("/"))), *deciding, ("compressionMethod", "TARGZ")))


def _hidden(stage: Stage, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Nothing of docker's is started while the environment holds a secret: docker-workflow hands all of it on as arguments."""
    names = tuple(secret.name for secret in stage.secrets if not secret.file)
    return (within(option("secretsInFiles", names), *nodes),) if names else nodes


def _in_container(stage: Stage, work: Work, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    args = container_args(stage, work.settings)
    if stage.services:
        arguments: Value = Template(f"{args} --network ${{env.{services.NETWORK}}}".strip())
    else:
        arguments = args
    image = _commit_spelled(text(stage.image or ""))
    return (within(Call(f"docker.image({_argument(image)}).inside", (arguments,)), *nodes),)


def _argument(value: Value) -> str:
    from pipelinekit_jenkins.groovy import literal

    return literal(value)


def _spelled(node: Call) -> Call:
    return Call(
        node.name, tuple(_commit_spelled(arg) for arg in node.args), tuple((key, _commit_spelled(value)) for key, value in node.named)
    )


def _commit_spelled(value: Value) -> Value:
    """A template in which the commit is that of the checkout."""
    if not isinstance(value, Template):
        return value
    found = value.text
    for name, spelled in facts.CHECKOUT.items():
        found = found.replace(f"${{{name}}}", spelled)
    return Template(found)


def _names_commit(texts: Iterable[str]) -> bool:
    return any("${PK_" in each for each in texts)


def kept(stage: Stage) -> tuple[Call, ...]:
    """Reports and kept files; in their paths the commit is the variable that the steps have set."""
    return tuple(_from_variable(node) for node in stashes.kept(stage))


def _from_variable(node: Call) -> Call:
    named = tuple((key, _by_env(value) if isinstance(value, Template) else value) for key, value in node.named)
    return Call(node.name, node.args, named)


def _by_env(value: Template) -> Template:
    return Template(value.text.replace("${PK_SHA}", "${env.PK_SHA}").replace("${PK_SHORT_SHA}", "${env.PK_SHA.substring(0, 8)}"))


_FREE = re.compile(r"def |env\.\w+ = |docker\.|.*\.findAll \{", re.DOTALL)


def _is_free(node: Node) -> bool:
    """Whether only `script` takes a statement, or something in it."""
    match node:
        case Chain():
            return True
        case Code(text=line):
            return _FREE.match(line) is not None
        case Call(name=name, args=args, body=body):
            called = any(isinstance(arg, Call) for arg in args)
            return name.startswith("docker.") or called or any(_is_free(each) for each in body or ())
        case _:
            return False


def environment(stage: Stage, work: Work) -> tuple[Entry, ...]:
    """Variables and secrets of a job; what the pipeline's own `environment` holds is not said again."""
    shared = set(work.plan.variables)
    entries = [Entry(name, value) for name, value in stage.variables if escape.is_plain(name, value) and (name, value) not in shared]
    if "PK_EVENT" in facts.mentioned(stage):
        entries.append(Entry("PK_EVENT", Call("eventName")))
    if stage.services:
        entries.append(Entry(services.NETWORK, Call("networkOf", (text(stage.name),))))
    entries += [Entry(secret.name, Call("credentials", (secret.stored,))) for secret in stage.secrets if not secret.optional]
    return tuple(entries)
