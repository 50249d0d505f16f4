"""The lines around a stage's own commands, in the order in which they matter."""

from pipelinekit.model.plan import Secret, Stage
from pipelinekit.text import script
from pipelinekit.text.shell import quote
from pipelinekit_concourse import facts
from pipelinekit_concourse.escape import export
from pipelinekit_concourse.place import Place, artifact, sources


def before(place: Place, stage: Stage) -> list[str]:
    """What comes before setup: no terminal to read from, no token in the tree, the filter, then all that the stage is given."""
    return [
        "exec </dev/null",
        *without_token(place),
        *_filter(place, stage),
        *exports(place, stage),
        *script.secret_guards(stage),
        *(_file(secret) for secret in stage.secrets if secret.file),
        *copies_in(stage),
    ]


def task(place: Place, stage: Stage) -> list[str]:
    """The whole script of a task that runs in the stage's image."""
    return [*before(place, stage), *script.commands(stage, copies_out(place, stage))]


def exports(place: Place, stage: Stage) -> list[str]:
    """Variables that params can't hold: facts of the run, places of caches, values with brackets that Concourse would look up."""
    caches = [f'export {cache.variable}="$PWD/{cache.paths[0].rstrip("/")}"' for cache in stage.caches if cache.variable]
    return [*export(variables(place, stage).items()), *facts.exports(stage, place.event), *caches]


def variables(place: Place, stage: Stage) -> dict[str, str]:
    """The pipeline's variables under the stage's own."""
    return dict(place.plan.variables) | dict(stage.variables)


def copies_in(stage: Stage) -> list[str]:
    """Lay the asked-for files over the tree."""
    return [line for name, paths in sources(stage) for path in paths for line in _copy(path, f"../{artifact(name)}/", "")]


def copies_out(place: Place, stage: Stage) -> list[str]:
    """Hand over what others ask for: outputs lie beside the tree, since one inside it would mount empty over its files."""
    asked = place.asked.get(stage.name, ())
    return [line for path in asked for line in _copy(path, "", f"../{artifact(stage.name)}/")]


def _copy(path: str, source: str, target: str) -> list[str]:
    folder = path if path.endswith("/") else path.rpartition("/")[0]
    made = [f"mkdir -p {quote(target + folder)}"] if folder else []
    if path.endswith("/"):
        return [*made, f"cp -R {quote(f'{source}{path}.')} {quote(target + path)}"]
    return [*made, f"cp {quote(source + path)} {quote(target + path)}"]


def without_token(place: Place) -> list[str]:
    """The pull request resource leaves its token in the address of `origin` (its `git.go`)."""
    return ["sed -i /x-oauth-basic:/d .git/config"] if place.event.kind == "pull_request" else []


def _filter(place: Place, stage: Stage) -> list[str]:
    """Leave when no changed file matches. A grep that can't tell, or isn't there, ends with more than 1: then the stage runs."""
    if not stage.only_if or place.event.kind != "pull_request":
        return []
    pattern = "|".join(_regex(glob) for glob in stage.only_if)
    return [f"grep -Eq {quote(f'^({pattern})$')} .git/resource/changed_files || [ $? -gt 1 ] || exit 0"]


def _regex(glob: str) -> str:
    """An extended regular expression of a glob: `*` stays within a part between slashes, `**` crosses them."""
    found = ""
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position):
            found, position = found + "(.*/)?", position + 3
        elif glob.startswith("**", position):
            found, position = found + ".*", position + 2
        else:
            character = glob[position]
            found += {"*": "[^/]*", "^": r"\^"}.get(character, character if character.isalnum() or character in "/_-" else f"[{character}]")
            position += 1
    return found + (".*" if glob.endswith("/") else "")


def _file(secret: Secret) -> str:
    """Turn the value into a file outside of the tree, and the variable into its path."""
    name = secret.name
    made = f'pk_file="$(mktemp)"\nprintf %s "${name}" >"$pk_file"\nexport {name}="$pk_file"\nunset pk_file'
    return f'if [ -n "${{{name}:-}}" ]; then\n{made}\nfi' if secret.optional else made
