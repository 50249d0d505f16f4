"""Files of one stage, asked for by two others."""

from pipelinekit import Pipeline

p = Pipeline("artifacts", image="python:3.12-slim")
build = p.build("python -m build --wheel", "cp README.md notes.txt", name="wheel", outputs=["dist/", "notes.txt"])
p.test("pip install dist/*.whl", "pytest", needs=[build["dist/"]])
p.step("cat notes.txt", name="notes", needs=[build["notes.txt"]])
p.step("echo order alone", name="after", needs=[build])
