"""GitLab: every place of its files that a text goes to."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from pipelinekit.authoring import texts as authored
from pipelinekit.backend import Limit
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.model.plan import Axis, Container, Environment, Event, Input, Need, Plan, Secret, Service
from pipelinekit.model.value import replace
from tests.engines.gitlab.configuration import put_in
from tests.engines.gitlab.variables import Variable, filled, plain
from tests.fuzz import gitlab_machine as machine
from tests.fuzz import shells
from tests.fuzz.place import Carried, Place
from tests.readers import gitlab_go

_LONG = 20_000


def _commands(own: str, shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the one command of a stage: what of the runner's program is neither the runner's nor the backend's."""
    plan = machine.plan(*(machine.stage(f"t{number}", commands=(text,), shell=own) for number, text in enumerate(texts)))
    found = machine.read(plan, len(texts))
    if isinstance(found, Limit):
        return [found]
    jobs = [machine.sent(found[-1], f"t{number}", {}) for number in range(len(texts))]
    with machine.tree() as folder:
        answers = gitlab_go.ask(jobs, str(folder), posix=shell in machine.POSIX)
    programs = machine.programs([each["scripts"]["step_script"] for each in answers], shell)
    return [_own(*each) for each in zip(texts, jobs, answers, programs, strict=True)]


def _own(text: str, job: machine.Job, answer: Mapping[str, Any], program: bytes) -> bytes | None:
    """The command: behind the backend's items, each of which stands behind a line that shows it, and without a guard."""
    *before, item = job["steps"][0]["script"]
    rest = program.partition(f"\ncd {answer['folder']}\n".encode())[2]
    for each in before:
        _, _, rest = rest.partition(b"\n")
        if not rest.startswith(f"{each}\n".encode()):
            return None
        rest = rest[len(f"{each}\n".encode()) :]
    came = rest.partition(b"\n")[2].removesuffix(b"\n")
    head, tail = item.partition(text)[::2]
    if head not in ("", ":\n") or tail not in ("", "\n:"):
        return None
    return came.removeprefix(head.encode()).removesuffix(tail.encode())


def _printing(names: Sequence[str]) -> str:
    """A command that prints variables to a file of its own."""
    return 'args {} >>"$OUT"'.format(" ".join(f'"${name}"' for name in names))


def _printed(
    plan: Plan, shell: str, count: int, known: Mapping[str, Variable], given: Mapping[str, str] | None = None
) -> Sequence[Carried]:
    found = machine.read(plan, count)
    if isinstance(found, Limit):
        return [found]
    config = put_in(found[-1], given) if given is not None else found[-1]
    with machine.tree() as folder:
        return shells.split(machine.run(machine.sent(config, "test", known), shell, folder))


def _names(texts: Sequence[str]) -> list[str]:
    return [f"V{number}" for number in range(len(texts))]


def _variables(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a variable of the pipeline or of a stage, whose command prints them all."""
    names = _names(texts)
    pairs = tuple(zip(names, texts, strict=True))
    half = len(texts) // 2
    stage = machine.stage(variables=pairs[half:], commands=(_printing(names),))
    return _printed(machine.plan(stage, variables=pairs[:half]), shell, len(texts), {})


def _secrets(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the value of a secret, stored under another name."""
    names = _names(texts)
    stage = machine.stage(secrets=tuple(Secret(name, f"STORED_{name}") for name in names), commands=(_printing(names),))
    known = {f"STORED_{name}": Variable(f"STORED_{name}", text, raw=True) for name, text in zip(names, texts, strict=True)}
    return _printed(machine.plan(stage), shell, len(texts), known)


def _inputs(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is what somebody gives to a manual run."""
    names = _names(texts)
    event = Event("manual", "by-hand", inputs=tuple(Input(name.lower(), "") for name in names))
    stage = machine.stage(on=(event,), commands=(_printing(names),))
    given = {name.lower(): text for name, text in zip(names, texts, strict=True)}
    return _printed(machine.plan(stage, triggers=(event,)), shell, len(texts), {}, given)


def _titles(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a commit's title; in such values GitLab puts variables in (Unsafe), so none is in these. One shell runs what of the
    jobs' programs has to do with it.
    """
    stage = machine.stage(commands=("printf '%s\\0' \"$PK_TITLE\"",))
    found = machine.read(machine.plan(stage, accept={"gitlab": {"outsiders": "fuzz"}}), len(texts))
    if isinstance(found, Limit):
        return [found]
    jobs = [machine.sent(found[-1], "test", plain({"CI_COMMIT_TITLE": text})) for text in texts]
    with machine.tree() as folder:
        answers = gitlab_go.ask(jobs, str(folder))
        lines: list[bytes] = []
        for program, answer in zip(machine.programs([each["scripts"]["step_script"] for each in answers], shell), answers, strict=True):
            exported, _, own = program.partition(f"\ncd {answer['folder']}\n".encode())
            lines += [line for line in exported.split(b"\n") if line.startswith(b"export CI_COMMIT_TITLE=")]
            lines += [line for line in own.split(b"\n") if not line.startswith(b"echo ")]
        (folder / "script").write_bytes(b"\n".join(lines))
        return shells.split(shells.run([str(shells.folder(shell) / "sh"), str(folder / "script")], shell))


def _described(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a choice, the default and the description of an input."""
    inputs = tuple(Input(f"i{number}", text, (text,), text) for number, text in enumerate(texts))
    found = machine.read(machine.plan(machine.stage(), triggers=(Event("manual", "by-hand", inputs=inputs),)), len(texts))
    if isinstance(found, Limit):
        return [found]
    spec = found[0]["spec"]["inputs"]
    read = [spec[f"i{number}"] for number in range(len(texts))]
    return [
        each["default"] if {each["default"], *each["options"], each.get("description", "")} <= {each["default"]} else None for each in read
    ]


def _services(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a variable of a service."""
    service = Service("db", "postgres:16", 5432, tuple(zip(_names(texts), texts, strict=True)))
    return _served(service, len(texts), lambda found: [found["variables"].get(name) for name in _names(texts)])


def _service_words(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a word of a service's command."""
    from shlex import join

    service = Service("db", "postgres:16", 5432, (), join(["start", *texts]))
    return _served(service, len(texts), lambda found: found["command"][1:])


def _served(service: Service, count: int, take: Callable[[machine.Job], Sequence[Carried]]) -> Sequence[Carried]:
    found = machine.read(machine.plan(machine.stage(services=(service,))), count)
    if isinstance(found, Limit):
        return [found]
    (answer,) = gitlab_go.ask([machine.sent(found[-1], "test", {"V0X": Variable("V0X", "pasted")})], "/")
    return take(answer["services"][0])


def _arguments(commit: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is an argument of a container build, alone or before the commit."""
    pairs = tuple((name, text + commit) for name, text in zip(_names(texts), texts, strict=True))
    found = machine.read(
        machine.plan(machine.stage(container=Container("example.com/fuzz", ("${PK_SHA}",), args=pairs), commands=(), image=None)),
        len(texts),
    )
    if isinstance(found, Limit):
        return [found]
    with machine.tree() as folder:
        shells.add(folder / "bin", "buildah", '#!/bin/sh\n[ "$1" != build ] || args "$@" >>"$OUT"\n')
        words = shells.split(machine.run(machine.sent(found[-1], "test", plain({"CI_COMMIT_SHA": "0123abc"})), "busybox", folder))
    given = dict(word.split(b"=", 1) for option, word in pairwise(words) if option == b"--build-arg")
    return [given[name.encode()].removesuffix(b"0123abc" if commit else b"") for name in _names(texts)]


def _gates(shell: str, texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the question of a gate: what the button asks, and what its job prints."""
    gates = [machine.stage(f"g{number}", kind="gate", message=text, commands=(), image=None) for number, text in enumerate(texts)]
    found = machine.read(machine.plan(machine.stage(), *(replace(gate, needs=(Need("test"),)) for gate in gates)), len(texts))
    if isinstance(found, Limit):
        return [found]
    entries = [found[-1][gate.name] for gate in gates]
    printed = "".join(f"printf '%s\\0' \"$({entry['script'][-1]}; echo .)\"\n" for entry in entries)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write(printed)
        file.flush()
        came = shells.split(shells.run([str(shells.folder(shell) / "sh"), file.name], shell))
    asked = [entry["manual_confirmation"] for entry in entries]
    return [text if each == f"{text}\n.".encode() else each for text, each in zip(asked, came, strict=True)]


def _paths(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the path of a file that is kept: what the runner's program is called with, and what that makes of it."""
    found = machine.read(machine.plan(machine.stage(keep=texts)), len(texts))
    if isinstance(found, Limit):
        return [found]
    job = machine.sent(found[-1], "test", {})
    with machine.tree() as folder:
        shells.add(folder / "bin", "gitlab-runner-helper", '#!/bin/sh\n[ "$1" = --version ] || args "$@" >>"$OUT"\n')
        words = shells.split(machine.run(job, "bash", folder, "upload_artifacts_on_success"))
    paths = [word.decode() for option, word in pairwise(words) if option == b"--path"]
    (answer,) = gitlab_go.ask([job], "/")
    known = {path: path for path in paths if path in answer["paths"]}
    return [known.get(text) for text in texts]


def _cells(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a value of an axis."""
    found = machine.read(machine.plan(machine.stage(matrix=(Axis("value", tuple(dict.fromkeys(texts))),))), len(texts))
    if isinstance(found, Limit):
        return [found]
    values = {value: value for row in found[-1]["test"]["parallel"]["matrix"] for value in row["VALUE"] if isinstance(value, str)}
    return [values.get(text) for text in texts]


_EXISTING = plain({"x": "pasted", "X": "pasted", "PATH": "pasted"})


def _urls(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is the URL of an environment."""
    environments = tuple(Environment(f"e{number}", text, None, (Event("push"),)) for number, text in enumerate(texts))
    stages = [machine.stage(f"d{number}", kind="deploy", environment=f"e{number}") for number in range(len(texts))]
    found = machine.read(machine.plan(*stages, environments=environments), len(texts))
    if isinstance(found, Limit):
        return [found]
    return [filled(found[-1][stage.name]["environment"]["url"], _EXISTING) for stage in stages]


def _globs(texts: Sequence[str]) -> Sequence[Carried]:
    """Each text is a path that must have changed: whether the glob is the path, and no other."""
    event = Event("pull_request")
    stages = [machine.stage(f"t{number}", only_if=(text,)) for number, text in enumerate(texts)]
    found = machine.read(machine.plan(machine.stage("always"), *stages, triggers=(event,)), len(texts))
    if isinstance(found, Limit):
        return [found]
    globs = [filled(found[-1][stage.name]["rules"][0]["changes"][0], _EXISTING) for stage in stages]
    asked = [[glob, path] for glob, text in zip(globs, texts, strict=True) for path in (text, f"{text}x")]
    matched = gitlab_go.fnmatch(asked)
    return [text if matched[2 * number : 2 * number + 2] == [True, False] else None for number, text in enumerate(texts)]


def _command_of(text: str) -> str | None:
    """What a definition takes for a command, without blanks at its ends, which mean nothing."""
    kept = text.lstrip(" \t\n")
    less = kept.rstrip(" \t\n")
    kept = kept if less.endswith("\\") else less
    return None if not kept.strip() or kept.rstrip(" \t").endswith("\\") else kept


def _secret_of(text: str) -> str | None:
    """A variable of a project has 10,000 characters at most."""
    return text[:10_000] or None


def _given_of(text: str) -> str | None:
    return text[:100_000]


def _title_of(text: str) -> str | None:
    return re.sub(r"[$%\n]", "", text)[:1_000]


def _question_of(text: str) -> str | None:
    kept = re.sub(r"[$\n\r]", "", text)
    return kept if kept.strip() else None


def _path_of(text: str) -> str | None:
    """What of a text can be a path of a definition."""
    kept = "".join(each for each in text[:60] if each not in ",:'\"<>|;&`*?[]{}\\$/!~" and each >= " " and each != "\x7f")
    try:
        return authored.path(f"out/{kept.strip().strip('.-')}", "outputs") if kept.strip().strip(".-") else None
    except DefinitionError:
        return None


def _value_of(text: str) -> str | None:
    """What of a text can be a value of an axis."""
    return "".join(each for each in text if each.isascii() and (each.isalnum() or each in "_.-"))[:30] or None


def _url_of(text: str) -> str | None:
    kept = f"https://example.com/{text[:200]}"
    return kept if re.fullmatch(authored._URL, kept) else "https://example.com/" + re.sub(r"[^A-Za-z0-9._~%/@:+,=?#-]", "", text[:200])


def _apart(carry: Callable[[Sequence[str]], Sequence[Carried]], texts: Sequence[str]) -> Sequence[Carried]:
    """Carry texts that may be refused one by one."""
    alone = [
        len(text) > _LONG or (len(text) < 250 and text.startswith(("out/", "https://")) and ("\x80" in text or text.count("%") > 1))
        for text in texts
    ]
    others = [text for text, by_itself in zip(texts, alone, strict=True) if not by_itself]
    came = iter(carry(others) if others else ())
    return [carry([text])[0] if by_itself else next(came) for text, by_itself in zip(texts, alone, strict=True)]


def _everywhere(name: str, carry: Callable[[str, Sequence[str]], Sequence[Carried]], batch: int, **more: Any) -> list[Place]:
    """A place in each shell that the runner may find."""
    return [
        Place(
            "gitlab",
            f"{name} in {shell}",
            machine.RUNNER,
            partial(_apart, partial(carry, shell)),
            partial(_missing, shell),
            batch=batch,
            **more,
        )
        for shell in shells.PROGRAMS
        if shell not in machine.POSIX
    ]


def _missing(shell: str) -> str | None:
    return shells.missing(shell)() or gitlab_go.available()


def _runner(name: str, carry: Callable[[Sequence[str]], Sequence[Carried]], **more: Any) -> Place:
    return Place("gitlab", name, machine.RUNNER, partial(_apart, carry), partial(_missing, "busybox"), **more)


def _server(name: str, carry: Callable[[Sequence[str]], Sequence[Carried]], **more: Any) -> Place:
    return Place("gitlab", name, machine.SERVER, partial(_apart, carry), gitlab_go.available, **more)


PLACES = [
    *(
        Place(
            "gitlab",
            f"command of {own}, by {shell}",
            machine.RUNNER,
            partial(_commands, own, shell),
            partial(_missing, shell),
            fit=_command_of,
        )
        for own, shell in (("sh", "dash"), ("sh", "busybox"), ("sh", "bash"), ("bash", "bash"))
    ),
    *_everywhere("variable", _variables, 200),
    *_everywhere("secret", _secrets, 100, fit=_secret_of),
    *_everywhere("given input", _inputs, 200, fit=_given_of),
    Place("gitlab", "title", machine.RUNNER, partial(_titles, "busybox"), partial(_missing, "busybox"), fit=_title_of, batch=100),
    _runner("service variable", _services, batch=200),
    _runner("word of a service", _service_words, batch=200),
    _runner("build argument", partial(_arguments, ""), batch=200),
    _runner("build argument with the commit", partial(_arguments, "${PK_SHA}"), batch=200),
    _runner("path of an artifact", _paths, fit=_path_of, batch=200),
    Place("gitlab", "gate in dash", machine.SERVER, partial(_gates, "dash"), partial(_missing, "dash"), fit=_question_of, batch=200),
    _server("text of an input", _described, batch=200),
    _server("matrix value", _cells, fit=_value_of, batch=150),
    _server("URL of an environment", _urls, fit=_url_of, batch=50),
    _server("changed path", _globs, fit=_path_of, batch=200),
]
