"""An author's name that is a command stays a text."""

from pipelinekit import Pipeline, ci

p = Pipeline("attack-author", image="debian:12-slim")
p.test(
    f'echo "by {ci.author}"',
    f'printf %s "{ci.author}" > author.txt && test "$(cat author.txt)" = "{ci.author}"',
    f'sh -c \'printf %s "$1"\' sh "{ci.author}" | cmp - author.txt',
)
