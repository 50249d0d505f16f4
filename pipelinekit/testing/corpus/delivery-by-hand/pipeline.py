"""A person starts the delivery and says where to; another one is asked before it happens."""

from pipelinekit import Environment, Input, Pipeline, on

zone = Input("zone", "eu-1", choices=("eu-1", "us-1"))
ship = on.manual("ship", inputs=[zone])
production = Environment("production", on=[ship])
p = Pipeline("delivery-by-hand", image="debian:12-slim", triggers=[on.pull_request()])
test = p.test("test -s src/app.py")
asked = p.gate("Ship it?", needs=[test])
p.deploy(f'case "{zone}" in eu-1 | us-1) ;; *) exit 1 ;; esac', environment=production, needs=[asked])
