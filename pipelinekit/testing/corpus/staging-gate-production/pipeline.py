"""The road of a service: checks, staging with its verification, a question, production with its own."""

from pipelinekit import Environment, Pipeline, Secret

staging = Environment("staging", url="https://staging.price.example", secrets=[Secret("DEPLOY_KEY", stored="STAGING_DEPLOY_KEY")])
production = Environment("production", url="https://price.example", secrets=[Secret("DEPLOY_KEY", stored="PRODUCTION_DEPLOY_KEY")])
p = Pipeline("staging-gate-production", image="debian:12-slim")
lint = p.lint("test -s README.md")
wheel = p.build("mkdir -p dist && date +%s%N > dist/app.whl", outputs="dist/")
test = p.test("test -s dist/app.whl", needs=[lint, wheel["dist/"]])
tried = p.deploy('test -n "$DEPLOY_KEY" && test -s dist/app.whl', environment=staging, needs=[test, wheel["dist/"]])
seen = p.verify(f"echo {staging.url} answers", environment=staging, needs=[tried])
asked = p.gate("Ship to production?", needs=[seen])
live = p.deploy('test -n "$DEPLOY_KEY" && test -s dist/app.whl', environment=production, needs=[asked, wheel["dist/"]])
p.verify(f"echo {production.url} answers", environment=production, needs=[live])
