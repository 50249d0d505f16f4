"""A failed attempt is followed by up to two more."""

from pipelinekit import Pipeline

p = Pipeline("retries", image="debian:12-slim")
p.test("test ! -e made && touch made", "test -e made", retries=2)
