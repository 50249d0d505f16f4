"""A home that can be written to, and nothing to read: whoever asks gets the end of the input."""

from pipelinekit import Pipeline

p = Pipeline("home-and-input", image="debian:12-slim")
p.test('test -z "$(cat)"', "if read -r line; then exit 1; fi", 'date +%s%N > "$HOME/made" && test -s "$HOME/made"')
p.lint('test -z "$(cat)"', "if read -r line; then exit 1; fi", shell="bash")
