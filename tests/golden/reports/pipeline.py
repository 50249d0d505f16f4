"""Test reports that the system shows."""

from pipelinekit import Pipeline

p = Pipeline("reports", image="python:3.12-slim")
p.test("pytest --junitxml=reports/junit.xml", reports="reports/junit.xml")
