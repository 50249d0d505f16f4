"""The letters to which shells, YAML and engines give a meaning reach the shell as they were written."""

from pipelinekit import Pipeline

letters = {
    "$$ ${{ x }} ${CI_COMMIT_SHA} $DRONE_SHA $_X": r"\044\044 \044\173\173 x }} \044{CI_COMMIT_SHA} \044DRONE_SHA \044_X",
    "((x)) {{ y }} <% z %> [[ $w ]] #{v}": r"\050\050x\051\051 \173\173 y \175\175 \074%% z %%\076 [[ \044w ]] \043{v}",
    'a\\b \\\\ \\n "q" `id` \\': r"a\134b \134\134 \134n \042q\042 \140id\140 \134",
    "grüße 漢字 🚀": r"gr\303\274\303\237e \346\274\242\345\255\227 \360\237\232\200",
}
p = Pipeline("hostile-letters", image="debian:12-slim")
p.test(
    *(f"test '{text}' = \"$(printf '{octal}')\"" for text, octal in letters.items()),
    "test \"it's\" = 'it'\"'\"'s' && test \"\\$5\" = '$5' && test \"\\\\\" = '\\'",
    'x=5; test $((x + 1)) -eq 6 && test ${x:-1} -eq 5 && test "`echo back`" = back',
    'test "$(echo "a: b" # not a comment\n)" = "a: b"',
    "test $$ -gt 0 && test $# -eq 0",
)
