"""What resource types do: `check` finds versions, `get` lays one out as files, `put` makes one. Those of a store, of registries,
of moments, and the mock are here; git's and pull requests' have a module each.
"""

from __future__ import annotations

import io
import re
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from .pipeline import StepError
from .versions import Version, version
from .world import World

Data = Mapping[str, Any]
Metadata = dict[str, str]


class ScriptFailed(Exception):
    """A resource's script ended with another status than 0: the step fails, it doesn't error."""


class Kind(Protocol):
    """A resource type. `folder` is where `get` writes, and where `put` finds the artifacts that it was given, by their names."""

    def check(self, world: World, source: Data, last: Version | None) -> list[Version]: ...

    def get(self, world: World, source: Data, params: Data, found: Version, folder: Path) -> Metadata: ...

    def put(self, world: World, source: Data, params: Data, folder: Path, maker: str) -> Version:
        """`maker` is the job of the plan that made the artifacts."""
        ...


def known_only(what: str, given: Data, known: str) -> None:
    """Types that name every key refuse others than these words. Raises ScriptFailed."""
    unknown = [key for key in given if key not in known.split()]
    if unknown:
        raise ScriptFailed(f"unknown keys in {what}: {', '.join(unknown)}")


class Time:
    """`time`: a version a moment (`check_command.go`, `in_command.go`, `out_command.go` of concourse/time-resource)."""

    def check(self, world: World, source: Data, last: Version | None) -> list[Version]:
        """Nothing by itself: when its moment comes is what the scenario says."""
        if ("start" in source) != ("stop" in source):
            raise ScriptFailed("must configure both 'start' and 'stop', or neither")
        return []

    def get(self, world: World, source: Data, params: Data, found: Version, folder: Path) -> Metadata:
        moment = int(dict(found)["time"])
        (folder / "input").write_text("{}\n")
        (folder / "timestamp").write_text(datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S +0000 UTC"))
        (folder / "epoch").write_text(str(moment))
        return {}

    def put(self, world: World, source: Data, params: Data, folder: Path, maker: str) -> Version:
        return world.now()


class Store:
    """`s3`: archives in a bucket, named by a pattern (`in/command.go`, `in/archive.go`, `out/command.go` of concourse/s3-resource)."""

    def check(self, world: World, source: Data, last: Version | None) -> list[Version]:
        """All files in the order of the number in their names: another run has just put one as well."""
        bucket = world.store / str(source["bucket"])
        shutil.copy2(self.of_another_run(world, source, "1"), self.of_another_run(world, source, str(world.clock + 10_000)))
        found = [path.relative_to(bucket).as_posix() for path in bucket.rglob("*") if path.is_file()]
        numbered = [(int(match[1]), path) for path in found if (match := re.fullmatch(source["regexp"], path))]
        return [version(path=path) for _, path in sorted(numbered)]

    def of_another_run(self, world: World, source: Data, number: str) -> Path:
        """The file that another run has put, which no job of this one may take for its own."""
        path = world.store / str(source["bucket"]) / str(source["regexp"]).rpartition("/")[0] / f"files-{number}-0.tgz"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with tarfile.open(path, "w:gz") as tar:
                tar.addfile(tarfile.TarInfo("of-another-run"), io.BytesIO())
        return path

    def get(self, world: World, source: Data, params: Data, found: Version, folder: Path) -> Metadata:
        path = dict(found)["path"]
        if not re.fullmatch(source["regexp"], path):
            raise ScriptFailed(f"regex does not match provided version: {path}")
        stored = world.store / source["bucket"] / path
        if not stored.is_file():
            raise ScriptFailed(f"no such key: {path}")
        if params.get("unpack"):
            _unpack(stored, folder)
        else:
            shutil.copy2(stored, folder / stored.name)
        for name in ("url", "s3_uri", "version"):
            (folder / name).write_text(path)
        return {"filename": stored.name}

    def put(self, world: World, source: Data, params: Data, folder: Path, maker: str) -> Version:
        if not source.get("bucket") or not source.get("regexp"):
            raise ScriptFailed("please specify bucket and regexp")
        matches = list(folder.glob(params["file"]))
        if len(matches) != 1:
            raise ScriptFailed(f"{len(matches)} matches found for pattern: {params['file']}")
        path = source["regexp"].rpartition("/")[0] + "/" + matches[0].name
        target = world.store / source["bucket"] / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(matches[0], target)
        return version(path=path)


def _unpack(archive: Path, folder: Path) -> None:
    """gunzip leaves the tar beside what it unpacks to: it is inflated, then extracted, then removed (`extractArchive`)."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(folder, filter="fully_trusted")
    except tarfile.TarError as error:
        raise ScriptFailed(f"not an archive: {archive.name}: {error}") from error


SOURCE_OF_IMAGES = (
    "repository insecure pre_releases pre_release_prefixes variant semver_constraint tag tag_regex created_at_sort username password "
    "aws_access_key_id aws_secret_access_key aws_session_token aws_region aws_ecr_registry_id aws_role_arn aws_role_arns platform_file "
    "registry_mirror content_trust ca_certs platform debug annotation_regex label_regex azure_acr"
)
_TAG = re.compile(r"[\w][\w.-]{0,127}", re.ASCII)
_REPOSITORY = re.compile(r"[a-z0-9.-]+(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*", re.ASCII)


def check_image(source: Data) -> None:
    """Whether a registry could be asked for this image at all. Raises ScriptFailed."""
    known_only("source", source, SOURCE_OF_IMAGES)
    if not _REPOSITORY.fullmatch(str(source.get("repository", ""))):
        raise ScriptFailed(f"could not resolve repository: {source.get('repository')}")
    if "tag" in source and not _TAG.fullmatch(str(source["tag"])):
        raise ScriptFailed(f"a tag can't be {source['tag']!r}")
    if ("username" in source) != ("password" in source):
        raise ScriptFailed("username and password must be given together")


class Image:
    """`registry-image`: a `put` pushes an image under each tag (`commands/out.go` of concourse/registry-image-resource)."""

    def check(self, world: World, source: Data, last: Version | None) -> list[Version]:
        check_image(source)
        return []

    def get(self, world: World, source: Data, params: Data, found: Version, folder: Path) -> Metadata:
        check_image(source)
        (folder / "repository").write_text(source["repository"])
        return {}

    def put(self, world: World, source: Data, params: Data, folder: Path, maker: str) -> Version:
        check_image(source)
        known_only("params", params, "image version bump_aliases additional_tags tag_prefix")
        tags = [str(source["tag"])] if "tag" in source else []
        if "additional_tags" in params:
            file = folder / params["additional_tags"]
            if not file.is_file():
                raise ScriptFailed(f"could not parse additional tags: no file {params['additional_tags']}")
            tags += [f"{params.get('tag_prefix', '')}{tag}" for tag in file.read_text().split()]
        if not tags:
            raise ScriptFailed("no tag specified - need either 'version:' in params or 'tag:' in source")
        if len(list(folder.glob(params.get("image", "")))) != 1:
            raise ScriptFailed(f"no files match glob {params.get('image')!r}")
        for tag in tags:
            if not _TAG.fullmatch(tag):
                raise ScriptFailed(f"a tag can't be {tag!r}")
            status = world.ground.image(maker, "push", f"{source['repository']}:{tag}")
            if status:
                raise ScriptFailed(f"pushing image failed: {status}")
        return version(tag=tags[0], digest=f"sha256:{maker}")


@dataclass
class Mock:
    """`mock`: says what it is told to (concourse/mock-resource): a version of any text, files in `create_files`."""

    def check(self, world: World, source: Data, last: Version | None) -> list[Version]:
        initial = source.get("force_version") or source.get("initial_version", "mock")
        return [last] if last else [version(version=str(initial))]

    def get(self, world: World, source: Data, params: Data, found: Version, folder: Path) -> Metadata:
        (folder / "version").write_text(f"{dict(found)['version']}\n")
        for name, text in {**source.get("create_files", {}), **params.get("create_files_via_params", {})}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return {}

    def put(self, world: World, source: Data, params: Data, folder: Path, maker: str) -> Version:
        if "file" in params:
            file = folder / params["file"]
            if not file.is_file():
                raise ScriptFailed(f"no file {params['file']}")
            return version(version=file.read_text().strip())
        return version(version=str(params.get("version", "mock")))


def kind(type_name: str, types: Mapping[str, str]) -> Kind:
    """The resource type of a name; one that the pipeline declares is known by its image. Raises StepError for any other."""
    from .git_resource import Git
    from .pull_requests import PullRequests

    built_in: dict[str, Kind] = {"time": Time(), "s3": Store(), "registry-image": Image(), "mock": Mock(), "git": Git()}
    if type_name in types:
        if types[type_name] != "teliaoss/github-pr-resource":
            raise StepError(f"no image {types[type_name]!r} of a resource type is here")
        return PullRequests()
    if type_name not in built_in:
        raise StepError(f"no worker has the resource type {type_name!r}")
    return built_in[type_name]
