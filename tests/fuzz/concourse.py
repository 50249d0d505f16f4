"""Concourse: template, YAML and configuration by its own code (7.6); processes as its workers start them."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from pipelinekit import Pipeline, on
from pipelinekit.authoring import texts as authored
from pipelinekit.backend import Limit
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.model.plan import Axis, Container, Need, Plan, Service, Stage
from pipelinekit.model.value import replace
from tests.fuzz import shells
from tests.fuzz.place import Carried, Place, refusal
from tests.readers import concourse_go

READER = "concourse/concourse 7.6"
Step = dict[str, Any]


def _pipeline() -> Plan:
    settings = {"uri": "https://git.example.com/acme/widget.git", "services": "docker"}
    p = Pipeline("fuzz", image="busybox", triggers=[on.push()], targets={"concourse": settings}, accept={"concourse": {"services": "fuzz"}})
    p.test("true")
    return p.plan()


_PLAN = _pipeline()


def _stage(name: str = "test", **fields: Any) -> Stage:
    return replace(_PLAN.stages[0], name=name, **fields)


def _plan(*stages: Stage) -> Plan:
    return replace(_PLAN, stages=stages)


def _tasks(plan: Plan, count: int) -> list[Step] | Limit:
    """The task of each job, as Concourse's code reads them; or the limit that refuses the one text there is."""
    limit, files = refusal(plan, "concourse")
    if limit and count > 1:
        raise ValueError(limit.name)
    if limit:
        return limit
    (answer,) = concourse_go.ask(list(files.values()))
    if answer["problems"]:
        raise ValueError(answer["problems"])
    return [step for job in answer["config"]["jobs"] for step in _of(job["plan"])]


def _of(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        if "task" in step:
            yield step
        yield from _of(step.get("do", ()))


def _script(task: Step, shell: str) -> bytes:
    """The script that the shell reads in the end. Where it is put together from pieces, a shell does that, and another is asked what it got."""
    run = task["config"]["run"]
    if len(run["args"]) == (4 if "pipefail" in run["args"] else 2):
        return str(run["args"][-1]).encode()
    with tempfile.TemporaryDirectory() as folder:
        for name in ("sh", "bash"):
            shells.add(Path(folder), name, '#!/bin/dash\nfor word; do :; done\nprintf %s "$word"\n')
        words = [str(shells.folder(shell) / "sh"), *run["args"]]
        return subprocess.run(words, env={"PATH": folder}, cwd=folder, capture_output=True, check=True).stdout


def _commands(own: str, shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the one command of a stage: the script, without what the backend puts before it."""
    tasks = _tasks(_plan(*(_stage(f"t{number}", commands=(text,), shell=own) for number, text in enumerate(texts))), len(texts))
    if not isinstance(tasks, list):
        return [tasks]
    before, after = b"exec </dev/null\n", b"\n"
    scripts = [_script(task, shell) for task in tasks]
    return [each.removeprefix(before).removesuffix(after) if each.startswith(before) else None for each in scripts]


def _variables(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a variable of a stage whose command prints them all."""
    names = [f"V{number}" for number in range(len(texts))]
    words = " ".join(f'"${name}"' for name in names)
    tasks = _tasks(_plan(_stage(variables=tuple(zip(names, texts, strict=True)), commands=(f"args {words}",))), len(texts))
    if not isinstance(tasks, list):
        return [tasks]
    with _tree() as folder:
        return shells.split(_run(tasks[0], shell, folder))


def _arguments(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is an argument of a container build, whose builder reads `BUILD_ARG_NAME`."""
    names = [f"V{number}" for number in range(len(texts))]
    build = Container("registry.example.com/fuzz", ("${PK_SHA}",), args=tuple(zip(names, texts, strict=True)))
    tasks = _tasks(_plan(_stage(container=build, commands=(), image=None)), len(texts))
    if not isinstance(tasks, list):
        return [tasks]
    with _tree() as folder:
        words = " ".join(f'"$BUILD_ARG_{name}"' for name in names)
        shells.add(folder / "bin", "build", f"#!/bin/sh\nargs {words}\n")
        run = tasks[-1]["config"]["run"]
        if "args" not in run:
            tasks[-1]["config"]["run"] = {"path": "build"}
        return shells.split(_run(tasks[-1], shell, folder))


def _services(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a variable of a service, which docker is called with."""
    service = Service("db", "postgres:16", 5432, tuple((f"V{number}", text) for number, text in enumerate(texts)))
    return _docker(
        _stage(services=(service,), commands=("true",)),
        shell,
        texts,
        lambda words: [word.partition(b"=")[2] for word in words if word[:1] == b"V"],
    )


def _service_words(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a word of a service's command."""
    from shlex import join

    service = Service("db", "postgres:16", 5432, (), join(["start", *texts]))
    return _docker(_stage(services=(service,), commands=("true",)), shell, texts, lambda words: words[words.index(b"start") + 1 :])


def _docker(stage: Stage, shell: str, texts: Sequence[str], take: Callable[[list[bytes]], list[bytes]]) -> Sequence[Carried]:
    tasks = _tasks(_plan(stage), len(texts))
    if not isinstance(tasks, list):
        return [tasks]
    with _tree() as folder:
        shells.add(folder / "bin", "docker", f'#!/bin/sh\nif [ "$1 $2" = \'run -d\' ]; then args "$@" >>{folder}/started; fi\n')
        for name in ("dind", "nc", "build"):
            shells.add(folder / "bin", name, "#!/bin/sh\n")
        _run(tasks[0], shell, folder)
        return take(shells.split((folder / "started").read_bytes()))


def _cells(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a value of an axis."""
    tasks = _tasks(_plan(_stage(matrix=(Axis("value", tuple(dict.fromkeys(texts))),), commands=("true",))), len(texts))
    if not isinstance(tasks, list):
        return [tasks]
    values = {value: value for value in tasks[0]["across"][0]["values"]}
    return [values.get(text) for text in texts]


def _paths(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the path of a file that one stage makes and the next asks for: what lies in the artifact."""
    made = _stage("made", commands=("true",), outputs=tuple(dict.fromkeys(texts)))
    asks = _stage("asks", needs=(Need("made", made.outputs),))
    tasks = _tasks(_plan(made, asks), len(texts))
    if not isinstance(tasks, list):
        return [tasks]
    with _tree() as folder:
        for text in texts:
            (folder / "repo" / text).parent.mkdir(exist_ok=True)
            (folder / "repo" / text).touch()
        (artifact,) = (each["name"] for each in tasks[0]["config"]["outputs"])
        (folder / artifact).mkdir()
        _run(tasks[0], shell, folder)
        (folder / "repo/out").rename(folder / "gone")
        _run(tasks[1], shell, folder)
        return [text if (folder / artifact / text).is_file() and (folder / "repo" / text).is_file() else None for text in texts]


@contextmanager
def _tree() -> Iterator[Path]:
    """A worker's folder with the tree and a folder of programs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "repo/.git").mkdir(parents=True)
        (folder / "repo/.git/ref").write_text("0" * 40)
        (folder / "image").mkdir()
        (folder / "bin").mkdir()
        yield folder


def _run(task: Step, shell: str, folder: Path) -> bytes:
    config = task["config"]
    run = config["run"]
    environment = {"PATH": f"{folder / 'bin'}:{shells.folder(shell)}:/usr/bin:/bin", **config.get("params", {})}
    program = [str(shells.folder(shell) / "sh")] if run["path"] == "sh" else [str(folder / "bin" / run["path"])]
    words = [*program, *run.get("args", ())]
    done = subprocess.run(
        words, env=environment, cwd=folder / run.get("dir", "."), capture_output=True, check=True, stdin=subprocess.DEVNULL
    )
    return done.stdout


def _path_of(text: str) -> str | None:
    """What of a text can be a path of a definition."""
    kept = (
        "".join(each for each in text[:60] if each not in ",:'\"<>|;&`*?[]{}\\$/!~" and each >= " " and each != "\x7f").strip().strip(".-")
    )
    try:
        return authored.path(f"out/{kept}", "outputs") if kept else None
    except DefinitionError:
        return None


def _value_of(text: str) -> str | None:
    """What of a text can be a value of an axis."""
    return "".join(each for each in text if each.isascii() and (each.isalnum() or each in "_.-"))[:30] or None


PLACES = [
    *(
        Place(
            "concourse", f"commands of {own}, joined by {shell}", READER, partial(_commands, own, shell), shells.missing(shell), batch=500
        )
        for own, shell in (("sh", "dash"), ("sh", "busybox"), ("bash", "bash"))
    ),
    *(
        Place("concourse", f"variable in {shell}", READER, partial(_variables, shell), shells.missing(shell), batch=200)
        for shell in shells.PROGRAMS
    ),
    Place("concourse", "build argument", READER, partial(_arguments, "busybox"), shells.missing("busybox"), batch=200),
    Place("concourse", "service variable", READER, partial(_services, "busybox"), shells.missing("busybox"), batch=50),
    Place("concourse", "word of a service", READER, partial(_service_words, "busybox"), shells.missing("busybox"), batch=50),
    Place("concourse", "path of an artifact", READER, partial(_paths, "busybox"), shells.missing("busybox"), fit=_path_of, batch=200),
    Place("concourse", "matrix value", READER, _cells, concourse_go.available, fit=_value_of, batch=200),
]
