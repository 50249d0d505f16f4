"""What only Drone's side knows."""

from pipelinekit.backend import setting
from pipelinekit.model.value import value

_STORE = r"(?!-)[A-Za-z0-9._/:-]*"
"""What rclone takes for no option of its connection strings."""


@value
class Settings:
    """`Pipeline(targets={"drone": {…}})`."""

    store: str | None = setting(
        None,
        help="bucket, and folder in it, for what outlives a pipeline: files handed to another one, marks of passed stages, kept files",
        example="s3://acme-ci/price-service",
        form=_STORE,
    )
    store_endpoint: str | None = setting(
        None, help="URL of an S3-compatible store that isn't Amazon's", example="https://minio.example.com", form=_STORE
    )
    store_region: str | None = setting(None, help="region of the store", example="eu-central-1", form=_STORE)
    store_access_key: str = setting("STORE_ACCESS_KEY_ID", help="the secret that holds the store's access key")
    store_secret_key: str = setting("STORE_SECRET_ACCESS_KEY", help="the secret that holds the store's secret key")
    ignore_forks: bool = setting(
        True,
        help="the repository ignores pull requests from forks (see `setup`); False keeps secrets out of all pull requests",
    )
    copy_tree: bool = setting(False, help="jobs in sequence work in copies of the tree too: needed when an image's user isn't root")
    file: str = setting(".drone.yml", help="the pipeline file that the repository's settings name")
    git_image: str = setting("drone/git", help="has git and git-lfs: clones, and looks at what a pull request changes", image=True)
    docker_image: str = setting("plugins/docker", help="builds containers; one of the runner's privileged images", image=True)
    helper_image: str = setting("busybox:1.37", help="has sh and nc: waits for services, lays out build contexts", image=True)
    store_image: str = setting("rclone/rclone:1.71", help="has sh, tar and rclone: talks to the store", image=True)
