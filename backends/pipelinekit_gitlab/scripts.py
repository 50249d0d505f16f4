"""`before_script` and `script`: the runner joins both into one program, so what the first sets the second sees.

The runner takes bash where the image has one, with `errexit`, and with `pipefail` in any shell that knows it.
"""

import re

from pipelinekit.model.plan import Plan, Stage
from pipelinekit.text import script
from pipelinekit_gitlab import escape, facts, secrets

POSIX = '[ -z "${BASH_VERSION:-}" ] || set -o posix'
"""In bash's own mode `errexit` doesn't reach into `$(…)`, as it does in a `sh`."""

NO_PIPEFAIL = 'case "$(set -o)" in *pipefail*) set +o pipefail ;; esac'
BASH = ': "${BASH_VERSION:?this job needs bash in its image}"'

_PIPE = r"(?m)(?<!\|)\|(?!\|)|(?:^|[;&(]|\b(?:do|else|then)\b)[ \t]*(?:\.|eval)\s"
"""A pipe, or what may hold one that isn't written here."""
_GOES_ON = r"(?:\$\([^()]*|`[^`]*)[;\n]|\w\s*\(\s*\)\s*[{(\n]"
"""A substitution of several commands, or a function, which may be called in one."""


def before(plan: Plan, stage: Stage) -> list[str]:
    """What comes before the stage's own commands: its shell, facts, secrets, services and setup."""
    waits = [script.wait_for(service) for service in stage.services]
    setup = () if _in_subshell(stage, stage.setup) else stage.setup
    own = [*_shell(stage), *secrets.hidden(plan, stage), *facts.exports(stage), *secrets.lines(stage.secrets), *waits]
    return [*own, *escape.items(setup)]


def main(stage: Stage) -> list[str]:
    """The stage's commands as they were written, and the check of what they were to leave behind."""
    checks = script.output_checks(stage.outputs)
    setup = _in_subshell(stage, stage.setup)
    if setup or _in_subshell(stage, stage.commands):
        own = [*(stage.setup if setup else ()), *stage.commands]
        return ["(\n" + "\n".join(own) + "\n)", *checks]
    return [*escape.items(stage.commands), *checks]


def _in_subshell(stage: Stage, commands: tuple[str, ...]) -> bool:
    """Whether these commands could keep the check of the outputs from running, or from finding them."""
    return bool(stage.outputs) and script.escapes(commands)


def _shell(stage: Stage) -> list[str]:
    if stage.shell == "bash":
        return [BASH]
    own = "\n".join((*stage.setup, *stage.commands))
    substitutes = "$(" in own or "`" in own
    posix = [POSIX] if substitutes and any(re.search(_GOES_ON, command) for command in (*stage.setup, *stage.commands)) else []
    pipes = ("|" in own or ". " in own or "eval" in own) and re.search(_PIPE, own)
    return [*posix, *([NO_PIPEFAIL] if pipes else ())]
