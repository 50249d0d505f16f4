"""Jenkins: the file read by Groovy 2.4's own parser, paths by Ant's own patterns; scripts run by the shells of images and agents."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from shlex import join
from typing import Any

from pipelinekit import Pipeline, on
from pipelinekit.authoring import texts as authored
from pipelinekit.backend import Limit
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.model.plan import Axis, Cache, Container, Event, Input, Need, Plan, Service, Stage
from pipelinekit.model.value import replace
from tests.engines.jenkins.jvm import Jvm
from tests.fuzz import shells
from tests.fuzz.place import Carried, Place, refusal
from tests.readers import jenkins

READER = "Groovy 2.4.21"
LONG = 50_000
Model = dict[str, Any]


def _pipeline() -> Plan:
    accepted = {"jenkins": {"cache": "fuzz"}}
    p = Pipeline("fuzz", image="busybox", triggers=[on.push(), on.pull_request()], accept=accepted)
    p.test("true")
    return p.plan()


_PLAN = _pipeline()
MARK = ": 'what follows is the text'"


def _stage(name: str = "test", **fields: Any) -> Stage:
    return replace(_PLAN.stages[0], name=name, **fields)


def _read(plan: Plan, count: int = 1) -> Model | Limit:
    """The file as Groovy reads it, or the limit that refuses the one text there is."""
    limit, files = refusal(plan, "jenkins")
    if limit and count > 1:
        raise ValueError(limit.name)
    return limit or jenkins.model(files["Jenkinsfile"])


def _apart(carry: Callable[[Sequence[str]], Sequence[Carried]]) -> Callable[[Sequence[str]], Sequence[Carried]]:
    """Texts that are likely to be refused go alone, so that the others can go together."""

    def carried(texts: Sequence[str]) -> Sequence[Carried]:
        alone = {text: carry([text])[0] for text in texts if "\uffff" in text or len(text.encode()) > LONG} if len(texts) > 1 else {}
        others = [text for text in texts if text not in alone]
        rest = iter(carry(others) if others else ())
        return [alone[text] if text in alone else next(rest) for text in texts]

    return carried


def _commands(own: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a command of a stage: the bytes of the file that its shell runs."""
    stages = tuple(_stage(f"t{number}", commands=(MARK, text), shell=own) for number, text in enumerate(texts))
    read = _read(replace(_PLAN, stages=stages), len(texts))
    if isinstance(read, Limit):
        return [read]
    found = {script.partition(f"{MARK}\n") for stage in jenkins.stages(read) for script in [_script(stage)]}
    assert all(before.startswith("#!/") for before, _, _ in found)
    return [_script(stage).partition(f"{MARK}\n")[2].removesuffix("\n") for stage in jenkins.stages(read) if "steps" in stage]


def _script(stage: Model) -> str:
    """The script that holds the commands."""
    return next((each for each in jenkins.shell(stage) if MARK in each), f"#!/{MARK}\n")


def _variables(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a variable of a stage whose command prints them all."""
    names = [f"V{number}" for number in range(len(texts))]
    words = " ".join(f'"${name}"' for name in names)
    variables = tuple(zip(names, texts, strict=True))
    read = _read(replace(_PLAN, stages=(_stage(variables=variables, commands=(MARK, f"args {words}")),)), len(texts))
    if isinstance(read, Limit):
        return [read]
    (stage,) = (each for each in jenkins.stages(read) if "steps" in each)
    with _agent() as folder:
        return shells.split(_run(_script(stage), shell, folder, _expanded(stage)))


def _expanded(stage: Model) -> dict[str, str]:
    """What `environment` gives a container (core: EnvVars.overrideExpandingAll, which drops empty values; the agent's locale)."""
    entries = {entry["name"]: entry["value"] for entry in stage.get("environment", ())}
    return {name: value for name, value in entries.items() if value and "$" not in value and value.isascii()}


def _inputs(shell: str, choice: bool, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the default, or the one choice, of an input: a parameter, which the agent and then the container are told."""
    given = [Input(f"v{number}", text, (text,) if choice else ()) for number, text in enumerate(texts)]
    names = " ".join(f'"${each.variable}"' for each in given)
    events = (Event("push"), Event("manual", "manual", inputs=tuple(given)))
    stage = _stage(commands=(MARK, f"args {names}"), on=events)
    read = _read(replace(_PLAN, stages=(stage,), triggers=events), len(texts))
    if isinstance(read, Limit):
        return [read]
    told = {each["arguments"]["name"]: _default(each["arguments"]) for each in read["parameters"]}
    (found,) = (each for each in jenkins.stages(read) if "steps" in each)
    scripts = jenkins.shell(found)
    with _agent() as folder:
        agent = {name: value for name, value in told.items() if value}
        for script in scripts[: scripts.index(_script(found))]:
            _run(script, "dash", folder, agent)
        # What docker exec is told has its dollars twice.
        return shells.split(_run(_script(found), shell, folder, {name: value.replace("$", "$$") for name, value in agent.items()}))


def _default(arguments: Model) -> str:
    found = arguments.get("defaultValue", arguments.get("choices", [""])[0])
    assert isinstance(found, str)
    return found


def _arguments(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is an argument of a container build, which docker is called with."""
    args = tuple((f"V{number}", text) for number, text in enumerate(texts))
    build = Container("registry.example.com/fuzz", ("${PK_SHA}",), args=args)
    stage = _stage(container=build, commands=(), image=None)
    return _docker(stage, "docker build", shell, texts, _values)


def _services(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a variable of a service."""
    service = Service("db", "postgres:16", 5432, tuple((f"V{number}", text) for number, text in enumerate(texts)))
    return _docker(_stage(services=(service,)), "docker run", shell, texts, _values)


def _service_words(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a word of a service's command."""
    service = Service("db", "postgres:16", 5432, (), join(["start", *texts]))
    return _docker(_stage(services=(service,)), "docker run", shell, texts, lambda words: words[words.index(b"start") + 1 :])


def _values(words: list[bytes]) -> list[bytes]:
    return [word.partition(b"=")[2] for word in words if re.match(rb"V\d+=", word)]


def _docker(stage: Stage, what: str, shell: str, texts: Sequence[str], take: Callable[[list[bytes]], list[bytes]]) -> Sequence[Carried]:
    read = _read(replace(_PLAN, stages=(stage,)), len(texts))
    if isinstance(read, Limit):
        return [read]
    script = next(each for each in jenkins.shell(read) if what in each)
    with _agent() as folder:
        shells.add(folder, "docker", f'#!/bin/sh\n[ "docker $1" != "{what}" ] || args "$@" >{folder}/told\n')
        _run(script, shell, folder, {"PK_NETWORK": "net"})
        return take(shells.split((folder / "told").read_bytes()))


def _messages(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is what a gate asks."""
    gates = [_stage(f"g{number}", kind="gate", message=text, image=None, commands=(), setup=()) for number, text in enumerate(texts)]
    chain = tuple(replace(gate, needs=(Need(gates[at - 1].name if at else "test"),)) for at, gate in enumerate(gates))
    read = _read(replace(_PLAN, stages=(_PLAN.stages[0], *chain)), len(texts))
    if isinstance(read, Limit):
        return [read]
    return [stage["input"]["message"] for stage in jenkins.stages(read) if "input" in stage]


def _helps(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text explains an input."""
    events = (Event("push"), Event("manual", "manual", inputs=tuple(Input(f"v{at}", help=text) for at, text in enumerate(texts))))
    read = _read(replace(_PLAN, triggers=events, stages=(_stage(on=events),)), len(texts))
    return [read] if isinstance(read, Limit) else [each["arguments"].get("description", "") for each in read["parameters"]]


def _cells(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a value of an axis."""
    read = _read(replace(_PLAN, stages=(_stage(matrix=(Axis("value", tuple(dict.fromkeys((*texts, "one", "two")))),)),)), len(texts))
    if isinstance(read, Limit):
        return [read]
    (matrix,) = (stage["matrix"] for stage in jenkins.stages(read) if stage.get("matrix"))
    values = {value: value for value in matrix["axes"][0]["values"]}
    return [values.get(text) for text in texts]


def _paths(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a path that one stage makes, another asks for and both keep: what Ant finds, under names that Jenkins takes."""
    paths = tuple(dict.fromkeys(texts))
    made = _stage("made", commands=(MARK,), outputs=paths, keep=paths)
    read = _read(replace(_PLAN, stages=(made, _stage("asks", needs=(Need("made", paths),)))), len(texts))
    if isinstance(read, Limit):
        return [read]
    first = next(stage for stage in jenkins.stages(read) if stage["name"] == "made")
    stashes = [step["arguments"] for step in jenkins.steps(first) if step["name"] == "stash"]
    (kept,) = (step["arguments"]["artifacts"] for step in jenkins.steps(first) if step["name"] == "archiveArtifacts")
    names = [each["name"] for each in stashes]
    wanted = [step["arguments"]["name"] for step in jenkins.steps(read) if step["name"] == "unstash"]
    with _agent() as folder:
        for path in paths:
            (folder / "tree" / path).parent.mkdir(exist_ok=True)
            (folder / "tree" / path).touch()
        _run(_script(first), shell, folder, {})
        lists = [each["includes"] for each in stashes]
        answer = _jvm().ask({"found": {"folder": f"{folder}/tree", "lists": [*lists, kept], "names": names}}, lambda what, words: 0)
    *each, together = answer["found"]
    good = all(answer["named"]) and wanted == names and len(set(names)) == len(names) and set(together) == set(paths)
    found = {files[0] for files in each if len(files) == 1} if good else set()
    return [text if text in found else None for text in texts]


def _caches(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the path of a cache."""
    cached = replace(_PLAN, targets={"jenkins": {"cache": "jobcacher"}}, stages=(_stage(caches=(Cache(tuple(texts)),)),))
    read = _read(cached, len(texts))
    if isinstance(read, Limit):
        return [read]
    (step,) = (step for step in jenkins.steps(read) if step["name"] == "cache")
    return [each["arguments"]["path"] for each in step["arguments"]["caches"]]


def _changes(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a path that a condition asks about: what git is called with."""
    read = _read(replace(_PLAN, stages=(_stage(only_if=tuple(texts)),)), len(texts))
    if isinstance(read, Limit):
        return [read]
    function = next(each for each in read["functions"] if each["name"] == "changes")
    (command,) = re.findall(r"script: '(.*)' \+ paths", function["source"])
    words = next(call["positional"][0] for call in _calls(read["stages"]) if call["name"] == "changes")
    with _agent() as folder:
        shells.add(folder, "git", f'#!/bin/sh\nargs "$@" >{folder}/told\n')
        _run(command + words, shell, folder, {})
        told = shells.split((folder / "told").read_bytes())
    return [each.removeprefix(b":(glob)") for each in told[told.index(b"--") + 1 :]]


def _calls(data: Any) -> Iterator[Model]:
    if isinstance(data, dict):
        yield from data.get("calls", ())
        for value in data.values():
            yield from _calls(value)
    elif isinstance(data, list):
        for value in data:
            yield from _calls(value)


@contextmanager
def _agent() -> Iterator[Path]:
    """A folder with programs, the tree, and what lies beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("tree", "tmp"):
            (folder / each).mkdir()
        for program in ("git", "docker"):
            shells.add(folder, program, "#!/bin/sh\n")
        yield folder


def _run(script: str, shell: str, folder: Path, environment: dict[str, str]) -> bytes:
    """As durable-task runs it: from a file (BourneShellScript)."""
    file = folder / "script.sh"
    file.write_bytes(script.encode())
    environment = {
        **environment,
        "PATH": f"{folder}:{shells.folder(shell)}:/usr/bin:/bin",
        "WORKSPACE_TMP": str(folder / "tmp"),
    }
    return shells.run([str(shells.folder(shell) / "sh"), str(file)], shell, environment, folder / "tree")


@cache
def _jvm() -> Jvm:
    """The one that knows Ant; it ends with this process, whose end it reads."""
    return Jvm()


def _path_of(text: str) -> str | None:
    """What of a text can be a path of a definition."""
    kept = "".join(each for each in text[:60] if each not in ",:'\"<>|;&`*?[]{}\\$/~" and each >= " " and each != "\x7f").strip().strip("-")
    try:
        return authored.path(f"out/{kept}", "outputs") if kept else None
    except DefinitionError:
        return None


def _value_of(text: str) -> str | None:
    """What of a text can be a value of an axis."""
    return "".join(each for each in text if each.isascii() and (each.isalnum() or each in "_.-"))[:30] or None


def _line_of(text: str) -> str | None:
    """What of a text fits into a field of a form."""
    return "".join(each for each in text if each.isprintable())


def _missing(shell: str = "dash") -> Callable[[], str | None]:
    return lambda: jenkins.available() or shells.missing(shell)() or shells.missing("dash")()


def _place(name: str, carry: Callable[[Sequence[str]], Sequence[Carried]], shell: str = "dash", **more: Any) -> Place:
    return Place("jenkins", name, READER, _apart(carry), _missing(shell), **{"batch": 200, **more})


PLACES = [
    *(_place(f"commands of {own}", partial(_commands, own), batch=50) for own in ("sh", "bash")),
    *(_place(f"variable in {shell}", partial(_variables, shell), shell) for shell in shells.PROGRAMS),
    *(_place(f"input in {shell}", partial(_inputs, shell, False), shell, fit=_line_of) for shell in shells.PROGRAMS),
    _place("choice in busybox", partial(_inputs, "busybox", True), "busybox", fit=_line_of),
    _place("build argument", partial(_arguments, "dash"), fit=lambda text: text.replace("$", "")),
    *(_place(f"service variable in {shell}", partial(_services, shell), shell) for shell in ("dash", "bash")),
    _place("word of a service", partial(_service_words, "dash")),
    _place("message of a gate", _messages, batch=50),
    _place("help of an input", _helps),
    _place("matrix value", _cells, fit=_value_of, batch=40),
    _place("path of an artifact", partial(_paths, "busybox"), "busybox", fit=_path_of),
    _place("path of a cache", _caches, fit=_path_of),
    _place("path of a condition", partial(_changes, "dash"), fit=_path_of),
]
