"""What a pipeline asks of Jenkins' agents beyond an ordinary container."""

from pipelinekit.backend import Privilege

PRIVILEGES = (
    Privilege(
        "the agent's docker",
        "container builds and stages with services",
        lambda stage, _: stage.container is not None or bool(stage.services),
        "a script on the agent itself builds, or starts containers beside the job; whoever reaches docker is root on the agent",
        r"docker (run|build|push)",
    ),
    Privilege(
        "root in the container",
        'stages with an image, with `user="root"`',
        lambda stage, request: stage.image is not None and request.settings.user == "root",
        "images install and write as they would elsewhere; what the job leaves in the workspace is given back to the agent's user",
        r"-u 0:0",
    ),
    Privilege(
        "the agent's GPUs",
        "stages whose runner= asks for them",
        lambda stage, _: stage.runner is not None and stage.runner.gpus > 0,
        "docker hands the devices to the job's container",
        r"--gpus \d",
    ),
)
