"""Two stages between a first and a last one."""

from pipelinekit import Pipeline

p = Pipeline("diamond", image="debian:12-slim")
first = p.lint("test -s src/app.py")
left = p.test("cat src/app.py", name="unit", needs=[first])
right = p.test("cat README.md", name="model", needs=[first])
p.step("echo both passed", name="report", needs=[left, right])
