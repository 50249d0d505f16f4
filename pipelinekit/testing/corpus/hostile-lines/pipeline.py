"""Commands that look like YAML, and commands of several lines."""

from pipelinekit import Pipeline

p = Pipeline("hostile-lines", image="debian:12-slim")
p.test(
    "- not a list || true",
    "? not a key || true",
    "{ echo braces; }",
    "[ -n brackets ]",
    "!history || true",
    "*alias || true",
    "3.10 || true",
    "true",
    "yes: no || true",
    "%directive || true",
    "cat > made.txt <<'END'\n---\n  two $words\n\n\ttab \\ end  \n...\nEND",
    'test "$(wc -l < made.txt)" -eq 5 && test "$(wc -c < made.txt)" -eq 35',
    "if true; then\n  echo indented\n\n  echo after a blank line\nfi",
    "test one = \\\n  one",
)
