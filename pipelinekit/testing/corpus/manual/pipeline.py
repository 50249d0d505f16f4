"""A run started by a person, with inputs."""

from pipelinekit import Input, Pipeline, on

problem = Input("problem", "houses", choices=("houses", "iris"), help="which data set")
seed = Input("seed", "42", help="of the random numbers")
train = on.manual("train", inputs=[problem, seed])
p = Pipeline("manual", image="debian:12-slim")
p.step(f'test -n "{problem}" && test -n "{seed}"', name="train", on=[train])
p.test("test -s src/app.py")
