"""The git resource (concourse/git-resource): `assets/check`, `assets/in`, `git_metadata` in `assets/common.sh`."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from pipelinekit.testing.ground import git

from .resources import Data, Metadata, ScriptFailed, known_only
from .versions import Version, version
from .world import World

SOURCE = (
    "uri branch private_key private_key_user private_key_passphrase forward_agent username password paths sparse_paths ignore_paths "
    "skip_ssl_verification tag_filter tag_regex tag_behaviour fetch_tags submodule_credentials git_config disable_ci_skip "
    "commit_verification_keys commit_verification_key_ids gpg_keyserver git_crypt_key https_tunnel commit_filter version_depth "
    "search_remote_refs debug"
)
PARAMS = (
    "depth fetch fetch_tags submodules submodule_recursive submodule_remote disable_git_lfs clean_tags short_ref_format timestamp_format "
    "describe_ref_options all_branches debug"
)
_SKIPPED = re.compile(r"\[ci\sskip\]|\[skip\sci\]")
_MARKS = ("%H", "%an", "%ae", "%ai", "%ci", "%cd", "%D", "%B")


class Git:
    def check(self, world: World, source: Data, last: Version | None) -> list[Version]:
        """The commits of the branch since the last one; of all that came before the first check only the youngest `version_depth`."""
        known_only("source", source, SOURCE)
        if not source.get("uri"):
            raise ScriptFailed("source.uri is required and must not be empty")
        tip = world.heads.get(source.get("branch") or world.trunk)
        if "tag_filter" in source or "tag_regex" in source:
            return self._tags(world, source, tip)
        if tip is None:
            raise ScriptFailed(f"Remote branch {source.get('branch')} not found")
        paths = [*source.get("paths", ()), *(f":!{path}" for path in source.get("ignore_paths", ()))]
        log = git(world.ground.repository, "log", "--first-parent", "--reverse", "--format=%H%x00%B%x01", tip, "--", *paths)
        commits = [entry.lstrip("\n").split("\0") for entry in log.split("\x01") if entry.strip()]
        found = [sha for sha, message in commits if source.get("disable_ci_skip") or not _SKIPPED.search(message)]
        previous = dict(last)["ref"] if last else ""
        if previous in found:
            found = found[found.index(previous) :]
        else:
            found = found[-source.get("version_depth", 1) :]
        return [version(ref=sha) for sha in found]

    def _tags(self, world: World, source: Data, tip: str | None) -> list[Version]:
        """Tags that match as a whole, on commits of the branch where one is named, by their dates (`get_tags_matching_filter`)."""
        if "tag_filter" in source and "tag_regex" in source:
            raise ScriptFailed("Cannot provide both tag_filter and tag_regex")
        merged = ["--merged", tip] if source.get("branch") and tip else []
        listed = ["--list", source["tag_filter"]] if "tag_filter" in source else []
        tags = git(world.ground.repository, "tag", "--sort=creatordate", *merged, *listed).splitlines()
        if "tag_regex" in source:
            found = subprocess.run(["grep", "-Ex", source["tag_regex"]], input="\n".join(tags), capture_output=True, text=True, check=False)
            tags = found.stdout.splitlines()
        pushed = [tag for tag in tags if tag in world.tags][-source.get("version_depth", 1) :]
        return [version(ref=tag, commit=git(world.ground.repository, "rev-list", "-n", "1", tag).strip()) for tag in pushed]

    def get(self, world: World, source: Data, params: Data, found: Version, folder: Path) -> Metadata:
        """A clone of the branch, as deep as it must be to hold the commit, and the files about it."""
        known_only("params", params, PARAMS)
        ref = dict(found)["ref"]
        depth = int(params.get("depth", 0))
        words = ["--single-branch"] if not params.get("all_branches") else []
        words += ["--branch", source["branch"]] if source.get("branch") else []
        words += ["--depth", str(depth)] if depth else []
        tags = "tag_filter" in source or "tag_regex" in source or params.get("fetch_tags") is True
        words += ["--no-tags"] if params.get("fetch_tags") is False else ["--tags"] if tags else []
        clone(world, folder, *words)
        if depth and not _has(folder, ref):
            git(folder, "fetch", "--quiet", "--unshallow", "origin", *(["--tags"] if tags else []))
        if not _has(folder, ref):
            raise ScriptFailed(f"error: pathspec '{ref}' did not match")
        git(folder, "checkout", "--quiet", "--force", ref)
        return self._files(folder, ref)

    def _files(self, folder: Path, ref: str) -> Metadata:
        told = git(folder, "log", "-1", f"--format={'%x00'.join(_MARKS)}").removesuffix("\n").split("\0")
        commit, author, email, author_date, committer_date, stamp, refs, message = told
        tags = ",".join(name.removeprefix("tag: ") for name in refs.split(", ") if name.startswith("tag: "))
        metadata = {"commit": commit, "author": author, "author_date": author_date, "message": message}
        metadata |= {"tags": tags} if tags else {}
        files = {
            "committer": email,
            "committer_name": author,
            "ref": f"{ref}\n",
            "metadata.json": json.dumps([{"name": name, "value": value} for name, value in metadata.items()], indent=2) + "\n",
            "short_ref": ref[:7],
            "commit": f"{commit}\n",
            "author": f"{author}\n",
            "author_date": f"{author_date}\n",
            "branch": "\n",
            "tags": f"{tags}\n",
            "url": "\n",
            "committer_date": f"{committer_date}\n",
            "commit_message": message,
            "commit_timestamp": f"{stamp}\n",
            "describe_ref": f"{commit[:7]}\n",
        }
        for name, text in files.items():
            (folder / ".git" / name).write_text(text)
        return metadata

    def put(self, world: World, source: Data, params: Data, folder: Path, maker: str) -> Version:
        raise ScriptFailed("nothing here pushes to the repository")


def clone(world: World, folder: Path, *words: str) -> None:
    """A clone of the one repository that there is: whatever the address says, the credentials open nothing else."""
    folder.rmdir()
    address = world.ground.repository.resolve().as_uri()
    git(folder.parent, "-c", "protocol.version=2", "clone", "--quiet", "--no-checkout", "--template=", *words, address, str(folder))


def _has(folder: Path, ref: str) -> bool:
    found = subprocess.run(["git", "cat-file", "-e", f"{ref}^{{commit}}"], cwd=folder, capture_output=True, check=False)
    return found.returncode == 0
