"""Files made from files: each stage asks for what it reads, and one lays its input over a file of the commit."""

from pipelinekit import Pipeline

p = Pipeline("artifacts-passed-on", image="debian:12-slim")
data = p.data_pull("mkdir -p data && date +%s%N > data/rows.csv", outputs="data/")
model = p.step("cat data/rows.csv > model.bin && date +%s%N >> model.bin", name="train", outputs="model.bin", needs=[data["data/"]])
lock = p.step("date +%s%N > requirements.lock", name="lock", outputs="requirements.lock")
p.test(
    "test -s model.bin && test -s data/rows.csv",
    "if grep -q six requirements.lock; then exit 1; fi",
    needs=[data["data/"], model["model.bin"], lock["requirements.lock"]],
)
