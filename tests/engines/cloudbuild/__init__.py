"""Google Cloud Build: an interpreter of its rules, since the service itself runs nowhere else.

What it knows of the service is Google's documentation, the API's own messages (`cloudbuild.proto`) and the source of the archived
local builder; each module says which of them. `docs/disagreements/cloudbuild.md` tells what came of it.
"""

from pipelinekit.testing import Conformance
from tests.engines.cloudbuild.engine import Interpreter

REGION = "europe-west1"
BUCKET = "acme-ci-files"


def conformance() -> Conformance:
    """Triggers of a GitHub repository in one region, and a bucket for files."""
    settings = {"owner": "acme", "repository": "widget", "region": REGION, "bucket": BUCKET}
    return Conformance("cloudbuild", (Interpreter(REGION, BUCKET),), settings)
