"""What only the side of Cloud Build knows."""

from typing import Any

from pipelinekit.backend import setting
from pipelinekit.model.value import value


@value
class Settings:
    """`Pipeline(targets={"cloudbuild": {…}})`."""

    owner: str | None = setting(None, help="the GitHub user or organisation; with repository= the triggers are written too", example="acme")
    repository: str | None = setting(
        None, help="the repository's name on GitHub, or in a connection its link's name", example="price-service"
    )
    connection: str | None = setting(
        None,
        help="a repository connection (2nd gen), in place of the GitHub app",
        example="projects/acme-ci/locations/europe-west1/connections/github",
    )
    region: str = setting("global", help="where triggers and builds live", example="europe-west1")
    service_account: str | None = setting(
        None, help="the account that builds run as, by its address", example="ci@acme-ci.iam.gserviceaccount.com"
    )
    pull_request_account: str | None = setting(
        None,
        help="the account that builds of pull requests run as, which reads no secrets but theirs and writes no caches",
        example="ci-review@acme-ci.iam.gserviceaccount.com",
    )
    bucket: str | None = setting(
        None, help="a Cloud Storage bucket for files across gates, caches, reports and kept files", example="acme-ci-files"
    )
    machine_type: str = setting(
        "",
        help="the machine of every build, unless a runner= asks for more",
        choices=("", "E2_MEDIUM", "E2_STANDARD_2", "E2_HIGHCPU_8", "E2_HIGHCPU_32"),
    )
    pools: dict[str, Any] = setting(
        {}, help="private pools by the label of a runner", example={"gpu": "projects/acme-ci/locations/europe-west1/workerPools/gpu"}
    )
    build_timeout: int = setting(
        86400, help="seconds that a build may take when some stage has no timeout= of its own; a day is Cloud Build's most"
    )
    docker_image: str = setting("gcr.io/cloud-builders/docker", help="the image of steps that build images and start services", image=True)
    git_image: str = setting(
        "gcr.io/cloud-builders/git", help="the image of steps that fetch history, tags, LFS and submodules", image=True
    )
    gcloud_image: str = setting(
        "gcr.io/google.com/cloudsdktool/google-cloud-cli:slim",
        help="the image of steps that lock, ask at gates and copy to the bucket",
        image=True,
    )

    def account_of(self, kind: str) -> str | None:
        """The account of the builds that an event of this kind starts."""
        return (self.pull_request_account if kind == "pull_request" else None) or self.service_account

    @property
    def location(self) -> str:
        """Where triggers and builds live: a connection's are where it is, since `global` has none."""
        parts = (self.connection or "").split("/")
        return parts[3] if self.region == "global" and len(parts) > 3 else self.region

    @property
    def names_repository(self) -> bool:
        """Whether triggers can be written."""
        return self.repository is not None and (self.owner is not None or self.connection is not None)
