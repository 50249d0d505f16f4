"""Values with the letters to which shells, YAML and engines give a meaning."""

from pipelinekit import Pipeline

values = {
    "DOLLARS": ("$5 $$ ${HOME} ${{x}}", r"\0445 \044\044 \044{HOME} \044\173\173x}}"),
    "QUOTES": ('it\'s "so"', r"it\047s \042so\042"),
    "BACKSLASHES": ("\\n \\\\ x\\", r"\134n \134\134 x\134"),
    "BRACKETS": ("((x)) {{ .x }} [y] `id`", r"\050\050x\051\051 \173\173 .x \175\175 [y] \140id\140"),
    "YAML": ("- a: b # no comment", r"\055 a\072 b \043 no comment"),
    "PADDED": ("  x   ", r"\040 x \040 "),
    "LETTERS": ("grüße 漢", r"gr\303\274\303\237e \346\274\242"),
}
p = Pipeline("variables-hostile", image="debian:12-slim")
p.test(
    *(f'test "${name}" = "$(printf \'{octal}\')"' for name, (_, octal) in values.items()),
    variables={name: text for name, (text, _) in values.items()},
)
