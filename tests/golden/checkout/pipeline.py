"""History, tags, LFS files and submodules in the tree."""

from pipelinekit import Checkout, Pipeline

p = Pipeline("checkout", image="python:3.12")
p.build("git describe --tags > VERSION", name="version", checkout=Checkout(history=True, tags=True), outputs="VERSION")
p.test("pytest", checkout=Checkout(lfs=True, submodules=True))
