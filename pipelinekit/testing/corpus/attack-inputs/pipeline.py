"""What a person types into the form of a manual run stays a text."""

from pipelinekit import Input, Pipeline, on

p = Pipeline("attack-inputs", image="debian:12-slim", triggers=[on.manual("retrain", inputs=[Input("problem", "houses")])])
p.test(
    'echo "$PROBLEM"',
    'case "$PROBLEM" in houses) echo small ;; *) echo other ;; esac',
    """sh -c 'test "$1" = "$PROBLEM"' sh "$PROBLEM" """.strip(),
)
