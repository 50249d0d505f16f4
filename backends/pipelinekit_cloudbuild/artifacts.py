"""Files from job to job: through the volume `artifacts`, and from build to build through the bucket."""

from collections.abc import Iterable, Sequence

from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild.escape import found
from pipelinekit_cloudbuild.steps import Step, sh

VOLUME = {"artifacts": "/artifacts"}
KEPT = {"kept": "/kept"}


def hand_over(job: str, paths: Sequence[str]) -> list[str]:
    """Copy what other jobs ask for out of the tree."""
    return _copies("", f"/artifacts/{job}/", paths)


def lay_over(job: str, paths: Sequence[str]) -> list[str]:
    """Copy what was asked for into the tree, at the paths that it had."""
    return _copies(f"/artifacts/{job}/", "", paths)


def _copies(source: str, target: str, paths: Sequence[str]) -> list[str]:
    folders = dict.fromkeys(_folder(target + path) for path in paths)
    made = [quote(folder) for folder in folders if folder != "."]
    lines = [f"mkdir -p {' '.join(made)}"] if made else []
    for path in paths:
        whole = "/." if path.endswith("/") else ""
        flag = "-R " if whole else ""
        lines.append(f"cp {flag}{quote(source + path.rstrip('/') + whole)} {quote(_folder(target + path))}")
    return lines


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "."


def upload(step_id: str, job: str, image: str, bucket: str, pipeline: str, run: str) -> Step:
    """Keep a job's files for the builds behind a gate; a tar file, since the bucket knows no execute bit."""
    lines = (f"tar -C /artifacts -czf /tmp/{job}.tgz {job}", f'gcloud storage cp /tmp/{job}.tgz "gs://{bucket}/{pipeline}/runs/$RUN/"')
    return Step(step_id, image, after=[job], script=sh(*lines), env={"RUN": run}, volumes=dict(VOLUME))


def download(step_id: str, jobs: Iterable[str], image: str, bucket: str, pipeline: str, run: str) -> Step:
    """Get the files of the builds before the gate."""
    lines: list[str] = []
    for job in jobs:
        lines.append(f'gcloud storage cp "gs://{bucket}/{pipeline}/runs/$RUN/{job}.tgz" /tmp/')
        lines.append(f"tar -C /artifacts -xzf /tmp/{job}.tgz")
    return Step(step_id, image, script=sh(*lines), env={"RUN": run}, volumes=dict(VOLUME))


def keep(job: str, paths: Sequence[str]) -> list[str]:
    """Copy what is kept after the run out of the tree; nothing matching is no failure."""
    return [f"find {found(path)} -type f -exec sh -c '{_KEEP}' /kept/{job} {{}} + 2>/dev/null || true" for path in paths]


_KEEP = 'for file; do mkdir -p "$0/$(dirname "$file")" && cp "$file" "$0/$file"; done'
"""Copies its arguments below a folder, whatever they are called."""


def upload_kept(step_id: str, job: str, image: str, bucket: str, prefix: str) -> Step:
    """Put kept files into the bucket. It may fail: kept files never change an outcome."""
    script = sh(f'gcloud storage cp --recursive "/kept/{job}/*" "gs://{bucket}/{prefix}/$BUILD_ID/{job}/"')
    env = {"BUILD_ID": "${BUILD_ID}"}
    return Step(step_id, image, after=[job], script=script, env=env, volumes=dict(KEPT), allow_failure=True)


def kept_prefix(pipeline: str, keep_for: int | None) -> str:
    """The folder of the bucket by which a lifecycle rule knows how long to keep: `price-service/keep-30d`."""
    return f"{pipeline}/keep" if keep_for is None else f"{pipeline}/keep-{max(1, -(-keep_for // 86400))}d"
