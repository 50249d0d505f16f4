"""A part of a folder that a stage hands out: one file of it, and one folder in it."""

from pipelinekit import Pipeline

p = Pipeline("artifacts-part", image="debian:12-slim")
data = p.data_pull(
    "mkdir -p data/raw data/clean",
    "date +%s%N > data/raw/a.csv && date +%s%N > data/raw/b.csv && date +%s%N > data/clean/a.csv",
    outputs="data/",
)
p.test("test -s data/clean/a.csv", name="one-file", needs=[data["data/clean/a.csv"]])
p.test("test -s data/raw/a.csv && test -s data/raw/b.csv", name="one-folder", needs=[data["data/raw/"]])
