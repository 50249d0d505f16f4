"""A host that is reached by ssh."""

from collections.abc import Sequence

from pipelinekit.authoring import texts
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.values import Matrix, Secret
from pipelinekit.recipes.words import word
from pipelinekit.text.shell import quote

__all__ = ["run"]


def run(host: str, *command: str, key: Secret, known_hosts: str = "known_hosts", port: int = 22, matrix: Sequence[Matrix] = ()) -> Recipe:
    """Run a command on a host, each word as it is written here; the job ends as the command does.

    `key` is a secret with `file=True`. The host must be in `known_hosts`, a file of the repository: who answers in its place gets
    nothing. A shell over there reads the command, so it may hold the commit and values of `matrix`, but nothing that outsiders choose.
    """
    for match in texts.PLACEHOLDER.finditer("\n".join(command)):
        texts.placeholders(match[0], "the command", [axis.name.upper() for axis in matrix])
    remote = " ".join(quote(each) for each in command)
    options = f"-o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile={word(known_hosts)} -p {port}"
    return Recipe(commands=[f'ssh -i "${key.name}" {options} {word(host)} {word(remote)}'], secrets=[key])
