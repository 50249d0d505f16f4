"""Two images, built in pull requests of forks too, where nobody signs in, and published when a tag delivers."""

from pipelinekit import Environment, Pipeline, Registry, Secret, ci, on
from pipelinekit.recipes import container

quay = Registry("quay.io", username=Secret("QUAY_USER"), password=Secret("QUAY_PASSWORD"))
store = Environment("store", on=[on.tag("v*")])
p = Pipeline("container-on-tags", image="debian:12-slim", triggers=[on.pull_request(forks=True), on.tag("v*")])
service = p.build(container("quay.io/acme/price", tag=f"price-{ci.sha}", registry=quay), name="service")
batch = p.build(container("quay.io/acme/batch", tag=ci.sha, also=["latest", "stable"], context="batch", registry=quay), name="batch")
p.deploy(f"test -n {service.ref} && test -n {batch.ref}", environment=store, needs=[service, batch])
