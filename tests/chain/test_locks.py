"""Everything that is installed is named once, with the hashes of its files; no lock says from where."""

import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.chain.locks import EXAMPLES, LOCKS, ROOT, packages

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
INSTALLS = [
    "Makefile",
    ".ci/run",
    ".ci/full",
    "pipeline.py",
    ".gitlab-ci.yml",
    "Jenkinsfile",
    "cloudbuild.yaml",
    ".drone.yml",
    "ci/pipeline.yml",
]


def asked(group: str) -> list[str]:
    found: list[str] = []
    for each in PROJECT["dependency-groups"][group]:
        found += asked(each["include-group"]) if isinstance(each, dict) else [each]
    return found


@pytest.mark.parametrize("lock", [*LOCKS, *EXAMPLES], ids=lambda lock: lock.relative_to(ROOT).as_posix())
def test_each_package_of_a_lock_has_hashes(lock):
    found = packages(lock)
    assert found
    for name, (_, hashes) in found.items():
        assert hashes, f"{name} has no hash"
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in hashes), name


@pytest.mark.parametrize("lock", [*LOCKS, *EXAMPLES], ids=lambda lock: lock.relative_to(ROOT).as_posix())
def test_a_lock_names_no_host_and_no_folder(lock):
    assert "://" not in lock.read_text()
    assert not re.search(r"(?m)^\s*(--(?!hash)|-[a-z] |\.|/)", re.sub(r"(?m)^\s*#.*$", "", lock.read_text()))


@pytest.mark.parametrize(
    "lock, wanted",
    [
        ("run", PROJECT["project"]["dependencies"]),
        ("build", [*PROJECT["build-system"]["requires"], *asked("build")]),
        ("release", asked("release")),
        ("examples", asked("examples")),
        ("dev", [*PROJECT["project"]["dependencies"], *asked("dev")]),
    ],
)
def test_a_lock_holds_what_the_project_asks_for(lock, wanted):
    held = packages(ROOT / f"requirements/{lock}.lock")
    for each in map(Requirement, wanted):
        name = canonicalize_name(each.name)
        assert name in held, f"{name} is not in {lock}.lock: make lock"
        assert each.specifier.contains(held[name][0]), f"{lock}.lock has another {name}: make lock"


def test_the_locks_agree():
    held = packages(ROOT / "requirements/dev.lock")
    for lock in LOCKS:
        for name, found in packages(lock).items():
            assert held.get(name, found) == found, f"{lock.name} and dev.lock differ in {name}"


@pytest.mark.parametrize("file", INSTALLS)
def test_nothing_is_installed_without_a_hash(file):
    installs = re.findall(r"pip3? install (.*)", (ROOT / file).read_text())
    for rest in installs:
        assert "--require-hashes" in rest or "--no-deps --no-build-isolation" in rest, f"{file}: pip install {rest}"
    assert installs or file.startswith(".ci/")


def test_what_comes_from_npm_has_hashes_and_no_host():
    lock = json.loads((ROOT / "tests/readers/npm/package-lock.json").read_text())
    wanted = json.loads((ROOT / "tests/readers/npm/package.json").read_text())["dependencies"]
    held = {path.removeprefix("node_modules/"): each for path, each in lock["packages"].items() if path}
    assert all(held[name]["version"] == version for name, version in wanted.items())
    assert all(each["integrity"].startswith("sha512-") and "resolved" not in each for each in held.values())


@pytest.mark.parametrize(
    "module",
    sorted(path for path in ROOT.glob("tests/**/go.mod") if "require" in path.read_text()),
    ids=lambda module: module.parent.relative_to(ROOT).as_posix(),
)
def test_what_comes_as_go_modules_has_hashes(module):
    text = module.read_text()
    here = re.findall(r"(?m)^(?:replace )?\s*(\S+)(?: v\S+)? => \.", text)
    wanted = re.findall(r"(?m)^(?:require )?\s*([\w.-]+\.[a-z]+/\S+) (v\S+)(?! =>)(?: //.*)?$", text)
    held = module.with_name("go.sum").read_text()
    assert wanted
    assert all(f"{name} {version} h1:" in held or f"{name} {version}/go.mod h1:" in held for name, version in wanted if name not in here)
