"""What the options of pipelines and stages may be, read into the model; each refuses at the user's line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, TypeVar

from pipelinekit.authoring import texts
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.refuse import each, refuse, typed
from pipelinekit.authoring.stage import Artifact, Stage
from pipelinekit.authoring.values import Cache, Checkout, Environment, Event, Matrix, Runner, Secret, Service, several
from pipelinekit.diagnostics import nearest
from pipelinekit.model import plan as model
from pipelinekit.model.names import FACTS, RESERVED_STAGES
from pipelinekit.model.value import replace

Command: TypeAlias = str | Recipe
Commands: TypeAlias = str | Recipe | Sequence[Command]
Needs: TypeAlias = Sequence[Stage | Artifact]
Shell: TypeAlias = Literal["sh", "bash"]
Texts: TypeAlias = str | Sequence[str]


def stage_name(name: str | None, kind: str, environment: str | None) -> str:
    text = name if name is not None else kind.replace("_", "-") + (f"-{environment}" if environment else "")
    keeper = RESERVED_STAGES.get(texts.name(text, "a stage"))
    if keeper:
        refuse("PK003", f"{text!r} can't name a stage: {keeper} keeps the word", 'give it another name="…"')
    return text


def branch(text: str) -> str:
    import re

    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_./-]*", texts.plain(text, "trunk")) or ".." in text:
        refuse("PK032", f"trunk={text!r} is no branch", "letters, digits, _ . / and -")
    return text


def line(text: str) -> str:
    if not texts.plain(text, "the question").strip() or "\n" in text or "\r" in text:
        refuse("PK032", "a gate's question is one line of text")
    if "$" in text:
        refuse("PK014", "a gate's question holds no values", "write it without $")
    return text


def bundle(commands: Commands) -> Recipe:
    """Commands and recipes as one recipe, in order; each command is checked as text."""
    parts = [commands] if isinstance(commands, str | Recipe) else list(commands)
    recipes = [part for part in parts if isinstance(part, Recipe)]
    images = {recipe.image for recipe in recipes if recipe.image}
    if len(images) > 1:
        refuse("PK016", f"the recipes run in different images: {', '.join(sorted(images))}", "give image=, or two stages")
    lines: list[str] = []
    for part in parts:
        lines += [_command(line) for line in (several(part.commands) if isinstance(part, Recipe) else (part,))]
    if not recipes:
        return Recipe(commands=[line for line in lines if line.strip()])
    return Recipe(
        commands=[line for line in lines if line.strip()],
        setup=[_command(line) for recipe in recipes for line in several(recipe.setup)],
        image=next(iter(images), None),
        variables=dict(merge(*(texts.variables(recipe.variables, "variables") for recipe in recipes))),
        secrets=[secret for recipe in recipes for secret in each(recipe.secrets, Secret, "secrets")],
        services=[service for recipe in recipes for service in each(recipe.services, Service, "services")],
        outputs=[path for recipe in recipes for path in several(recipe.outputs)],
        reports=[path for recipe in recipes for path in several(recipe.reports)],
        keep=[path for recipe in recipes for path in several(recipe.keep)],
        cache=[cache for recipe in recipes for cache in each(recipe.cache, Cache, "cache")],
        checkout=next((recipe.checkout for recipe in recipes if recipe.checkout), None),
    )


def at(environment: Environment, command: Command) -> Command:
    """A recipe with `{url}` in its commands turned into the environment's URL."""
    if not isinstance(command, Recipe) or not any("{url}" in line for line in several(command.commands)):
        return command
    url = environment.url.rstrip("/")
    return replace(command, commands=[line.replace("{url}", url) for line in several(command.commands)])


def _command(text: object) -> str:
    if not isinstance(text, str):
        kind = type(text).__name__
        refuse(
            "PK032",
            f"a command is text or a recipe, not {kind}",
            "container builds belong to p.build(…)" if kind == "ContainerBuild" else "",
        )
    if texts.plain(text, "the command").rstrip(" \t").endswith("\\"):
        refuse("PK032", "a command ends in a backslash, which would swallow what comes after it", "put the lines into one command")
    return text


def check_stage(stage: model.Stage) -> None:
    """What can only be said of a whole stage."""
    values = {axis.variable for axis in stage.matrix}
    for command in (*stage.setup, *stage.commands):
        if "${PK_" in command or (values and "$" in command):
            _check_facts(command, values)
    taken: dict[str, str] = dict.fromkeys(values, "a matrix value")
    for pairs, what in ((stage.variables, "a variable"), (tuple((s.name, "") for s in stage.secrets), "a secret")):
        for key, _ in pairs:
            if key in taken:
                refuse("PK011", f"{key} is {taken[key]} and {what} of {stage.name}", "rename one of them", source=stage.source)
            taken[key] = what
    for cache in stage.caches:
        if cache.variable and cache.variable in taken:
            refuse("PK011", f"{cache.variable} is {taken[cache.variable]} and set by a cache of {stage.name}", source=stage.source)
    aliases = [service.alias for service in stage.services]
    if len(set(aliases)) != len(aliases):
        refuse("PK002", f"two services of {stage.name} have one alias", source=stage.source)
    if stage.keep_for and not stage.keep:
        refuse("PK016", "keep_for= says how long, and keep= what: the one needs the other", source=stage.source)
    if stage.is_post and stage.outputs:
        refuse("PK016", f"a stage with when={stage.when!r} hands out no files", source=stage.source)
    if stage.only_if and stage.is_post:
        refuse("PK016", "when= and only_if= exclude each other")


def _check_facts(command: str, values: set[str]) -> None:
    for found in texts.PLACEHOLDER.findall(command):
        if found.startswith("PK_") and found not in FACTS:
            refuse("PK013", f"{found} is no fact", nearest(found, FACTS))
    if "'" in command or "<<" in command or "\\" in command:
        from pipelinekit.text.shell import unexpanded

        for name, _line_number in unexpanded(command, [*FACTS, *values]):
            refuse("PK013", f"the shell will not expand ${{{name}}} in {command.splitlines()[0]!r}", "use double quotes there")


def alike(image: str, other: str | None) -> bool:
    """Whether two images differ by matrix values alone."""
    import re

    pattern = ".+".join(re.escape(part) for part in texts.PLACEHOLDER.sub("\0", image).split("\0"))
    return other is not None and bool(re.fullmatch(pattern, other))


def axes(matrix: Matrix | Sequence[Matrix]) -> tuple[model.Axis, ...]:
    axes = tuple(axis._axis for axis in each((matrix,) if isinstance(matrix, Matrix) else matrix, Matrix, "matrix"))
    if len({axis.name for axis in axes}) != len(axes):
        refuse("PK019", "two axes of the matrix have one name")
    return axes


def caches(cache: Cache | Sequence[Cache]) -> tuple[model.Cache, ...]:
    return tuple(value._cache for value in each((cache,) if isinstance(cache, Cache) else cache, Cache, "cache"))


def merge(*layers: model.Pairs) -> model.Pairs:
    merged: dict[str, str] = {}
    for layer in layers:
        for key, value in layer:
            if merged.get(key, value) != value:
                refuse(
                    "PK011",
                    f"{key} is set twice, to {merged[key]!r} and {value!r}",
                    "only a stage variable may replace a pipeline variable",
                )
            merged[key] = value
    return tuple(merged.items())


def unique(*secrets: model.Secret) -> tuple[model.Secret, ...]:
    named: dict[str, model.Secret] = {}
    for secret in secrets:
        if named.setdefault(secret.name, secret) != secret:
            refuse("PK011", f"the secret {secret.name} is named twice, from different keys or in different ways")
    return tuple(named.values())


_Value = TypeVar("_Value")


def distinct(*values: _Value) -> tuple[_Value, ...]:
    return tuple(dict.fromkeys(values))


def paths(paths: Sequence[str], what: str, values: set[str], *, globs: bool = False) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts.path(path, what, values, globs=globs) for path in paths))


def retries(count: int) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 10:
        refuse("PK032", f"retries={count!r} is no number of further attempts", "0 to 10")
    return count


def when(when: str | None, needs: Needs, outputs: Texts) -> model.When:
    match when:
        case None:
            return "on_success"
        case "on_failure" | "always":
            if needs or outputs:
                refuse("PK016", f"a stage with when={when!r} runs after all others: it has no needs= and no outputs=")
            return "on_failure" if when == "on_failure" else "always"
        case _:
            refuse("PK032", f"when={when!r} is not known", '"on_failure" or "always"')


def checkout(own: Checkout | None, default: model.Checkout, *recipes: Checkout | None) -> model.Checkout:
    if own is not None:
        return typed(own, Checkout, "checkout")._checkout
    asked = [default, *(recipe._checkout for recipe in recipes if recipe)]
    return model.Checkout(*(any(getattr(each, name) for each in asked) for name in ("history", "tags", "lfs", "submodules")))


def runner(own: Runner | None, default: model.Runner | None) -> model.Runner | None:
    return default if own is None else typed(own, Runner, "runner")._runner


def shell(text: str) -> Shell:
    match text:
        case "sh" | "bash":
            return "bash" if text == "bash" else "sh"
        case _:
            refuse("PK032", f"shell={text!r} is not known", '"sh" or "bash"')


def events(on: Sequence[Event], what: str) -> tuple[model.Event, ...]:
    return tuple(event._event for event in each(on, Event, what))


def reasons(target: str, reasons: object) -> dict[str, str]:
    if not isinstance(reasons, Mapping):
        refuse("PK032", f"accept[{target!r}] is a dict of features, each with the reason", f'accept={{{target!r}: {{"cache": "…"}}}}')
    for feature, reason in reasons.items():
        if not isinstance(reason, str) or not reason.strip():
            refuse("PK032", f"accept[{target!r}][{feature!r}] needs a reason in words", "why the team can live with it")
    return dict(reasons)
