"""Google Cloud Build: `cloudbuild.yaml`, a list of steps in containers on one machine, ordered by `waitFor`.

A file is one build, and knows neither events nor conditions nor people: triggers do. So each event that selects different
jobs has a file, what follows a gate has another, and `cloudbuild.triggers.yaml` says what starts which. All steps of a build
share the folder /workspace, the home folder and the network; each job therefore works in a copy, and hands files over
through a volume, or through a bucket where a gate lies between.
"""

from pipelinekit.backend import Backend
from pipelinekit_cloudbuild.limits import LIMITS
from pipelinekit_cloudbuild.privileges import PRIVILEGES
from pipelinekit_cloudbuild.render import render
from pipelinekit_cloudbuild.settings import Settings
from pipelinekit_cloudbuild.setup import setup
from pipelinekit_cloudbuild.table import TABLE

backend = Backend(
    name="cloudbuild",
    title="Google Cloud Build",
    engine="the service in November 2026, gcloud 528",
    docs="https://cloud.google.com/build/docs/build-config-file-schema",
    files=("cloudbuild.yaml", "cloudbuild.*.yaml"),
    table=TABLE,
    settings=Settings,
    render=render,
    setup=setup,
    privileges=PRIVILEGES,
    limits=LIMITS,
    gives=(
        "every step, and any that a commit adds, can ask the metadata server for a token of the build's service account; "
        "`pull_request_account` gives builds of pull requests one that reads no more than their own secrets, and setup's roles are all "
        "that either needs. Steps reach the machine's docker, so what one step has is no secret to another"
    ),
)
