"""Ten stages in a row, each with the file of the one before."""

from pipelinekit import Pipeline

p = Pipeline("chain-of-ten", image="debian:12-slim")
before = p.step("date +%s%N > step-1", name="step-1", outputs="step-1")
for number in range(2, 11):
    file = f"step-{number}"
    before = p.step(
        f"cat step-{number - 1} > {file} && date +%s%N >> {file}", name=file, outputs=file, needs=[before[f"step-{number - 1}"]]
    )
