"""Files of all cells of a matrix, and of one."""

from pipelinekit import Matrix, Pipeline

python = Matrix("python", "3.10", "3.12")
p = Pipeline("artifacts-of-cells", image="debian:12-slim")
test = p.test(
    f"date +%s%N > cov-{python}.xml",
    f"mkdir -p log && echo {python} $(date +%s%N) > log/test.txt",
    matrix=python,
    outputs=[f"cov-{python}.xml", "log/"],
)
p.step("test -s cov-3.10.xml && test -s cov-3.12.xml", name="merge", needs=[test[f"cov-{python}.xml"]])
p.step("grep -q 3.12 log/test.txt", name="upload", needs=[test.cell(python="3.12")["log/"]])
