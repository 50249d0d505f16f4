"""What has to be set up on the server, as commands of its CLI: `jenkins-cli` is `java -jar jenkins-cli.jar -s URL -auth USER:TOKEN`."""

from collections.abc import Iterable, Iterator

from pipelinekit.backend import Request, SetupStep
from pipelinekit.model.plan import Event, Secret
from pipelinekit_jenkins.plugins import pinned
from pipelinekit_jenkins.settings import Settings

_STRING = "org.jenkinsci.plugins.plaincredentials.impl.StringCredentialsImpl"
_FILE = "org.jenkinsci.plugins.plaincredentials.impl.FileCredentialsImpl"


def setup(request: Request[Settings]) -> Iterator[SetupStep]:
    """Plugins, agents, credentials, the multibranch job."""
    yield _plugins(request)
    yield SetupStep(
        "Agents",
        f"jobs run in containers: agents with the label {request.settings.label} have the docker CLI, git, a locale"
        " of UTF-8, and the daemon's file system" + _labels(request),
        ("jenkins-cli create-node NAME < node.xml",),
    )
    yield from (_credential(secret) for secret in _secrets(request))
    yield _job(request)
    if any(event.kind == "tag" for event in request.selection.events):
        yield SetupStep(
            "Tags are built",
            "a multibranch project discovers tags but doesn't build them by itself: give its source the build strategy for tags",
            (f"jenkins-plugin-cli --plugins {pinned('basic-branch-build-strategies')}",),
        )
    if any(event.cron or event.inputs for event in request.selection.events):
        yield SetupStep(
            "A first build",
            "timers and parameters come into being when the pipeline has run once",
            (f"jenkins-cli build {request.plan.name}/{request.plan.trunk}",),
        )


def _plugins(request: Request[Settings]) -> SetupStep:
    file = request.settings.plugins
    return SetupStep(
        "Plugins",
        f"the pipeline's steps come from them; {file} lists them, in versions that are tested together",
        (f"jenkins-plugin-cli --plugin-file {file}",),
    )


def _labels(request: Request[Settings]) -> str:
    runners = [stage.runner for stage in request.plan.stages if stage.runner]
    wanted = dict.fromkeys(label for runner in runners for label in (*runner.labels, *([runner.arch] if runner.arch else [])))
    return f"; some also {', '.join(wanted)}" if wanted else ""


def _secrets(request: Request[Settings]) -> Iterable[Secret]:
    found: dict[str, Secret] = {}
    for stage in request.plan.stages:
        registry = stage.container.registry if stage.container else None
        pushing = [each for each in (registry.username, registry.password) if each] if registry else []
        for secret in (*stage.secrets, *pushing):
            found.setdefault(secret.stored, secret)
    return found.values()


def _credential(secret: Secret) -> SetupStep:
    """The value is read from the terminal, so that it stands in no history."""
    ask: tuple[str, ...] = ()
    value, kind = f"<fileName>{secret.stored}</fileName><secretBytes>$(base64 -w0 < FILE)</secretBytes>", _FILE
    if not secret.file:
        value, kind = "<secret>$VALUE</secret>", _STRING
        ask = (f"read -rs -p '{secret.stored}: ' VALUE", "VALUE=$(printf %s \"$VALUE\" | sed 's/&/\\&amp;/g; s/</\\&lt;/g')")
    xml = f"<{kind}><scope>GLOBAL</scope><id>{secret.stored}</id>{value}</{kind}>"
    store = "system::system::jenkins _"
    optional = " (may be left out)" if secret.optional else ""
    kind_name = "Secret file" if secret.file else "Secret text"
    return SetupStep(
        f"Credential {secret.stored}{optional}",
        f"{kind_name}, which the process sees as {secret.name}",
        (*ask, f'printf %s "{xml}" | jenkins-cli create-credentials-by-xml {store}'),
    )


def _job(request: Request[Settings]) -> SetupStep:
    events = request.selection.events
    return SetupStep(
        "The multibranch job",
        f"it builds {_what(events, request.plan.trunk)}{_pull_requests(events)}",
        (f"jenkins-cli create-job {request.plan.name} <<'XML'\n{_xml(request)}XML",),
    )


def _what(events: Iterable[Event], trunk: str) -> str:
    words = {"pull_request": "pull requests", "tag": "tags"}
    more = dict.fromkeys(words[event.kind] for event in events if event.kind in words)
    branches = "branches" if any(event.branches for event in events) else trunk
    return ", ".join((branches, *more))


def _pull_requests(events: Iterable[Event]) -> str:
    """What plain git can't tell."""
    taken = [event for event in events if event.kind == "pull_request"]
    if not taken:
        return ""
    forks = ", forks among them with trust for nobody" if any(event.forks for event in taken) else ""
    return (
        "; pull requests take the branch source of where the repository lies (github-branch-source, gitlab-branch-source, …) in place of"
        f" plain git, at the head of their branch (not the merge){forks}"
    )


def _xml(request: Request[Settings]) -> str:
    settings, events = request.settings, request.selection.events
    traits = ["<jenkins.plugins.git.traits.BranchDiscoveryTrait/>"]
    if any(event.kind == "tag" for event in events):
        traits.append("<jenkins.plugins.git.traits.TagDiscoveryTrait/>")
    inner = "".join(f"            {trait}\n" for trait in traits)
    return f"""\
<org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject>
  <factory class="org.jenkinsci.plugins.workflow.multibranch.WorkflowBranchProjectFactory">
    <scriptPath>{settings.jenkinsfile}</scriptPath>
  </factory>
  <sources class="jenkins.branch.MultiBranchProject$BranchSourceList">
    <data>
      <jenkins.branch.BranchSource>
        <source class="jenkins.plugins.git.GitSCMSource">
          <id>{request.plan.name}</id>
          <remote>{settings.repository}</remote>
          <traits>
{inner}          </traits>
        </source>
      </jenkins.branch.BranchSource>
    </data>
  </sources>
</org.jenkinsci.plugins.workflow.multibranch.WorkflowMultiBranchProject>
"""
