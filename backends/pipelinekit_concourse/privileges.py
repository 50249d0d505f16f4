"""What a pipeline asks of Concourse's workers beyond an ordinary container."""

from pipelinekit.backend import Privilege

PRIVILEGES = (
    Privilege(
        "privileged task",
        "container builds",
        lambda stage, _: stage.container is not None,
        "the oci-build task mounts file systems; it is root on its worker",
        r"privileged: true",
    ),
    Privilege(
        "privileged task",
        'stages with services, with `services="docker"`',
        lambda stage, request: bool(stage.services) and request.settings.services == "docker",
        "a Docker daemon inside of the task runs the services and the job, with the task's folder as its volume; it is root on its worker",
        r'privileged: true|docker run .* -v "\$PWD:\$PWD"|-dind|dind dockerd|docker run -d',
    ),
)
