"""A run started by a person, who is asked nothing; and a delivery that starts the same way."""

from pipelinekit import Environment, Pipeline, on

by_hand = on.manual("retrain")
production = Environment("production", on=[by_hand])
p = Pipeline("manual-plain", image="debian:12-slim")
model = p.step("mkdir -p model && date +%s%N > model/weights", name="train", on=[by_hand], outputs="model/")
p.test("test -s src/app.py")
p.deploy("test -s model/weights", environment=production, needs=[model["model/"]])
