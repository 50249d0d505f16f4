"""What every engine's shell is given around a stage's own commands: guards before, checks after, loops where the engine has none.

Each function returns lines of POSIX sh that hold under `set -e`; joined with newlines they are one script.
"""

import re
from collections.abc import Iterable, Sequence

from pipelinekit.model.plan import Service, Stage
from pipelinekit.text.shell import quote

_LEAVES = re.compile(
    r"\b(?:exit|exec|trap|return|cd|pushd|popd|source|eval|shopt)\b|(?:^|[\s;&|(])\.\s|\bset\s+(?:\+|-[a-z]*[fo]\b)", re.MULTILINE
)


def secret_guards(stage: Stage) -> list[str]:
    """Fail by its name when a secret is missing or empty, before anything else runs."""
    return [f': "${{{secret.name}:?the secret {secret.stored} is missing}}"' for secret in stage.secrets if not secret.optional]


def output_checks(paths: Iterable[str]) -> list[str]:
    """Fail when a declared output is missing, or is a folder without a file."""
    return [_output_check(path) for path in paths]


def _output_check(path: str) -> str:
    """Paths hold no character that double quotes would not keep, but for values that the shell is to put in."""
    word = f'"{path}"' if "$" in path else quote(path)
    found = f'[ -n "$(find {word} -type f 2>/dev/null | head -n 1)" ]' if path.endswith("/") else f"[ -e {word} ]"
    return f'{found} || {{ echo "the output {path} is missing" >&2; exit 1; }}'


def commands(stage: Stage, after: Sequence[str] = ()) -> list[str]:
    """Setup and commands, then the check of the outputs and the lines of `after`; an `exit` or `cd` among the commands must not touch
    these, so a subshell holds it.
    """
    own = [*stage.setup, *stage.commands]
    checks = [*output_checks(stage.outputs), *after]
    if checks and escapes(own):
        return ["(", *own, ")", *checks]
    return [*own, *checks]


def escapes(commands: Iterable[str]) -> bool:
    """Whether commands could end the shell early, leave its folder, or change how it fails, before what comes after them."""
    return any(_LEAVES.search(line) for line in commands)


def lines(stage: Stage) -> list[str]:
    """Guards, setup, commands, checks: all that runs in the stage's image, in order."""
    return [*secret_guards(stage), *commands(stage)]


def wait_for(service: Service, seconds: int = 60) -> str:
    """Wait until a service accepts TCP, with whatever the image has to ask with: nc, bash, Python or perl."""
    host, port = service.alias, service.port
    tries = (
        f"nc -z {host} {port}",
        f"bash -c ': </dev/tcp/{host}/{port}'",
        f"python3 -c 'import socket; socket.create_connection((\"{host}\", {port}), 1)'",
        f"perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(\"{host}:{port}\")'",
    )
    attempt = " ||\n  ".join(f"{command} 2>/dev/null" for command in tries)
    return (
        f"PK_WAITED=0\nuntil {attempt}; do\n"
        f'  [ "$PK_WAITED" -lt {seconds} ] || {{ echo "{host}:{port} does not answer" >&2; exit 1; }}\n'
        "  PK_WAITED=$((PK_WAITED + 1))\n  sleep 1\ndone"
    )


def joined(parts: Sequence[str]) -> str:
    """The lines as one script, with a newline at its end."""
    return "\n".join(parts) + "\n"
