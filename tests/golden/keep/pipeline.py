"""Files kept after the run, whether it passes or fails."""

from pipelinekit import Pipeline

p = Pipeline("keep", image="python:3.12-slim", targets={"drone": {"store": "s3://acme-ci/runs"}, "cloudbuild": {"bucket": "acme-ci"}})
p.test("pytest --cov --cov-report=html", keep=["htmlcov/", "logs/*.txt"], keep_for="30 days")
p.build("python -m build", name="wheel", keep="dist/*.whl")
