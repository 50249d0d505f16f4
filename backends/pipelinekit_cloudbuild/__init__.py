"""Google Cloud Build: `cloudbuild.yaml`, a list of steps in containers on one machine, ordered by `waitFor`.

A file is one build, and knows neither events nor conditions nor people: triggers do. So each event that selects different
jobs has a file, what follows a gate has another, and `cloudbuild.triggers.yaml` says what starts which. All steps of a build
share the folder /workspace, the home folder and the network; each job therefore works in a copy, and hands files over
through a volume, or through a bucket where a gate lies between.
"""

from pipelinekit.backend import Backend
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
)
