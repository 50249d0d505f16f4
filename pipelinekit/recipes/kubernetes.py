"""Kubernetes, by helm or kustomize: an image of this commit, and a roll-out that is waited for."""

from collections.abc import Mapping, Sequence

from pipelinekit.authoring import texts
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.words import options, released, word

__all__ = ["helm", "kustomize"]


def helm(
    release: str,
    chart: str,
    image: str,
    *,
    namespace: str,
    values: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    timeout: str = "5m",
) -> Recipe:
    """Upgrade or install a release and wait until it is ready; a roll-out that isn't ready in `timeout` leaves the old one serving
    (`--atomic`) and fails. The chart sees `image.repository`, and `image.tag` or `image.digest`.
    """
    repository, _, digest = released(image).partition("@")
    repository, _, tag = repository.rpartition(":") if not digest else (repository, "", "")
    named = [("image.repository", repository), ("image.digest", digest) if digest else ("image.tag", tag)]
    given = options([("--namespace", namespace), ("--timeout", timeout), *(("--values", file) for file in values)])
    pairs = [*named, *texts.mapping(settings, "settings").items()]
    chosen = "".join(f" --set-string {word(f'{name}={_comma(text)}')}" for name, text in pairs)
    return Recipe(commands=[f"helm upgrade --install {word(release)} {word(chart)} --create-namespace --atomic --wait{given}{chosen}"])


def kustomize(folder: str, image: str, *, name: str, deployment: str, namespace: str, timeout: str = "5m") -> Recipe:
    """Apply an overlay with the image `name` replaced by one of this commit, and wait for the deployment's roll-out."""
    where = options([("--namespace", namespace)])
    place = word(folder)
    return Recipe(
        commands=[
            f"(cd {place} && kustomize edit set image {word(f'{name}={released(image)}')})",
            f"kubectl apply --kustomize {place}{where}",
            f"kubectl rollout status {word(f'deployment/{deployment}')}{where} --timeout {word(timeout)}",
        ]
    )


def _comma(text: str) -> str:
    """helm takes a comma for the next setting."""
    return text.replace("\\", "\\\\").replace(",", "\\,")
