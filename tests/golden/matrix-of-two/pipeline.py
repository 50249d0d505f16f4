"""Every combination of two axes, between a stage before and one after."""

from pipelinekit import Matrix, Pipeline

python = Matrix("python", "3.11", "3.12")
model = Matrix("model", "linear", "forest")
p = Pipeline("matrix-of-two", image="python:3.12-slim")
lint = p.lint("ruff check .")
train = p.step(f"python train.py --model {model}", name="train", image=f"python:{python}-slim", matrix=[python, model], needs=[lint])
p.step("python compare.py", name="compare", needs=[train])
