"""An order that is no nest of rows and forks: each of two later stages needs another pair of the earlier ones."""

from pipelinekit import Pipeline

p = Pipeline("lattice", image="debian:12-slim")
style = p.lint("test -s src/app.py", name="style")
types = p.lint("test -s README.md", name="types")
unit = p.test("cat src/app.py", name="unit", needs=[style])
whole = p.test("cat README.md", name="whole", needs=[style, types])
p.step("echo passed", name="report", needs=[unit, whole])
