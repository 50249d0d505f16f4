"""What only Concourse's side knows: where the repository is, under which keys its secrets lie, what may be privileged."""

from pipelinekit.backend import WORD, setting
from pipelinekit.model.value import value


@value
class Settings:
    """`Pipeline(targets={"concourse": {…}})`. Keys are names in the credential store, never values."""

    uri: str = setting(
        "((git_uri))",
        help="the repository's address, or the variable that holds it",
        example="git@github.com:acme/price.git",
        form=rf"\(\([A-Za-z0-9_.:/-]+\)\)|{WORD}",
    )
    private_key: str = setting("git_private_key", help="key of the SSH key for it; empty for a public repository over https")
    repository: str = setting("", help="owner/name; taken from uri when that is an address", example="acme/price")
    host: str = setting("github", help="where pull requests are: only GitHub's can be taken honestly", choices=("github", "gitlab"))
    token: str = setting("github_token", help="key of the token that reads pull requests")
    webhook_token: str = setting("", help="key of the token that webhooks carry; without it Concourse asks once a minute")
    bucket: str = setting("", help="S3 bucket that carries files between jobs, also across gates; without it such stages become one job")
    region: str = setting("", help="its region", example="eu-central-1")
    endpoint: str = setting("", help="address of an S3-compatible store other than AWS", example="https://minio.example.com")
    bucket_key: str = setting("bucket_access_key_id", help="key of the bucket's access key id")
    bucket_secret: str = setting("bucket_secret_access_key", help="key of the bucket's secret access key")
    services: str = setting(
        "none", help='"docker" runs services and the job in Docker inside a privileged task', choices=("none", "docker")
    )
    docker_image: str = setting("docker:28-dind", help="image of that task", image=True)
    build_image: str = setting("concourse/oci-build-task:0.14.4", help="image that builds container images, privileged", image=True)
    tools_image: str = setting("busybox:1.37", help="image of small helper tasks", image=True)
    pull_request_image: str = setting("teliaoss/github-pr-resource:v0.23.0", help="image of the pull request resource type", image=True)
    arch_tags: dict[str, str] = setting({}, help="tag of the workers of an architecture", example={"arm64": "arm"})
