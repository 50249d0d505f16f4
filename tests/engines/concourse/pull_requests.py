"""The pull request resource that the backend names (telia-oss/github-pr-resource): `check.go`, `in.go`, `git.go`, `models.go`."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path

from pipelinekit.testing.ground import EMAIL, git

from .git_resource import clone
from .resources import Data, Metadata, ScriptFailed, known_only
from .versions import Version, version
from .world import PullRequest, World

SOURCE = (
    "repository access_token v3_endpoint v4_endpoint paths ignore_paths disable_ci_skip disable_git_lfs skip_ssl_verification "
    "disable_forks ignore_drafts git_crypt_key base_branch required_review_approvals labels states"
)
PARAMS = "skip_download integration_tool git_depth submodules list_changed_files fetch_tags"
_SKIPPED = re.compile(r"\[(ci skip|skip ci)\]", re.IGNORECASE)


def _validated(source: Data) -> None:
    known_only("source", source, SOURCE)
    for key in ("access_token", "repository"):
        if not source.get(key):
            raise ScriptFailed(f"invalid source configuration: {key} must be set")


class PullRequests:
    def check(self, world: World, source: Data, last: Version | None) -> list[Version]:
        """Each pull request whose commit is younger than the last version's, by the commits' dates; at first the youngest alone."""
        _validated(source)
        since = int(dict(last)["committed"]) if last else -1
        found = [_version(pull) for pull in world.pulls if self._wanted(source, pull) and pull.date > since]
        found.sort(key=lambda each: int(dict(each)["committed"]))
        if last is None:
            return found[-1:]
        return found or [last]

    def _wanted(self, source: Data, pull: PullRequest) -> bool:
        if not source.get("disable_ci_skip") and _SKIPPED.search(pull.title):
            return False
        if source.get("base_branch") and pull.base != source["base_branch"]:
            return False
        if source.get("disable_forks") and pull.fork:
            return False
        if source.get("labels") or source.get("required_review_approvals"):
            return False
        paths, ignored = source.get("paths", ()), source.get("ignore_paths", ())
        if paths and not any(_inside(glob, file) for glob in paths for file in pull.files):
            return False
        return not (ignored and all(any(_inside(glob, file) for glob in ignored) for file in pull.files))

    def get(self, world: World, source: Data, params: Data, found: Version, folder: Path) -> Metadata:
        """The base branch, then the pull request's commit merged into it, rebased, or by itself; and the files about it."""
        _validated(source)
        known_only("params", params, PARAMS)
        if params.get("skip_download"):
            return {}
        fields = dict(found)
        pull = next((each for each in world.pulls if each.number == fields["pr"] and each.commit == fields["commit"]), None)
        if pull is None:
            raise ScriptFailed(f"failed to retrieve pull request: {fields['pr']}")
        depth = ["--depth", str(params["git_depth"])] if params.get("git_depth") else []
        clone(world, folder, "--single-branch", "--branch", pull.base, *depth, *([] if params.get("fetch_tags") else ["--no-tags"]))
        git(folder, "checkout", "--quiet", "-B", pull.base)
        base = git(folder, "rev-parse", "HEAD").strip()
        git(folder, "fetch", "--quiet", *depth, "origin", f"pull/{pull.number}/head")
        metadata = {
            "pr": pull.number,
            "title": pull.title,
            "url": f"https://github.com/{source['repository']}/pull/{pull.number}",
            "head_name": pull.head,
            "head_sha": pull.commit,
            "base_name": pull.base,
            "base_sha": base,
            "message": git(folder, "log", "-1", "--format=%B", pull.commit).strip(),
            "author": pull.author,
            "author_email": EMAIL,
            "state": "OPEN",
        }
        self._write(folder, fields, metadata)
        self._integrate(folder, params.get("integration_tool", ""), pull)
        self._address(folder, source)
        if params.get("list_changed_files"):
            (folder / ".git/resource/changed_files").write_text("".join(f"{file}\n" for file in pull.files))
        return metadata

    def _write(self, folder: Path, fields: dict[str, str], metadata: Metadata) -> None:
        place = folder / ".git/resource"
        place.mkdir(parents=True)
        (place / "version.json").write_text(json.dumps(fields))
        (place / "metadata.json").write_text(json.dumps([{"name": name, "value": value} for name, value in metadata.items()]))
        for name, text in metadata.items():
            (place / name).write_text(text)

    def _integrate(self, folder: Path, tool: str, pull: PullRequest) -> None:
        who = ("-c", "user.name=concourse-ci", "-c", "user.email=concourse@local")
        if tool == "checkout":
            if pull.head == pull.base:
                raise ScriptFailed(f"checkout failed: a branch named '{pull.head}' already exists")
            git(folder, "checkout", "--quiet", "-b", pull.head, pull.commit)
        elif tool in ("", "merge"):
            git(folder, *who, "merge", "--quiet", "--no-stat", "--no-edit", pull.commit)
        elif tool == "rebase":
            git(folder, *who, "rebase", "--quiet", pull.base, pull.commit)
        else:
            raise ScriptFailed(f"invalid integration tool specified: {tool}")

    def _address(self, folder: Path, source: Data) -> None:
        """The token stays in the address of `origin`, and only there: git leaves it out of FETCH_HEAD."""
        token = source["access_token"]
        git(folder, "config", "remote.origin.url", f"https://x-oauth-basic:{token}@github.com/{source['repository']}")
        git(folder, "config", "url.https://x-oauth-basic@github.com/.insteadOf", "git@github.com:")

    def put(self, world: World, source: Data, params: Data, folder: Path, maker: str) -> Version:
        raise ScriptFailed("nothing here tells GitHub of a status")


def _version(pull: PullRequest) -> Version:
    return version(pr=pull.number, commit=pull.commit, committed=str(pull.date), approved_review_count="0", state="OPEN")


def _inside(glob: str, file: str) -> bool:
    """`filepath.Match`, or a folder that the file lies in (`FilterPath`, `IsInsidePath`)."""
    return file == glob or file.startswith(f"{glob.rstrip('/')}/") or (fnmatchcase(file, glob) and file.count("/") == glob.count("/"))
