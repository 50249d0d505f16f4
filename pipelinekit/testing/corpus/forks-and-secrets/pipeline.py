"""A fork's run leaves out what names a secret and all that needs it, and nothing else."""

from pipelinekit import Matrix, Pipeline, Secret, on

python = Matrix("python", "3.11", "3.12")
p = Pipeline("forks-and-secrets", image="debian:12-slim", triggers=[on.push(), on.pull_request(forks=True)])
lint = p.lint("test -s README.md")
data = p.data_pull('test -n "$DATA_TOKEN" && date +%s%N > rows.csv', outputs="rows.csv", secrets=[Secret("DATA_TOKEN")])
p.test("test -s rows.csv", needs=[lint, data["rows.csv"]])
p.test(f"test -n {python}", name="unit", matrix=python, needs=[lint])
p.step("echo done", name="notify", when="always")
