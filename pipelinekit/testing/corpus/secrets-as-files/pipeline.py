"""A secret that arrives as a file."""

from pipelinekit import Pipeline, Secret

p = Pipeline("secrets-as-files", image="debian:12-slim")
p.test('test -s "$KEY_FILE"', 'grep -q . "$KEY_FILE"', secrets=[Secret("KEY_FILE", stored="SERVICE_KEY", file=True)])
p.lint("test -s src/app.py")
