"""The images that rendered files name, as each system's own reader would find them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_DOCKER_RUN = re.compile(r"docker run (?P<words>[^\n;|&>]*)")
_GROOVY = re.compile(r"""(?:\bimage|docker\.image\()[ (]*['"]([^'"]+)['"]""")
_VALUED = ("--name", "--network", "--network-alias", "-e", "--env", "-v", "-w", "--entrypoint")


def images(target: str, files: Mapping[str, str]) -> list[str]:
    """Each mention of an image, with its digest where it has one; those that hold the commit are left out."""
    found = [image for path, text in files.items() for image in _of(target, path, text)]
    return [image for image in found if not re.search(r"\$|\(\(|@?\{", image)]


def _of(target: str, path: str, text: str) -> Iterator[str]:
    if target == "jenkins":
        if path.endswith("Jenkinsfile"):
            yield from _GROOVY.findall(text)
            yield from _of_script(text)
        return
    for document in yaml.load_all(text, _Loader):
        for key, value in _pairs(document):
            yield from _of_pair(target, key, value)


class _Loader(yaml.SafeLoader):
    """Takes the tags of any system as the values that they stand before."""


_Loader.add_multi_constructor("!", lambda loader, _, node: loader.construct_sequence(node))


def _pairs(data: Any) -> Iterator[tuple[str, Any]]:
    """Every key and its value, however deep."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key), value
            yield from _pairs(value)
    elif isinstance(data, list):
        for value in data:
            yield from _pairs(value)


def _of_pair(target: str, key: str, value: Any) -> Iterator[str]:
    if target == "concourse" and isinstance(value, dict) and key == "image_resource":
        yield _apart(value)
    elif target == "concourse" and key == "resource_types":
        yield from (_apart(each) for each in value)
    elif target == "cloudbuild" and key == "steps":
        yield from (step["name"] for step in value)
    elif target in ("gitlab", "drone") and key == "image":
        yield value["name"] if isinstance(value, dict) else value
    elif target == "gitlab" and key == "services":
        yield from (each["name"] if isinstance(each, dict) else each for each in value)
    if isinstance(value, str):
        yield from _of_script(value)
    elif isinstance(value, list):
        yield from (image for text in value if isinstance(text, str) for image in _of_script(text))


def _apart(resource: Mapping[str, Any]) -> str:
    """Repository, tag and digest in one; of a resource type the digest stands for the tag."""
    source = resource["source"]
    tag = str(source.get("tag", ""))
    if tag.startswith("sha256:"):
        return f"{source['repository']}@{tag}"
    name = f"{source['repository']}:{tag}" if tag else source["repository"]
    pinned = resource.get("version", {}).get("digest")
    return f"{name}@{pinned}" if pinned else name


def _of_script(text: str) -> Iterator[str]:
    """What `docker run` lines start: the first word that is neither an option nor the value of one."""
    for line in _DOCKER_RUN.finditer(text.replace("\\\n", " ")):
        words = iter(line["words"].split())
        for word in words:
            if word in _VALUED:
                next(words, None)
            elif not word.startswith("-"):
                yield word.strip("'\"")
                break
