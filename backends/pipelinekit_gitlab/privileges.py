"""What a pipeline asks of GitLab's runners beyond an ordinary container."""

from pipelinekit.backend import Privilege

PRIVILEGES = (
    Privilege(
        "privileged runner",
        'container builds, with `builder="docker"`',
        lambda stage, request: stage.container is not None and request.settings.builder == "docker",
        "the Docker daemon beside the job is root on the runner's machine: a runner for such builds alone (buildah needs none)",
        r"-dind|DOCKER_TLS_CERTDIR|docker (build|push)",
    ),
    Privilege(
        "user namespaces",
        'container builds, with `builder="buildah"`',
        lambda stage, request: stage.container is not None and request.settings.builder == "buildah",
        "the runner's seccomp profile must allow them; nothing outside of the container is reached",
    ),
)
