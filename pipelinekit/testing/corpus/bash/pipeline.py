"""Commands for bash, where a pipe fails with any of its parts; for sh it doesn't."""

from pipelinekit import Pipeline

p = Pipeline("bash", image="debian:12-slim", shell="bash")
p.test("[[ -s src/app.py ]]", "if false | cat; then exit 1; fi", 'words=(a "b c") && [[ ${#words[@]} -eq 2 ]]')
p.lint("false | cat", "test -s README.md", shell="sh")
