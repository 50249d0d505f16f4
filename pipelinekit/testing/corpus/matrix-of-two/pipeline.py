"""Every combination of two axes, between a stage before and one after."""

from pipelinekit import Matrix, Pipeline

python = Matrix("python", "3.11", "3.12")
model = Matrix("model", "linear", "forest")
p = Pipeline("matrix-of-two", image="debian:12-slim")
lint = p.lint("test -s src/app.py")
train = p.step(f"echo {python} {model}", name="train", image=f"python:{python}-slim", matrix=[python, model], needs=[lint])
p.step("echo compared", name="compare", needs=[train])
