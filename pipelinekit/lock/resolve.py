"""Many lookups at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from pipelinekit.lock.registry import NoDigestError

AT_ONCE = 8


def resolve(images: Iterable[str], digest: Callable[[str], str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Digests by image, and a line for each image of which `digest` raises that there is none."""
    asked = tuple(images)
    found: dict[str, str] = {}
    problems: list[str] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for image, answer in zip(asked, pool.map(lambda image: _asked(image, digest), asked), strict=True):
            if isinstance(answer, str):
                found[image] = answer
            else:
                problems.append(str(answer))
    return found, tuple(problems)


def _asked(image: str, digest: Callable[[str], str]) -> str | NoDigestError:
    try:
        return digest(image)
    except NoDigestError as error:
        return error
