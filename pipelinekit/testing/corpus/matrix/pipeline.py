"""A job for each value, which it sees as a variable; what comes after waits for all of them."""

from pipelinekit import Matrix, Pipeline

python = Matrix("python", "3.10", "3.12")
p = Pipeline("matrix", image="debian:12-slim")
test = p.test(f'case "{python}" in 3.10 | 3.12) ;; *) exit 1 ;; esac', image=f"python:{python}-slim", matrix=python)
p.step("echo all passed", name="report", needs=[test])
