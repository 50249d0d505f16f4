"""What only GitLab's side knows: how images are built, which runners there are."""

from pipelinekit.backend import LINE, setting
from pipelinekit.model.value import value


@value
class Settings:
    """`Pipeline(targets={"gitlab": {…}})`."""

    builder: str = setting(
        "buildah",
        help="what builds container images: buildah needs no daemon, docker a runner that allows privileged services",
        choices=("buildah", "docker"),
    )
    buildah_image: str = setting("quay.io/buildah/stable:v1.41", help="the image of builds by buildah", image=True)
    docker_image: str = setting("docker:28", help="the image of builds by docker", image=True)
    dind_image: str = setting("docker:28-dind", help="the image of the daemon beside them", image=True)
    registry: str = setting(
        "",
        help="host of GitLab's own container registry: what is published there is signed in with the job's token",
        example="registry.gitlab.com",
    )
    gate_image: str = setting("alpine:3.22", help="what a gate's job runs in once it is started, where the jobs share no image", image=True)
    git_image: str = setting("alpine/git:2.49.1", help="what looks whether a tag's commit is on trunk", image=True)
    clear_entrypoint: list[str] = setting(
        [], help="repositories of images whose entrypoint is a tool and no shell, beside the well-known ones", example=["example.com/tool"]
    )
    tags: dict[str, str] = setting(
        {},
        help="runner tags for arm64, amd64 and gpu, where they are called otherwise",
        example={"arm64": "saas-linux-small-arm64"},
        form=LINE,
    )
    tiers: dict[str, str] = setting({}, help="deployment tiers of environments whose names don't tell", example={"eu": "production"})
