"""The number and the page of the run."""

from pipelinekit import Pipeline, ci

p = Pipeline("facts-of-the-run", image="debian:12-slim")
p.test(f'test -n "{ci.run_id}" && test -n "{ci.run_url}"')
