"""A branch's name that is a command stays a text: printed, compared, passed as an argument, written to a file that is handed on."""

from pipelinekit import Pipeline, ci, on

p = Pipeline("attack-branch", image="debian:12-slim", triggers=[on.push("release/*"), on.pull_request()])
made = p.step(
    "mkdir made && date +%s%N > made/at",
    f'echo "{ci.branch}"',
    f'case "{ci.branch}" in release/*) echo "a release" ;; *) echo "into {ci.target_branch}" ;; esac',
    f'printf %s "{ci.branch}" > made/branch.txt',
    f'sh -c \'printf %s "$1"\' sh "{ci.branch}" | cmp - made/branch.txt',
    name="note",
    outputs="made/",
)
p.test(f'test "$(cat made/branch.txt)" = "{ci.branch}"', needs=[made["made/"]])
