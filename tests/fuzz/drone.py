"""Drone: the file by the server's parser and by the runner's substitution, parser and environment; scripts and variables in shells."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shlex import join
from typing import Any

from pipelinekit import Environment, Pipeline, on
from pipelinekit.authoring import texts as authored
from pipelinekit.backend import Limit
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.model.plan import Axis, Container, Event, Input, Need, Plan, Runner, Service, Stage
from pipelinekit.model.value import replace
from tests.engines.drone import program
from tests.fuzz import shells
from tests.fuzz.place import Carried, Place, refusal

READER = "drone-yaml, envsubst, runner-go 1.12"
STRANGE = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
LARGE = 4_000
COMMIT = "0123456789abcdef0123456789abcdef01234567"
Step = dict[str, Any]
File = dict[str, Any]


def _pipeline() -> Plan:
    settings = {"store": "s3://acme-ci/fuzz"}
    p = Pipeline("fuzz", image="busybox:1.37", triggers=[on.push()], targets={"drone": settings})
    p.test("true")
    p.deploy("true", environment=Environment("staging"), needs=[p.gate("Go?", needs=[p.lint("true")])])
    return p.plan()


_PLAN = _pipeline()
_TEST = next(stage for stage in _PLAN.stages if stage.kind == "test")


def _stage(name: str = "test", **fields: Any) -> Stage:
    return replace(_TEST, name=name, **fields)


def _plan(*stages: Stage, **fields: Any) -> Plan:
    return replace(_PLAN, environments=(), stages=stages, **fields)


def _read(plan: Plan, count: int, build: Mapping[str, Any] | None = None) -> File | Limit:
    """The file as Drone's code reads it; or the limit that refuses the one text there is."""
    limit, files = refusal(plan, "drone")
    if limit and count > 1:
        raise ValueError(limit.name)
    if limit:
        return limit
    return ask(files[".drone.yml"], build)


def ask(text: str, build: Mapping[str, Any] | None = None) -> File:
    """What Drone makes of a file for a build. Raises ValueError for a file that one of its programs refuses."""
    asked = json.dumps([{"text": text, "build": {"after": COMMIT, "event": "push", **(build or {})}}])
    done = subprocess.run([program.built()[0], "read"], input=asked, capture_output=True, text=True, encoding="utf-8", check=True)
    (found,) = json.loads(done.stdout)
    if found["errors"]:
        raise ValueError(found["errors"])
    file: File = found
    return file


def steps(file: File) -> Iterator[Step]:
    for pipeline in file["pipelines"]:
        yield from pipeline["steps"]


def _step(file: File, name: str) -> Step:
    return next(step for step in steps(file) if step["name"] == name)


def _run(step: Step, shell: str, folder: Path, environment: Mapping[str, str] | None = None) -> bytes:
    """A step as a process: its words in this shell, `/drone` and `/tmp/src` in a folder. What it prints."""

    def here(text: str) -> str:
        return text.replace("/drone/", f"{folder}/drone/").replace("/tmp/src", f"{folder}/tmp/src")

    words = [str(shells.folder(shell) / "sh") if word == "/bin/sh" else here(word).replace("| /bin/sh", "| sh") for word in step["words"]]
    known = {"PATH": f"{folder / 'bin'}:{shells.folder(shell)}:/usr/bin:/bin", "HOME": str(folder), "DRONE_COMMIT_SHA": COMMIT}
    own = {name: here(text) if name == "DRONE_SCRIPT" else text for name, text in step["environ"].items()}
    done = subprocess.run(
        words,
        env={**own, **known, **(environment or {})},
        cwd=folder / "drone/src",
        capture_output=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout


@contextmanager
def _worker() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("drone/src", "drone/artifacts", "drone/kept", "tmp", "bin"):
            (folder / each).mkdir(parents=True)
        yield folder


def _scripts(own: str, shell: str, key: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the one command, or the setup, of a stage: the script that the shell is given in the end by the one that Drone starts."""
    commands = {"commands": ("true",)}
    stages = [_stage(f"t{number}", shell=own, **{**commands, key: (text,)}) for number, text in enumerate(texts)]
    file = _read(_plan(*stages), len(texts))
    if isinstance(file, Limit):
        return [file]
    before = b"" if len(texts) == 1 else b"cp -R /drone/src/. /tmp/src\ncd /tmp/src\n"
    after = b"\ntrue\n" if key == "setup" else b"\n"
    with tempfile.TemporaryDirectory() as name:
        for each in ("sh", "bash"):
            shells.add(Path(name), each, '#!/bin/dash\nfor word; do :; done\nprintf %s "$word"\n')
        given = [_given(_step(file, stage.name), shell, name) for stage in stages]
    return [each.removeprefix(before).removesuffix(after) if each.startswith(before) else None for each in given]


def _given(step: Step, shell: str, folder: str) -> bytes:
    words = [str(shells.folder(shell) / "sh"), *step["words"][1:]]
    return subprocess.run(words, env={"PATH": folder}, capture_output=True, check=True).stdout


def _printed(plan: Plan, count: int, shell: str, environment: Mapping[str, str] | None = None) -> Sequence[Carried]:
    """What the step `test` prints."""
    file = _read(plan, count)
    if isinstance(file, Limit):
        return [file]
    with _worker() as folder:
        return shells.split(_run(_step(file, "test"), shell, folder, environment))


def _apart(text: str) -> bool:
    return len(text) > LARGE or "," in text or text != text.strip() or STRANGE.search(text) is not None


def _sifted(carry: Callable[[Sequence[str]], Sequence[Carried]], texts: Sequence[str]) -> Sequence[Carried]:
    """The same, with each text that is likely to be refused carried by itself, so that the others need not be."""
    if len(texts) == 1:
        return carry(texts)
    apart = {text: next(iter(carry([text]))) for text in dict.fromkeys(texts) if _apart(text)}
    rest = [text for text in texts if text not in apart]
    came = iter(carry(rest) if rest else ())
    return [apart[text] if text in apart else next(came) for text in texts]


def _named(texts: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Each text under a name, and the command that prints them all."""
    names = [f"V{number}" for number in range(len(texts))]
    words = " ".join(f'"${name}"' for name in names)
    return tuple(zip(names, texts, strict=True)), f"args {words}"


def _variables(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    pairs, command = _named(texts)
    return _printed(_plan(_stage(variables=pairs, commands=(command,))), len(texts), shell)


def _shared(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Variables of the pipeline."""
    pairs, command = _named(texts)
    return _printed(_plan(_stage(commands=(command,)), variables=pairs), len(texts), shell)


def _defaults(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the default of an input of a run that was started without."""
    inputs = tuple(Input(f"v{number}", text) for number, text in enumerate(texts))
    _, command = _named(texts)
    event = Event("manual", "by-hand", inputs=inputs)
    return _printed(_plan(_stage(on=(event,), commands=(command,))), len(texts), shell)


def _choices(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the one choice of an input; somebody gives it."""
    inputs = tuple(Input(f"v{number}", text, (text,), help=text) for number, text in enumerate(texts))
    pairs, command = _named(texts)
    event = Event("manual", "by-hand", inputs=inputs)
    return _printed(_plan(_stage(on=(event,), commands=(command,))), len(texts), shell, dict(pairs))


def _service(
    fields: Callable[[Sequence[str]], Mapping[str, Any]], take: Callable[[Step], list[str]], texts: Sequence[str]
) -> Sequence[Carried]:
    service = Service("db", "postgres:16", 5432, **fields(texts))
    file = _read(_plan(_stage(services=(service,))), len(texts))
    return [file] if isinstance(file, Limit) else take(_step(file, "db"))


def _service_variables(texts: Sequence[str]) -> Sequence[Carried]:
    def take(step: Step) -> list[str]:
        return [step["environ"][f"V{number}"] for number in range(len(texts))]

    return _service(lambda _: {"variables": _named(texts)[0]}, take, texts)


def _service_words(texts: Sequence[str]) -> Sequence[Carried]:
    return _service(lambda _: {"command": join(["start", *texts])}, lambda step: step["words"][1:], texts)


def _image(**fields: Any) -> Stage:
    return _stage("image", image=None, commands=(), container=Container("registry.example.com/fuzz", ("${PK_SHA}",), **fields))


def _arguments(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is an argument of a container build, as the plugin's command line reads it."""
    file = _read(_plan(_image(args=_named(texts)[0])), len(texts))
    if isinstance(file, Limit):
        return [file]
    given = _step(file, "image")["lists"]["PLUGIN_BUILD_ARGS"]
    return [text.partition("=")[2] for text in given] if len(given) == len(texts) else [None] * len(texts)


def _dockerfile(texts: Sequence[str]) -> Sequence[Carried]:
    images = [replace(_image(dockerfile=text, context=text), name=f"i{number}") for number, text in enumerate(texts)]
    file = _read(_plan(*images), len(texts))
    if isinstance(file, Limit):
        return [file]
    found = [_step(file, image.name)["environ"] for image in images]
    return [each["PLUGIN_DOCKERFILE"] if each["PLUGIN_DOCKERFILE"] == each["PLUGIN_CONTEXT"] else None for each in found]


def _cells(texts: Sequence[str]) -> Sequence[Carried]:
    values = tuple(dict.fromkeys(texts))
    file = _read(_plan(_stage(matrix=(Axis("value", values),))), len(texts))
    if isinstance(file, Limit):
        return [file]
    found = {step["name"]: step["environ"].get("VALUE") for step in steps(file)}
    return [found.get(f"test-{text}") for text in texts]


def _paths(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the path of a file that one stage makes, keeps and hands to the next one."""
    paths = tuple(dict.fromkeys(texts))
    made = _stage("made", commands=("true",), outputs=paths, keep=paths)
    asks = _stage("asks", commands=("true",), needs=(Need("made", paths),))
    file = _read(_plan(made, asks, _stage("beside", commands=("true",))), len(texts))
    if isinstance(file, Limit):
        return [file]
    with _worker() as folder:
        for text in texts:
            (folder / "drone/src" / text).parent.mkdir(exist_ok=True)
            (folder / "drone/src" / text).touch()
        _run(_step(file, "made"), shell, folder)
        (folder / "drone/src/out").rename(folder / "gone")
        (folder / "tmp/src").rename(folder / "tmp/before")
        _run(_step(file, "asks"), shell, folder)
        places = [folder / "drone/artifacts/made", folder / "drone/kept/made", folder / "tmp/src"]
        return [text if all((place / text).is_file() for place in places) else None for text in texts]


def _globs(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a glob of changed files: what git is asked, by commands that are echoed first."""
    pull = Event("pull_request")
    stages = [_stage(f"t{number}", on=(pull,), only_if=(text,)) for number, text in enumerate(texts)]
    file = _read(_plan(*stages), len(texts))
    if isinstance(file, Limit):
        return [file]
    with _worker() as folder:
        program = f'#!/bin/sh\nif [ "$1" = diff ]; then for word; do :; done; printf \'%s\\0\' "$word" >>{folder}/asked; fi\n'
        shells.add(folder / "bin", "git", program)
        _run(_step(file, "changes"), shell, folder, {"DRONE_TARGET_BRANCH": "main"})
        return [word.decode().removeprefix(":(glob)") for word in shells.split((folder / "asked").read_bytes())]


def _conditions(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a branch whose pushes start a run: what the server compares."""
    file = _read(_plan(_stage(on=(Event("push", branches=tuple(dict.fromkeys(texts))),))), len(texts))
    if isinstance(file, Limit):
        return [file]
    known = {text: text for text in file["server"][0]["trigger"]["branch"]["include"]}
    return [known.get(text) for text in texts]


def _labels(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is what a runner is labelled with."""
    labels = tuple(f"l{number}:{text}" for number, text in enumerate(texts))
    file = _read(_plan(_stage(runner=Runner(labels))), len(texts))
    if isinstance(file, Limit):
        return [file]
    return [file["server"][0]["node"][f"l{number}"] for number in range(len(texts))]


def _questions(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a gate's question: a comment, which must stay one."""
    if len(texts) > 1:
        return [_questions([text])[0] for text in texts]
    stages = [replace(stage, message=texts[0]) if stage.is_gate else stage for stage in _PLAN.stages]
    file = _read(replace(_PLAN, stages=tuple(stages)), 1)
    if isinstance(file, Limit):
        return [file]
    again = ask("\n".join(line for line in file["text"].split("\n") if not line.startswith("#")))
    if {key: file[key] for key in ("server", "pipelines")} != {key: again[key] for key in ("server", "pipelines")}:
        return [None]
    lines = [line.removeprefix("# ") for line in file["text"].split("\n") if line.startswith("#")]
    return [next((text for text in texts if text.rstrip() in lines), None)]


def _path_of(text: str) -> str | None:
    """What of a text can be a path of a definition."""
    kept = re.sub(r"[,:'\"<>|;&`*?\[\]{}\\$/!~\x00-\x1f\x7f]", "", text[:60]).strip().strip(".-")
    try:
        return authored.path(f"out/{kept}", "outputs") if kept else None
    except DefinitionError:
        return None


def _branch_of(text: str) -> str | None:
    """What of a text can be a branch of a definition."""
    kept = "".join(each for each in text if each.isascii() and (each.isalnum() or each in "_-"))[:60].lstrip("-")
    return kept or None


def _value_of(text: str) -> str | None:
    """What of a text can be a value of an axis."""
    return "".join(each for each in text if each.isascii() and (each.isalnum() or each in "_.-"))[:30] or None


def _line_of(text: str) -> str | None:
    """What of a text can be a question."""
    kept = " ".join(re.split(r"[\n\r$]", text)).strip()
    return kept or None


def _part_of(text: str) -> str:
    """What of a text can be a part of a plugin's list."""
    return text.replace(",", ";").strip()


def _built() -> str | None:
    return program.built()[1]


def _needs(shell: str) -> Callable[[], str | None]:
    return lambda: _built() or shells.missing(shell)()


def _in_shell(name: str, carry: Callable[..., Sequence[Carried]], shell: str, **more: Any) -> Place:
    return Place("drone", f"{name} in {shell}", READER, partial(_sifted, partial(carry, shell)), _needs(shell), **{"batch": 200, **more})


def _in_file(name: str, carry: Callable[[Sequence[str]], Sequence[Carried]], **more: Any) -> Place:
    return Place("drone", name, READER, partial(_sifted, carry), _built, **{"batch": 200, **more})


PLACES = [
    *(
        Place(
            "drone",
            f"{key} of {own}, started by {shell}",
            READER,
            partial(_sifted, partial(_scripts, own, shell, key)),
            _needs(shell),
            batch=500,
        )
        for own, shell, key in (
            ("sh", "dash", "commands"),
            ("sh", "busybox", "commands"),
            ("bash", "bash", "commands"),
            ("sh", "dash", "setup"),
        )
    ),
    *(_in_shell("variable", _variables, shell) for shell in shells.PROGRAMS),
    _in_shell("variable of the pipeline", _shared, "dash"),
    _in_shell("default of an input", _defaults, "busybox"),
    _in_shell("choice of an input", _choices, "dash"),
    _in_shell("path of an artifact and a kept file", _paths, "busybox", fit=_path_of),
    _in_shell("glob of changed files", _globs, "dash", fit=_path_of),
    _in_shell("glob of changed files", _globs, "busybox", fit=_path_of),
    _in_file("service variable", _service_variables),
    _in_file("word of a service", _service_words, batch=50),
    _in_file("build argument", _arguments, fit=_part_of),
    _in_file("dockerfile and context", _dockerfile, fit=_path_of, batch=50),
    _in_file("matrix value", _cells, fit=_value_of),
    _in_file("branch", _conditions, fit=_branch_of),
    _in_file("label", _labels, fit=_value_of),
    _in_file("question of a gate", _questions, fit=_line_of, batch=20),
]
