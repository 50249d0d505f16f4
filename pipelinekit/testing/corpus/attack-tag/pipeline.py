"""A tag's name that is a command stays a text, also where a delivery asks whether its commit is on trunk."""

from pipelinekit import Environment, Pipeline, ci, on

production = Environment("production", on=[on.tag("v*")])
p = Pipeline("attack-tag", image="debian:12-slim", triggers=[on.push(), on.tag("v*")])
made = p.step(
    "mkdir made && date +%s%N > made/at", f'echo "{ci.tag}"', f'printf %s "{ci.tag}" > made/tag.txt', name="note", outputs="made/"
)
p.deploy(
    f'test "$(cat made/tag.txt)" = "{ci.tag}"',
    f'case "{ci.tag}" in v*) echo "a version" ;; esac',
    environment=production,
    needs=[made["made/"]],
)
