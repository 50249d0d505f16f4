"""What a pipeline asks of Cloud Build beyond an ordinary container. Each build has a machine of its own, which ends with it."""

from pipelinekit.backend import Privilege

PRIVILEGES = (
    Privilege(
        "the machine's docker",
        "container builds and stages with services",
        lambda stage, _: stage.container is not None or bool(stage.services),
        "Cloud Build mounts docker's socket into every step; these use it to build, to push and to start containers beside the steps",
        r"docker (run|build|push)",
    ),
    Privilege(
        "service account",
        "every stage, with `service_account`",
        lambda _, request: request.settings.service_account is not None,
        "builds run as this account in place of the project's own; setup's roles are all that it needs",
        r"serviceAccount:",
    ),
)
