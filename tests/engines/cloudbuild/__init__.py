"""Google Cloud Build: an interpreter of its rules, since the service itself runs nowhere else.

What it knows of the service is Google's documentation, the API's own messages (`cloudbuild.proto`) and the source of the archived
local builder; each module says which of them. `docs/disagreements/cloudbuild.md` tells what came of it.
"""

from pipelinekit.model.features import Feature
from pipelinekit.testing import Conformance
from tests.engines.cloudbuild.engine import Interpreter

REGION = "europe-west1"
BUCKET = "acme-ci-files"


_HERE = "tests/engines/cloudbuild/test_beside_traces.py"
READS: dict[Feature, str] = {
    "cache": f"{_HERE}::test_a_cache_is_there_in_the_next_run",
    "keep": f"{_HERE}::test_kept_files_and_reports_are_in_the_bucket",
    "reports": f"{_HERE}::test_kept_files_and_reports_are_in_the_bucket",
    "gate_timeout": "tests/backends/cloudbuild/test_events.py::test_an_approval_can_come_too_late",
    "runner": "tests/backends/cloudbuild/test_jobs.py::test_one_machine_suits_all_jobs",
}


def conformance() -> Conformance:
    """Triggers of a GitHub repository in one region, a bucket for files, and a private pool."""
    pools = {"gpu": f"projects/acme-ci/locations/{REGION}/workerPools/gpu"}
    settings = {"owner": "acme", "repository": "widget", "region": REGION, "bucket": BUCKET, "pools": pools}
    return Conformance("cloudbuild", (Interpreter(REGION, BUCKET),), settings, READS)
