"""One shell runs all commands: folder, variables and functions persist; outputs are looked for where it began."""

from pipelinekit import Pipeline

p = Pipeline("one-shell", image="debian:12-slim")
made = p.step(
    "mkdir -p out/deep",
    'greet() { echo "hello $(date +%s%N)"; }',
    "export LEVEL=3 && word=two",
    "cd out",
    'test "$LEVEL" = 3 && test "$word" = two && greet > greeting.txt',
    "cd deep && date +%s%N > stamp",
    name="make",
    outputs=["out/greeting.txt", "out/deep/"],
)
p.test("test -s out/greeting.txt && test -s out/deep/stamp", needs=[made["out/greeting.txt"], made["out/deep/"]])
