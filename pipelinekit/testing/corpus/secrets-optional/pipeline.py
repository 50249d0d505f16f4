"""A secret that may be missing, beside one that may not."""

from pipelinekit import Pipeline, Secret

p = Pipeline("secrets-optional", image="debian:12-slim")
p.test(
    'test -n "$API_TOKEN"',
    'if [ -n "${UPLOAD_TOKEN:-}" ]; then echo uploading; fi',
    secrets=[Secret("API_TOKEN"), Secret("UPLOAD_TOKEN", optional=True)],
)
