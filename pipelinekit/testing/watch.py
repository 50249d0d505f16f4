"""What a run may never do, whatever its plan: let a secret out, or run an outsider's text.

A plan with secrets is watched more closely: a small program stands before each external one that its files mention, and notes the
arguments and the environment with which it is called; the probe notes the arguments of the processes in which a job runs. An engine
that starts processes in another way tells of them with `Ground.started`.
"""

import gzip
import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from pipelinekit.model.plan import Secret, Stage
from pipelinekit.semantics.agreement import Difference
from pipelinekit.semantics.interpreter import Run, secrets_of
from pipelinekit.semantics.trace import JobStart, Trace, write
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.hostile import CALLING_CARD
from pipelinekit.testing.sentinels import Finder

SHIM = r"""#!/bin/sh
{ printf '%s\0' @NAME@ "$@" >>"@STARTED@/$$.argv" && /bin/cat "/proc/$$/environ" >>"@STARTED@/$$.environ"; } 2>/dev/null || :
IFS=:
for folder in $PATH; do
    [ "$folder" = "@HERE@" ] || { [ -x "$folder/@NAME@" ] && exec "$folder/@NAME@" "$@"; }
done
echo "@NAME@: not found" >&2
exit 127
"""
_PROGRAM = re.compile(r"[A-Za-z][A-Za-z0-9_.+-]*")
PLAYED = frozenset({"aws", "buildah", "curl", "docker", "gcloud", "gsutil", "nc", "s3cmd"})
"""Programs that an engine may bring, beside those of the machine."""
PLACES = ("/usr/local/bin", "/usr/bin", "/bin")


def lay(ground: Ground, files: Mapping[str, str]) -> None:
    """Put the small programs before those that the files mention, if there is a secret to be let out."""
    for shim in ground.shims.iterdir():
        shim.unlink()
    if not ground.secrets:
        return
    words = {word for text in files.values() for word in _PROGRAM.findall(text)}
    for name in sorted(words):
        if name in PLAYED or any(os.access(f"{place}/{name}", os.X_OK) and not Path(place, name).is_dir() for place in PLACES):
            shim = ground.shims / name
            shim.write_text(SHIM.replace("@NAME@", name).replace("@STARTED@", str(ground.started_log)).replace("@HERE@", str(ground.shims)))
            shim.chmod(0o755)


def judge(
    ground: Ground, run: Run, trace: Trace, reference: Trace, files: Mapping[str, str], jobs: Mapping[str, str]
) -> Iterator[Difference]:
    """All that a run has done and mustn't. `jobs` tells the job of each attempt that the probe saw."""
    yield from attacks(ground)
    if ground.secrets:
        finder = Finder(ground.secrets)
        yield from _emitted(finder, files)
        yield from (Difference("log", f"the secret {key} was printed") for key in finder.among(_printed(ground)))
        yield from _left(ground, finder, trace)
        yield from _started(ground, finder, run)
        yield from _seen(ground, finder, run, jobs)
    yield from _unnamed(ground, run, trace, reference)


def attacks(ground: Ground) -> Iterator[Difference]:
    """The files that only a text of outsiders makes, when somebody has run it."""
    for folder, folders, files in os.walk(ground.root):
        if CALLING_CARD in folders or CALLING_CARD in files:
            yield Difference("attack", f"an outsider's text was run: {Path(folder, CALLING_CARD).relative_to(ground.root)}")


def leaks(ground: Ground) -> list[str]:
    """The secrets of which something stands in what was printed."""
    return Finder(ground.secrets).among(_printed(ground))


def _printed(ground: Ground) -> Iterator[bytes]:
    yield from (path.read_bytes() for path in sorted((ground.state / "output").iterdir()))


def _emitted(finder: Finder, files: Mapping[str, str]) -> Iterator[Difference]:
    for path, text in files.items():
        yield from (Difference("file", f"the secret {key} is in the emitted {path}") for key in finder.keys(text.encode()))


def _left(ground: Ground, finder: Finder, trace: Trace) -> Iterator[Difference]:
    """Files that are there after the run, the record of it, and the names of branches, tags and files."""
    yield from (Difference("file", f"the secret {key} is in the trace") for key in finder.keys(write([trace]).encode()))
    for path in _files(ground):
        with suppress(OSError):
            for key in finder.among(_texts(path.read_bytes())):
                yield Difference("file", f"the secret {key} is left in {path.relative_to(ground.root)}")


def _files(ground: Ground) -> Iterator[Path]:
    for top in (ground.work, ground.repository):
        for folder, folders, names in os.walk(top):
            here = Path(folder)
            folders[:] = [name for name in folders if not ground.is_private(here / name)]
            paths = (here / name for name in names)
            yield from (path for path in paths if path.is_file() and not path.is_symlink() and not ground.is_private(path))


def _texts(data: bytes) -> Iterator[bytes]:
    """What a file holds, unpacked where it is packed."""
    yield data
    if data.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            data = gzip.decompress(data)
            yield data
    if data[257:262] == b"ustar":
        with suppress(tarfile.TarError), tarfile.open(fileobj=io.BytesIO(data)) as archive:
            yield from (member.name.encode(errors="surrogateescape") for member in archive)


def _started(ground: Ground, finder: Finder, run: Run) -> Iterator[Difference]:
    """Processes: no secret in any argument, and in their environment only what some job of the run takes."""
    wanted = {secret.stored for job in run.jobs for secret in secrets_of(job, run)}
    found: dict[Difference, None] = {}
    for path in sorted(ground.started_log.iterdir()):
        words = path.with_suffix(".argv").read_bytes()
        name = words.partition(b"\0")[0].decode(errors="replace")[-60:]
        for key in finder.keys(path.read_bytes()):
            if path.suffix == ".argv":
                found[Difference("argv", f"the secret {key} is an argument of {name}")] = None
            elif key not in wanted:
                found[Difference("leak", f"{name} is given the secret {key}, which no job of the run names")] = None
    yield from found


def _seen(ground: Ground, finder: Finder, run: Run, jobs: Mapping[str, str]) -> Iterator[Difference]:
    """The environment of each job: under whatever name, no secret that it doesn't name."""
    stages = {job.name: job for job in run.plan.stages}
    for key, job in jobs.items():
        own = {secret.stored for secret in secrets_of(stages[job], run)}
        environ = ground.state / "environ" / key
        for entry in environ.read_bytes().split(b"\0") if environ.exists() else ():
            for stored in finder.keys(entry):
                if stored not in own:
                    yield Difference("leak", f"it sees the secret {stored} as {entry.partition(b'=')[0].decode()}", job)


def _unnamed(ground: Ground, run: Run, trace: Trace, reference: Trace) -> Iterator[Difference]:
    """A job that ends for want of a secret says which one."""
    wanted = {line.job for line in reference if isinstance(line, JobStart) and not line.seen}
    began = {line.job for line in trace if isinstance(line, JobStart)}
    text = b"\n".join(_printed(ground)) if wanted & began else b""
    for job in (stage for stage in run.jobs if stage.name in wanted & began):
        for secret in _missing(job, run):
            if secret.stored.encode() not in text and secret.name.encode() not in text:
                yield Difference("secret", f"nothing that was printed names {secret.stored}, which is missing", job.name)


def _missing(job: Stage, run: Run) -> Iterable[Secret]:
    """The first of a job's secrets that it misses: the job ends by it."""
    found = (secret for secret in secrets_of(job, run) if secret.stored in run.scenario.missing and not secret.optional)
    return [each for each in [next(found, None)] if each is not None]
