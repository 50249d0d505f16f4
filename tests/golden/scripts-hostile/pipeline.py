"""Text that engines like to eat: every byte of it must reach the shell."""

from pipelinekit import Pipeline

p = Pipeline("scripts-hostile", image="debian:12-slim")
p.test(
    'echo "a: b" # not a comment',
    "printf '%s\\n' 'single' \"double\" `date` $(id -u) $HOME ${HOME:-none} $$ $# $?",
    "sed -e 's/\\//x/' -e 's/\\n//' < /dev/null",
    "echo $((1 + 2)) ((unused)) || true",
    "i=1; echo $((i))",
    "echo '${{ github.sha }} {{ jinja }} ${CI_COMMIT_SHA} $DRONE_SHA ((var)) %s'",
    "- not a list",
    "? not a key",
    "{ echo braces; }",
    "[ -n brackets ]",
    "*glob || true",
    "&anchor || true",
    "!history || true",
    "@at || true",
    "true",
    "3.10 || true",
    "22:30 || true",
    "echo 'grüße 漢字 🚀'",
    "cat <<'END'\n---\nheredoc $stays\n...\nEND",
    "if true; then\n  echo indented\n\n  echo after a blank line\nfi",
    "cd /tmp",
    "pwd",
)
