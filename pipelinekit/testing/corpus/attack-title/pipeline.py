"""A title that is a command stays a text: printed, compared, passed as an argument, written to a file that is handed on."""

from pipelinekit import Pipeline, ci

p = Pipeline("attack-title", image="debian:12-slim")
made = p.step(
    "mkdir made && date +%s%N > made/at",
    f'echo "{ci.title}"',
    f'case "{ci.title}" in wip*) echo "not yet" ;; *) echo ready ;; esac',
    f'set -- "{ci.title}" && test $# -eq 1 && test "$1" = "{ci.title}"',
    f'printf "%s\\n" "{ci.title}" > made/title.txt',
    name="note",
    outputs="made/",
)
p.test(f'test "$(cat made/title.txt)" = "{ci.title}"', shell="bash", needs=[made["made/"]])
