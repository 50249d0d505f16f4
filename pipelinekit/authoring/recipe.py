"""Recipes: what a stage runs together with what that takes. Plain values; every field of them can be seen with `show` and overridden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelinekit.authoring import texts
from pipelinekit.authoring.refuse import refuse
from pipelinekit.authoring.values import Cache, Checkout, Registry, Secret, Service, several
from pipelinekit.model import plan as model
from pipelinekit.model.value import field, value


@value
class Recipe:
    """Commands and what they take: a kind accepts it in place of a command or among them, `setup=` too.

    In a migrate, deploy or verify stage `{url}` in its commands is the environment's URL.
    """

    commands: Sequence[str] = ()
    setup: Sequence[str] = ()
    image: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Sequence[Secret] = ()
    services: Sequence[Service] = ()
    outputs: Sequence[str] = ()
    reports: Sequence[str] = ()
    keep: Sequence[str] = ()
    cache: Sequence[Cache] = ()
    checkout: Checkout | None = None


class ContainerBuild:
    """A container build, made by `recipes.container`."""

    __slots__ = ("_container",)

    def __init__(
        self,
        repository: str,
        *,
        tag: str,
        also: str | Sequence[str] = (),
        context: str = ".",
        dockerfile: str | None = None,
        args: Mapping[str, str] | None = None,
        registry: Registry | None = None,
    ) -> None:
        tags = tuple(texts.tag(text) for text in (tag, *several(also)))
        if "${PK_SHA}" not in tag and "${PK_SHORT_SHA}" not in tag:
            refuse("PK015", f"the tag {tag!r} doesn't hold the commit", "tag=ci.sha; further tags stand in also=")
        where = texts.path(context, "context") if context != "." else "."
        file = texts.path(dockerfile, "dockerfile") if dockerfile else ("Dockerfile" if where == "." else f"{where.rstrip('/')}/Dockerfile")
        pairs = tuple((key, texts.plain(given, f"args[{key!r}]", key)) for key, given in (args or {}).items())
        for key, given in pairs:
            if not texts._VARIABLE.fullmatch(key):
                refuse("PK010", f"{key!r} can't name a build argument", "[A-Za-z_][A-Za-z0-9_]*")
            texts.placeholders(given, f"args[{key!r}]", ())
        host = registry._registry if registry else None
        if host and not repository.startswith(f"{host.host}/"):
            refuse("PK016", f"the repository {repository!r} isn't on the registry {host.host!r}", f'"{host.host}/…"')
        self._container = model.Container(texts.repository(repository), tags, where, file, pairs, host)
