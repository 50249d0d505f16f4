"""What sweeps up has a secret that the others don't, on trunk alone."""

from pipelinekit import Pipeline, Secret, on

p = Pipeline("always-with-secrets", image="debian:12-slim")
p.test("test -s src/app.py", timeout="10m")
p.step('test -n "$SWEEP_TOKEN"', name="sweep", when="always", secrets=[Secret("SWEEP_TOKEN")], on=[on.push()])
