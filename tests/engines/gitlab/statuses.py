"""The status of several jobs together, and which of them let a job go on.

gitlab: `Gitlab::Ci::Status::Composite#status`, `Ci::ProcessBuildService#valid_statuses_for_build`, `Ci::HasStatus`.
"""

from __future__ import annotations

from collections.abc import Iterable

COMPLETED = frozenset(("success", "failed", "canceled", "skipped"))


def composite(jobs: Iterable[tuple[str, bool]], *, dag: bool = False) -> str:
    """The status of jobs, each given as its status and whether it may fail; of none it is success."""
    found = {_seen(status, allow_failure) for status, allow_failure in jobs}
    if not found:
        return "success"
    if dag and found & {"skipped", "ignored"}:
        return "skipped"
    if dag and found - {"success", "failed", "canceled", "skipped", "warnings"}:
        return "pending"
    for status, others in _ONLY:
        if found <= others:
            return status
    for status in ("running", "waiting_for_resource", "manual", "scheduled", "preparing"):
        if status in found or (status == "running" and "pending" in found):
            return status
    return "running" if "created" in found else "failed"


_ONLY: tuple[tuple[str, frozenset[str]], ...] = (
    ("skipped", frozenset(("skipped", "ignored"))),
    ("success", frozenset(("success", "skipped", "warnings", "ignored"))),
    ("created", frozenset(("created", "warnings", "ignored"))),
    ("preparing", frozenset(("preparing", "warnings", "ignored"))),
    ("canceled", frozenset(("canceled", "success", "skipped", "warnings", "ignored"))),
    ("pending", frozenset(("pending", "created", "skipped", "warnings", "ignored"))),
)


def _seen(status: str, allow_failure: bool) -> str:
    if allow_failure and status in ("failed", "canceled"):
        return "warnings"
    return "ignored" if allow_failure and status == "manual" else status


def goes_on(when: str, before: str, *, dag: bool) -> bool:
    """Whether a job runs after those; otherwise it is skipped."""
    match when:
        case "on_success" | "manual" | "delayed":
            return before == "success" or (before == "skipped" and not dag)
        case "on_failure":
            return before == "failed"
        case "always":
            return before in ("success", "failed", "skipped")
        case _:
            return False
