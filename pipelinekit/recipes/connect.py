"""Posit Connect, for Dash, Shiny and notebooks; the server and the key come as `CONNECT_SERVER` and `CONNECT_API_KEY`."""

from collections.abc import Mapping

from pipelinekit.authoring import texts
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.values import Secret
from pipelinekit.recipes.words import options, words

__all__ = ["dash", "manifest"]


def dash(
    entrypoint: str,
    folder: str = ".",
    *,
    app_id: str,
    key: Secret,
    title: str | None = None,
    variables: Mapping[str, str] | None = None,
    draft: bool = False,
) -> Recipe:
    """Deploy a Dash app over the content `app_id`, which keeps its address, and set `variables` for its process. With `draft`, a preview
    that nobody meets yet.
    """
    return _deploy("dash", folder, [("--entrypoint", entrypoint)], app_id, key, title, variables, draft=draft)


def manifest(
    file: str = "manifest.json",
    *,
    app_id: str,
    key: Secret,
    title: str | None = None,
    variables: Mapping[str, str] | None = None,
    draft: bool = False,
) -> Recipe:
    """Deploy what a manifest lists, such as a Shiny app of R with its packages' versions; otherwise as `dash`."""
    return _deploy("manifest", file, [], app_id, key, title, variables, draft=draft)


def _deploy(
    kind: str,
    what: str,
    more: list[tuple[str, str | None]],
    app_id: str,
    key: Secret,
    title: str | None,
    variables: Mapping[str, str] | None,
    *,
    draft: bool,
) -> Recipe:
    """rsconnect takes server and key from the environment, and fails when the server can't start the content."""
    pairs = [("--environment", f"{name}={text}") for name, text in texts.variables(variables, "variables")]
    given = options([*more, ("--app-id", app_id), ("--title", title), *pairs, ("--metadata", "commit=${PK_SHA}")])
    return Recipe(commands=[f"rsconnect deploy {kind}{given}{' --draft' if draft else ''}{words(what)}"], secrets=[key])
