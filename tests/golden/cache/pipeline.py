"""Paths kept between runs."""

from pipelinekit import Cache, Pipeline

p = Pipeline("cache", image="python:3.12-slim", setup="pip install -r requirements.lock", cache=Cache.pip("requirements.lock"))
p.lint("ruff check .")
p.test("pytest", cache=[Cache.pip("requirements.lock"), Cache("models/", key=["dvc.lock", "params.yaml"])])
p.step("Rscript report.R", name="report", image="rocker/r-ver:4.4.1", cache=Cache.renv())
