"""What jobs amount to together, and what comes of it for the next one."""

import pytest

from .fnmatch import fnmatch
from .statuses import composite, goes_on


def of(*statuses: str, dag: bool = False) -> str:
    """`failed?` is a job that may fail."""
    return composite(((each.rstrip("?"), each.endswith("?")) for each in statuses), dag=dag)


@pytest.mark.parametrize(
    "statuses, together",
    [
        ((), "success"),
        (("success", "failed?"), "success"),
        (("success", "skipped"), "success"),
        (("skipped", "manual?"), "skipped"),
        (("success", "failed"), "failed"),
        (("failed", "skipped"), "failed"),
        (("failed", "manual"), "manual"),
        (("success", "manual"), "manual"),
        (("success", "created"), "running"),
        (("created",), "created"),
        (("pending", "created"), "pending"),
        (("running", "failed"), "running"),
        (("failed", "waiting_for_resource"), "waiting_for_resource"),
        (("success", "canceled"), "canceled"),
    ],
)
def test_of_stages(statuses, together):
    assert of(*statuses) == together


@pytest.mark.parametrize(
    "statuses, together",
    [
        ((), "success"),
        (("success", "failed?"), "success"),
        (("success", "skipped"), "skipped"),
        (("success", "manual?"), "skipped"),
        (("success", "manual"), "pending"),
        (("failed", "running"), "pending"),
        (("success", "failed"), "failed"),
    ],
)
def test_of_needs(statuses, together):
    assert of(*statuses, dag=True) == together


def test_who_goes_on():
    assert goes_on("on_success", "success", dag=True)
    assert not goes_on("on_success", "skipped", dag=True)
    assert goes_on("on_success", "skipped", dag=False)
    assert goes_on("on_failure", "failed", dag=False)
    assert not goes_on("on_failure", "success", dag=False)
    assert all(goes_on("always", status, dag=False) for status in ("success", "failed", "skipped"))
    assert not goes_on("always", "canceled", dag=False)


@pytest.mark.parametrize(
    "glob, path, fits",
    [
        ("src/**/*", "src/a.py", True),
        ("src/**/*", "src/a/b/c.py", True),
        ("src/**", "src/a/b.py", False),
        ("src/**", "src/a.py", True),
        ("**/*.md", "README.md", True),
        ("**/*.md", "docs/a/b.md", True),
        ("*.md", "docs/b.md", False),
        ("**.md", "docs/b.md", False),
        ("*", ".hidden", True),
        ("{a,b}/*.py", "b/x.py", True),
        ("a?c", "abc", True),
        ("[!a]b", "cb", True),
        ("a.c", "abc", False),
    ],
)
def test_ruby_matches_paths(glob, path, fits):
    assert fnmatch(glob, path) is fits
