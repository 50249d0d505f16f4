"""Commands for bash, with pipefail."""

from pipelinekit import Pipeline

p = Pipeline("shell-bash", image="python:3.12", shell="bash")
p.test("pytest | tee pytest.log", "[[ -s pytest.log ]]")
p.lint("ruff check . | cat", shell="sh")
