"""Services: containers on the network that steps are on, made anew for each job, by the docker of the machine."""

from pipelinekit.model.plan import Service, Stage
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild.escape import mentioned, word
from pipelinekit_cloudbuild.steps import Step, sh


def start(step_id: str, stage: Stage, image: str, reused: set[str]) -> Step:
    """The step that starts a job's services. An alias in `reused` has served an earlier job, whose container goes first."""
    lines: list[str] = []
    for service in stage.services:
        if service.alias in reused:
            lines.append(f"docker rm -f -v {service.alias}")
        lines.append(_run(service))
    texts = [text for s in stage.services for text in (s.image, *(value for _, value in s.variables))]
    return Step(step_id, image, script=sh(*lines), env=mentioned(texts))


def _run(service: Service) -> str:
    words = [f"docker run -d --name {service.alias} --network cloudbuild"]
    words += [f"-e {quote(name)}={word(value)}" for name, value in service.variables]
    between = " \\\n  " if service.variables else " "
    return between.join([*words, f"{word(service.image)}{_command(service)}"])


def _command(service: Service) -> str:
    """A service's command as words, none of which the step's own shell expands."""
    if not service.command:
        return ""
    from shlex import split

    return "".join(f" {quote(part)}" for part in split(service.command))
