r"""What outsiders can choose, at its worst: texts that do something wherever they are taken for more than text.

Whoever may open a pull request chooses its branch, its title, the commits' messages, their author and the files' names; who may push
chooses tags and branches; who starts a run by hand chooses its inputs. Each text tries to make a file called `pwned`, which the suite
looks for after every run. The first of a kind holds no `$` and no `%`, so that a system that can't take these is asked about
everything else.

- A branch or tag is what `git check-ref-format` lets pass: no blank, none of `~ ^ : ? * [ \`, no `..`, `@{` or leading `-`.
- A title has one line: no host keeps a newline in it. A message has several.
- An author has no `<`, `>` or newline, and neither begins nor ends with a quote, a stop or a blank, which git strips.
- A file's name is any byte but NUL and `/`.
"""

from pipelinekit.model.value import replace
from pipelinekit.semantics.scenario import Happening

CALLING_CARD = "pwned"
"""The file that is there when somebody ran an outsider's text."""

REFS = (
    "1'\";>pwned;`>pwned`;{touch,pwned};((x)){{x}}--",
    "1$(touch${IFS}pwned)",
    "1`touch${IFS}pwned`$HOME%PATH%",
    "1;touch${IFS}pwned;${PK_SHA}$$",
)
"""Ends of branches and tags."""

TITLES = (
    '-n it\'s "so"; touch pwned; `touch pwned` ((secret)) {{ .x }} {# x #} --> ::set-env name=A::b \\n 🚀 \\ .',
    "$(touch pwned) \"$(touch pwned)\" '$(touch pwned)' $HOME $PK_SHA $$ %PATH% %s",
    "'; touch pwned; ' ${HOME} ${{ x }} $[[ inputs.x ]] #{x} <%= x %> \"; touch pwned; \" \\",
)
AUTHORS = (
    "Eve \"; touch pwned; `touch pwned` #'((x)) {{ x }} \\ Ω",
    "Eve $(touch pwned) ${HOME} $HOME $$ %PATH% %s X",
)
MESSAGE = "---\n$(touch pwned) `touch pwned`\n\"; touch pwned #\n'; touch pwned #\n::set-env name=A::b\n"
"""What stands below the title in a commit of theirs."""

INPUTS = (
    'it\'s "so"; touch pwned; `touch pwned` ((x)) {{ .x }} \\n \\',
    '$(touch pwned) "$(touch pwned)" ${HOME} $HOME $$ %PATH% ${{ x }}',
)
FILES = ('it\'s "so" $(touch pwned).py', "-n;touch pwned.py", "`touch pwned` Ω.py", "$HOME %s \\n.py")
"""Names of files of a pull request; what is below a folder that a condition names."""


def of(happening: Happening, mentioned: frozenset[str], number: int) -> Happening:
    """The same with a commit of theirs: its message, and of title and author what the plan has a fact of. `number` counts the attacks."""
    title = TITLES[number % len(TITLES)] if "PK_TITLE" in mentioned else ""
    author = AUTHORS[number % len(AUTHORS)] if "PK_AUTHOR" in mentioned else ""
    return replace(happening, title=title, author=author, message=MESSAGE)


def attacks(mentioned: frozenset[str]) -> int:
    """How many attacks it takes until each text about which a plan has a fact was tried."""
    lengths = {"PK_BRANCH": len(REFS), "PK_TITLE": len(TITLES), "PK_AUTHOR": len(AUTHORS)}
    return max((length for fact, length in lengths.items() if fact in mentioned), default=0)
