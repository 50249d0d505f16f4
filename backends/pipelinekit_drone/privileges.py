"""What a pipeline asks of Drone's runners beyond an ordinary container."""

from pipelinekit.backend import Privilege

PRIVILEGES = (
    Privilege(
        "privileged step",
        "container builds",
        lambda stage, _: stage.container is not None,
        "the runner gives the images of its own list (`DRONE_RUNNER_PRIVILEGED_IMAGES`) a container that is root on its machine, "
        "when the step has neither commands nor volumes",
        r"image: plugins/docker",
    ),
)
