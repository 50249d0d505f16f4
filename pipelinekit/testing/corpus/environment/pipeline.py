"""What only the stages of an environment see: its variables, its secrets, its name, its file."""

from pipelinekit import Environment, Pipeline, Secret, ci

production = Environment(
    "production",
    url="https://price.example",
    config="config/{env}.toml",
    variables={"REGION": "eu", "SIZE": "4"},
    secrets=[Secret("DEPLOY_KEY"), Secret("CERTIFICATE", stored="PRODUCTION_CERTIFICATE", file=True)],
)
p = Pipeline("environment", image="debian:12-slim", variables={"LEVEL": "info"})
test = p.test('test "$LEVEL" = info')
p.deploy(
    f'test -s config/{production}.toml && test "{ci.environment}" = production',
    'test "$REGION" = eu && test "$SIZE" = 4 && test "$LEVEL" = info',
    'test -n "$DEPLOY_KEY" && test -s "$CERTIFICATE"',
    environment=production,
    needs=[test],
)
