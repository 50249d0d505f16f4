"""The execute bit of a file, and of one in a folder, is carried along."""

from pipelinekit import Pipeline

p = Pipeline("artifacts-executable", image="debian:12-slim")
tool = p.build(
    "mkdir -p bin",
    "printf '#!/bin/sh\\necho %s\\n' \"$(date +%s%N)\" > bin/tool && cp bin/tool tool && cp bin/tool bin/data",
    "chmod 755 bin/tool tool && chmod 644 bin/data",
    name="tool",
    outputs=["bin/", "tool"],
)
p.test("./tool", 'test -n "$(bin/tool)" && test ! -x bin/data', needs=[tool["bin/"], tool["tool"]])
