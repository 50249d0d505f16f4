"""Files that are kept, reports that are shown and paths that are cached stand beside outputs and change none."""

from pipelinekit import Cache, Pipeline

p = Pipeline("keep-reports-cache", image="debian:12-slim", cache=Cache("models/", key="requirements.lock"))
test = p.test(
    "mkdir -p reports models && date +%s%N > models/vectors",
    'echo \'<testsuite tests="1"><testcase name="one"/></testsuite>\' > reports/junit.xml',
    "date +%s%N > score.json && date +%s%N > score.log",
    outputs="score.json",
    reports="reports/junit.xml",
    keep=["reports/*.xml", "score.log"],
    keep_for="30 days",
)
p.step("test -s score.json", name="report", needs=[test["score.json"]])
