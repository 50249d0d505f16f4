"""A folder and a file of one stage, asked for by two others; a third one comes after and gets nothing."""

from pipelinekit import Pipeline

p = Pipeline("artifacts", image="debian:12-slim")
wheel = p.build(
    "mkdir -p dist/deep",
    "date +%s%N > dist/app.whl && date +%s%N > dist/deep/notes",
    "date +%s%N > version.txt",
    name="wheel",
    outputs=["dist/", "version.txt"],
)
p.test("test -s dist/app.whl", "test -s dist/deep/notes", needs=[wheel["dist/"]])
p.step("test -s version.txt", name="notes", needs=[wheel["version.txt"]])
p.step("echo order alone", name="after", needs=[wheel])
