"""Names of files that are commands stay names: handed on, kept, reported and cached."""

from pipelinekit import Cache, Pipeline

p = Pipeline("attack-files", image="debian:12-slim")
made = p.build(
    "mkdir -p out models && date +%s%N > out/at",
    "for name in 'a b' it\\'s '\"q\"' '$(touch pwned)' '`touch pwned`' -rf -- ';touch pwned;' '*' '$HOME %s \\n' Ω \\\n"
    "    \"$(printf 'two\\nlines')\"; do\n"
    '    echo one > "out/$name" && echo two > "models/$name" && echo "<testsuite/>" > "out/$name.xml"\n'
    "done",
    outputs="out/",
    keep=["out/*"],
    reports="out/*.xml",
    cache=Cache("models/", key="requirements.lock"),
)
p.test(
    'for name in "out/a b" "out/it\'s" "out/\\$(touch pwned)" "out/-rf" "out/;touch pwned;" "out/*" "$(printf \'out/two\\nlines\')"; do\n'
    '    test "$(cat "$name")" = one\n'
    "done",
    'test "$(find out -type f | grep -c xml)" -eq 12',
    needs=[made["out/"]],
)
