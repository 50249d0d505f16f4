"""Google Cloud Build: documents by protobuf's own parser, `$` by readers that are written from the local builder's `subst.go`.

The Go module proxy doesn't serve github.com/GoogleCloudPlatform/cloud-build-local (403), so its code is no part of this repository. Two
readers look at each text: that of a build that must match, and that of one that a trigger starts.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from pipelinekit_cloudbuild import caches

from pipelinekit import Pipeline, on
from pipelinekit.backend import Limit
from pipelinekit.model.plan import Axis, Cache, Container, Event, Input, Need, Plan, Service, Stage
from pipelinekit.model.value import replace as changed
from tests.engines.cloudbuild import cloud
from tests.fuzz import cloudbuild_fits as fits
from tests.fuzz import shells
from tests.fuzz.cloudbuild_machine import build_of, docker, environment, filled, machine, messages, run, step_of, touch, values_of
from tests.fuzz.place import Carried, Carry, Place

LONG = 2_000
"""Texts of so many characters stand in a file of their own."""

READER = "protobuf, and the rules of subst.go"
SETTINGS = {"owner": "acme", "repository": "widget", "bucket": "files", "region": "europe-west1"}


def _pipeline() -> Plan:
    p = Pipeline("fuzz", image="busybox", triggers=[on.push()], targets={"cloudbuild": SETTINGS})
    p.test("true")
    return p.plan()


_PLAN = _pipeline()


def _stage(name: str = "test", **fields: Any) -> Stage:
    return changed(_PLAN.stages[0], name=name, **fields)


def _plan(*stages: Stage, **fields: Any) -> Plan:
    return changed(_PLAN, stages=stages, **fields)


BEFORE = 'cd "$(mktemp -d)"\ncp -R /workspace/. .\n'
HEADS = {"sh": f"#!/bin/sh\nset -e\n{BEFORE}", "bash": f"#!/usr/bin/env bash\nset -eo pipefail\n{BEFORE}"}


def _commands(own: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the one command of a stage: the script, without what the backend puts before it."""
    build = build_of(
        _plan(_stage("first"), *(_stage(f"t{number}", commands=(text,), shell=own) for number, text in enumerate(texts))), len(texts)
    )
    if isinstance(build, Limit):
        return [build]
    return [_inner(step_of(build, f"t{number}").script.encode(), HEADS[own]) for number in range(len(texts))]


def _inner(script: bytes, head: str) -> bytes | None:
    before = head.encode()
    return script.removeprefix(before).removesuffix(b"\n") if script.startswith(before) else None


def _attempts(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the one command of a stage with retries: the file that the outer script writes, and a shell would run."""
    build = build_of(_plan(*(_stage(f"t{number}", commands=(text,), retries=1) for number, text in enumerate(texts))), len(texts))
    if isinstance(build, Limit):
        return [build]
    with machine() as folder:
        (folder / "bin/sh").symlink_to("/bin/true")
        for number, step in enumerate(build.steps):
            (folder / f"tmp/{number}").write_bytes(step.script.replace("/tmp/attempt", f"{folder}/tmp/attempt-{number}").encode())
        own = [f"( . {folder}/tmp/{number} )" for number in range(len(texts))]
        words = [str(shells.folder(shell) / "sh"), "-ec", "\n".join(own)]
        subprocess.run(words, env={"PATH": f"{folder}/bin:/usr/bin:/bin"}, check=True)
        return [_inner((folder / f"tmp/attempt-{number}").read_bytes(), BEFORE) for number in range(len(texts))]


def _variables(where: str, shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a variable, of the stage or the pipeline; a command prints them all."""
    names = [f"V{number}" for number in range(len(texts))]
    pairs = tuple(zip(names, texts, strict=True))
    stage = _stage(variables=pairs if where == "stage" else (), commands=(_print(names),))
    build = build_of(_plan(stage, variables=pairs if where == "pipeline" else ()), len(texts))
    if isinstance(build, Limit):
        return [build]
    with machine() as folder:
        return shells.split(run(build, build.steps[0], shell, folder))


def _print(names: Sequence[str]) -> str:
    return " ".join(["args", *(f'"${name}"' for name in names)])


def _arguments(timeout: int | None, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is an argument of a container build: of docker itself, or with a timeout of a script that calls it."""
    args = tuple((f"V{number}", text) for number, text in enumerate(texts))
    stage = _stage(container=Container("registry.example.com/fuzz", ("${PK_SHA}",), args=args), commands=(), image=None, timeout=timeout)
    build = build_of(_plan(stage), len(texts))
    if isinstance(build, Limit):
        return [build]
    step = step_of(build, "test")
    if timeout:
        words = [word.decode() for word in docker(build, step)]
    else:
        words = [filled(word, values_of(build)) for word in step.args]
    return [word.partition("=")[2] for flag, word in pairwise(words) if flag == "--build-arg"]


def _services(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a variable of a service, which docker is called with."""
    service = Service("db", "postgres:16", 5432, tuple((f"V{number}", text) for number, text in enumerate(texts)))
    build = build_of(_plan(_stage(services=(service,))), len(texts))
    if isinstance(build, Limit):
        return [build]
    words = docker(build, build.steps[0])
    return [word.partition(b"=")[2] for flag, word in pairwise(words) if flag == b"-e"]


def _service_words(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a word of a service's command."""
    service = Service("db", "postgres:16", 5432, (), shlex.join(["start", *texts]))
    build = build_of(_plan(_stage(services=(service,))), len(texts))
    if isinstance(build, Limit):
        return [build]
    words = docker(build, build.steps[0])
    return words[words.index(b"start") + 1 :]


def _artifacts(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the path of a file that one stage makes and the next asks for."""
    made = _stage("made", outputs=tuple(dict.fromkeys(texts)))
    build = build_of(_plan(made, _stage("asks", needs=(Need("made", made.outputs),), commands=(f"{_PRINT_FILES} out",))), len(texts))
    if isinstance(build, Limit):
        return [build]
    with machine() as folder:
        touch(folder / "workspace", texts)
        run(build, step_of(build, "made"), shell, folder)
        (folder / "workspace/out").rename(folder / "gone")
        return _among(shells.split(run(build, step_of(build, "asks"), shell, folder)), texts)


_PRINT_FILES = "true; print_files() { find \"$@\" -type f -exec printf '%s\\0' {} +; }; print_files"


def _among(found: Sequence[bytes], texts: Sequence[str]) -> Sequence[Carried]:
    names = {each.decode() for each in found}
    return [text if text in names else None for text in texts]


def _kept(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the path of a file that is kept."""
    build = build_of(_plan(_stage(keep=tuple(dict.fromkeys(texts)))), len(texts))
    if isinstance(build, Limit):
        return [build]
    with machine() as folder:
        touch(folder / "workspace", texts)
        run(build, build.steps[0], shell, folder)
        return [text if (folder / "kept/test" / text).is_file() else None for text in texts]


def _caches(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a folder that is cached: what lies there comes into the tree."""
    own = tuple(Cache((f"{text}/",), ("lock",)) for text in dict.fromkeys(texts))
    plan = _plan(_stage(caches=own, commands=(f"{_PRINT_FILES} out",)))
    build = build_of(plan, len(texts))
    if isinstance(build, Limit):
        return [build]
    with machine() as folder:
        for cache, name in caches.named(plan).items():
            touch(folder / "caches" / name, [f"{cache.paths[0]}file"])
        found = shells.split(run(build, step_of(build, "test"), shell, folder))
    return _among([each.removesuffix(b"/file") for each in found], texts)


def _globs(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a glob of changed files, which git is asked about."""
    event = Event("pull_request")
    build = build_of(_plan(_stage(only_if=tuple(texts)), _stage("other"), triggers=(event,)), len(texts), "cloudbuild.pull-request.yaml")
    if isinstance(build, Limit):
        return [build]
    with machine() as folder:
        shells.add(folder / "bin", "git", f'#!/bin/sh\nif [ "$1" = diff ]; then args "$@" >>{folder}/called; fi\n')
        run(build, step_of(build, "changed"), "dash", folder)
        words = shells.split((folder / "called").read_bytes())
    return [word.removeprefix(b":(glob)") for word in words[words.index(b"--") + 1 :]]


def _cells(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a value of an axis."""
    build = build_of(_plan(_stage(matrix=(Axis("value", tuple(dict.fromkeys(texts))),))), len(texts))
    if isinstance(build, Limit):
        return [build]
    return _among([environment(build, step)["VALUE"].encode() for step in build.steps], texts)


def _gates(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is what a gate asks: the description of its trigger, and a line of comment in the step that asks."""
    gates = [Stage(**{**_gate(), "name": f"g{number}", "message": text}) for number, text in enumerate(texts)]
    stages = [_stage("first")]
    for number, gate in enumerate(gates):
        stages += [gate, _stage(f"t{number}", needs=(Need(gate.name),))]
    found = messages(_plan(*stages), len(texts))
    if isinstance(found, Limit):
        return [found]
    steps = {step.id: step.script.split("\n") for step in found["cloudbuild.yaml"].steps}
    told = [next(each.description for each in found.values() if each.name.endswith(f"-g{number}")) for number in range(len(texts))]
    return [
        text if steps[f"g{number}"][2].startswith("# ") and steps[f"g{number}"][3].startswith("gcloud") else None
        for number, text in enumerate(told)
    ]


def _gate() -> dict[str, Any]:
    p = Pipeline("fuzz", image="busybox", triggers=[on.push()])
    p.gate("?", needs=[p.test("true")])
    stage = p.plan().stages[1]
    return {name: getattr(stage, name) for name in type(stage).__value_fields__}  # type: ignore[attr-defined]  # what `value` adds


def _manual(*inputs: Input) -> Plan:
    names = [each.variable for each in inputs]
    return _plan(_stage(commands=(_print(names),)), _stage("other"), triggers=(Event("manual", name="go", inputs=inputs),))


def _defaults(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the default of an input, in a run that nobody typed anything for."""
    build = build_of(_manual(*(Input(f"i{number}", text) for number, text in enumerate(texts))), len(texts), "cloudbuild.manual-go.yaml")
    if isinstance(build, Limit):
        return [build]
    with machine() as folder:
        return shells.split(run(build, step_of(build, "test"), "dash", folder))


def _choices(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the other choice of an input, which a person chooses: the step that looks at choices lets it pass, and nothing else."""
    plan = _manual(*(Input(f"i{number}", "none", ("none", text)) for number, text in enumerate(texts)))
    build = build_of(plan, len(texts), "cloudbuild.manual-go.yaml")
    if isinstance(build, Limit):
        return [build]
    chosen = {f"_I{number}": text.replace("$", "$$") for number, text in enumerate(texts)}
    with machine() as folder:
        run(build, step_of(build, "inputs"), "dash", folder, **chosen)
        return shells.split(run(build, step_of(build, "test"), "dash", folder, **chosen))


def _helps(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the help of a trigger's input."""
    carried: list[Carried] = []
    for text in texts:
        found = messages(_manual(Input("i", "x", (), text)), 1)
        if isinstance(found, Limit):
            carried.append(found)
            continue
        description = next(each.description for name, each in found.items() if not name.endswith("yaml"))
        carried.append(description.removeprefix("go, started by hand (i: ").removesuffix(")"))
    return carried


def _branches(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a branch that was pushed to."""
    plan = _plan(_stage(commands=('args "$PK_BRANCH"',)), _stage("other"), triggers=(Event("push", branches=("**",)),))
    build = build_of(plan, 1, "cloudbuild.push-branches.yaml")
    return [environment(build, step_of(build, "test"), BRANCH_NAME=text)["PK_BRANCH"] for text in texts]


def _behind(name: str, plan: Callable[[], Plan], first: str, last: str, variable: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text comes with the event, and is handed to the build behind a gate by gcloud."""
    found = messages(plan(), 1)
    assert not isinstance(found, Limit)
    step, build = step_of(found[first], "gate"), found[last]
    own = [environment(found[first], step, **{name: text.replace("$", "$$") if name == "_I0" else text})[variable] for text in texts]
    step.script = "\n".join([f'{variable}="$T{number}"\n(\n{step.script}\n)' for number in range(len(texts))])
    step.env.extend(f"T{number}={text.replace('$', '$$')}" for number, text in enumerate(own))
    with machine() as folder:
        shells.add(folder / "bin", "gcloud", '#!/bin/sh\nargs "$@"\n')
        printed = shells.split(run(found[first], step, "dash", folder))
    given = [word.decode().partition("=")[2] for word in printed if word.startswith(b"--substitutions=")]
    return [environment(build, step_of(build, "behind"), **cloud.substitutions(option))[variable] for option in given]


def _gated(event: Event, command: str) -> Plan:
    gate = Stage(**{**_gate(), "name": "gate", "needs": (Need("test"),)})
    return _plan(_stage(), gate, _stage("behind", needs=(Need("gate"),), commands=(command,)), triggers=(event,))


def _apart(carry: Carry, texts: Sequence[str]) -> Sequence[Carried]:
    """Long texts one by one, for a file that is too large is refused as a whole."""
    short = [text for text in texts if len(text) < LONG]
    found = iter(carry(short) if short else ())
    return [next(found) if len(text) < LONG else carry([text])[0] for text in texts]


_BRANCH = partial(_gated, Event("push", branches=("**",)), 'args "$PK_BRANCH"')
_TYPED = partial(_gated, Event("manual", name="go", inputs=(Input("i0", "x"),)), 'args "$I0"')
_ALL = [
    *(Place("cloudbuild", f"commands of {own}", READER, partial(_commands, own), batch=100) for own in ("sh", "bash")),
    *(
        Place("cloudbuild", f"commands with retries, in {shell}", READER, partial(_attempts, shell), shells.missing(shell), batch=60)
        for shell in shells.PROGRAMS
    ),
    *(
        Place(
            "cloudbuild", f"variable of the {where}, in {shell}", READER, partial(_variables, where, shell), shells.missing(shell), batch=90
        )
        for where, shell in (("stage", "dash"), ("stage", "bash"), ("stage", "busybox"), ("pipeline", "dash"))
    ),
    Place("cloudbuild", "build argument", READER, partial(_arguments, None), batch=40),
    Place("cloudbuild", "build argument of a script", READER, partial(_arguments, 60), shells.missing("dash"), batch=40),
    Place("cloudbuild", "service variable", READER, _services, shells.missing("dash"), batch=90),
    Place("cloudbuild", "word of a service", READER, _service_words, shells.missing("dash"), batch=90),
    Place("cloudbuild", "path of an artifact", READER, partial(_artifacts, "dash"), shells.missing("dash"), fit=fits.path, batch=60),
    Place("cloudbuild", "path of a kept file", READER, partial(_kept, "busybox"), shells.missing("busybox"), fit=fits.path, batch=60),
    Place("cloudbuild", "folder of a cache", READER, partial(_caches, "dash"), shells.missing("dash"), fit=fits.path, batch=60),
    Place("cloudbuild", "glob of changed files", READER, _globs, shells.missing("dash"), fit=fits.glob, batch=60),
    Place("cloudbuild", "matrix value", READER, _cells, fit=fits.value, batch=60),
    Place("cloudbuild", "question of a gate", READER, _gates, fit=fits.question, batch=30),
    Place("cloudbuild", "default of an input", READER, _defaults, shells.missing("dash"), batch=60),
    Place("cloudbuild", "choice of an input", READER, _choices, shells.missing("dash"), batch=60),
    Place("cloudbuild", "help of an input", READER, _helps, fit=fits.help, batch=60),
    Place("cloudbuild", "branch", READER, _branches, fit=fits.ref, batch=200),
    Place(
        "cloudbuild",
        "branch, behind a gate",
        READER,
        partial(_behind, "BRANCH_NAME", _BRANCH, "cloudbuild.push-branches.yaml", "cloudbuild.push-branches.gate.yaml", "PK_BRANCH"),
        shells.missing("dash"),
        fit=fits.ref,
        batch=100,
    ),
    Place(
        "cloudbuild",
        "typed input, behind a gate",
        READER,
        partial(_behind, "_I0", _TYPED, "cloudbuild.manual-go.yaml", "cloudbuild.manual-go.gate.yaml", "I0"),
        shells.missing("dash"),
        fit=fits.typed,
        batch=100,
    ),
]
PLACES = [replace(each, carry=partial(_apart, each.carry)) for each in _ALL]
