"""The files of the last attempt count; each begins with a clean tree and the same input."""

from pipelinekit import Pipeline

p = Pipeline("retries-with-files", image="debian:12-slim")
data = p.data_pull("date +%s%N > rows.csv", outputs="rows.csv")
model = p.step(
    "test ! -e model && test -s rows.csv",
    "mkdir model && date +%s%N > model/weights && rm rows.csv",
    name="train",
    needs=[data["rows.csv"]],
    outputs="model/",
    retries=3,
)
p.test("test -s model/weights", needs=[model["model/"]])
