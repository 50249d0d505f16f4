"""Diamonds in a row, the sides of the second one with files of the first."""

from pipelinekit import Pipeline

p = Pipeline("diamond-of-diamonds", image="debian:12-slim")
top = p.lint("test -s README.md", name="top")
left = p.build("date +%s%N > left", name="left", outputs="left", needs=[top])
right = p.build("date +%s%N > right", name="right", outputs="right", needs=[top])
middle = p.test("test -s left && test -s right", name="middle", needs=[left["left"], right["right"]])
low_left = p.test("test -s left", name="low-left", needs=[middle, left["left"]])
low_right = p.test("test -s right", name="low-right", needs=[middle, right["right"]])
p.step("echo passed", name="bottom", needs=[low_left, low_right])
