"""The ground on which one engine runs one pipeline: a repository, a secret store, the probe, and the record of what happens."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path

from pipelinekit.backend.interface import SetupStep
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.interpreter import World
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.semantics.trace import Decision, Outcome, RunOutcome, Why
from pipelinekit.testing import probe
from pipelinekit.testing.sentinels import LETTERS, sentinel

FILES = {
    "README.md": "# widget\n",
    "Dockerfile": "FROM scratch\n",
    "src/app.py": "print('hello')\n",
    "requirements.lock": "six==1.17.0\n",
}
"""What every commit holds beside the files that the plan names."""

AUTHOR = "Ada Lovelace"
EMAIL = "ada@widget.example"
MESSAGE = "The body.\n"
ROOT_DATE = 1_760_000_000


class Ground:
    """A folder for one pipeline on one engine. `begin` lays it out anew for each scenario.

    `gates` are the questions that people are asked, with the gates' names; `setup` is what they have done on the server before.
    What outsiders choose an engine takes from here, or from the repository: `world.title` is the title of the run's commit and of its
    pull request, `message` what stands below it, `author` who wrote it; branch, tag and files are the happening's.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bin = root / "bin"
        self.shims = self.bin / "watched"
        self.state = root / "state"
        self.repository = root / "repository.git"
        self.work = root / "work"
        self.shims.mkdir(parents=True, exist_ok=True)
        self.probe = probe.install(self.bin, self.state)
        self.world = World()
        self.author = AUTHOR
        self.message = MESSAGE
        self.commits: dict[str, str] = {}
        self.files: dict[str, str] = {}
        self.secrets: dict[str, str] = {}
        self.letters = LETTERS
        self._private: set[Path] = set()
        self._numbers = count()
        self.gates: dict[str, str] = {}
        self.setup: tuple[SetupStep, ...] = ()

    def begin(self, plan: Plan, scenario: Scenario) -> None:
        """Everything as it is before the event: commits, refs, secrets, what shall fail. `plan` is unrolled and has no probe in it."""
        for folder in (self.state, self.work, self.repository):
            shutil.rmtree(folder, ignore_errors=True)
        for name in ("attempts", "environ", "folders", "trees", "fail", "outputs", "secret-files", "output"):
            (self.state / name).mkdir(parents=True)
        self.work.mkdir()
        self.log.touch()
        self.gates = {stage.message: stage.name for stage in plan.stages if stage.is_gate}
        self._lay_traps(plan, scenario)
        self._private.clear()
        self.secrets = {key: sentinel(key, self.letters, file=file) for key, file in _keys(plan).items()}
        if self.secrets:
            self.started_log.mkdir()
        for key in scenario.missing:
            self.secrets.pop(key, None)
        (self.state / "secret-names").write_text(
            "".join(f"{s.name}\n" for s in {s for stage in plan.stages for s in stage.secrets} if s.file)
        )
        happening = scenario.happening
        world = replace(World(), title=happening.title or World().title)
        self.author, self.message = happening.author or AUTHOR, happening.message or MESSAGE
        self._commit(plan, scenario, world)
        kind = {"pull_request": "head", "tag": "beside" if happening.beside_trunk else "trunk"}.get(happening.kind, "trunk")
        if happening.kind == "push" and happening.branch not in ("", plan.trunk):
            kind = "head"
        self.world = replace(world, sha=self.commits[kind])

    @property
    def log(self) -> Path:
        return self.state / "log"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment that an engine's worker has by itself: a path with the ground's own programs first, and a home."""
        home = self.work / "home"
        home.mkdir(exist_ok=True)
        return {"PATH": self.path(), "HOME": str(home), "LANG": "C.UTF-8", **more}

    def path(self, *first: Path) -> str:
        """A PATH: those who watch, an engine's own folders of programs, the ground's, the machine's."""
        own = ":".join(map(str, (self.shims, *first, self.bin)))
        return f"{own}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    def checkout(self, folder: Path, commit: str | None = None) -> Path:
        """A clean tree of a commit, the run's unless another is asked for, with its history."""
        git(self.root, "clone", "--quiet", "--no-checkout", "--shared", str(self.repository), str(folder))
        git(folder, "-c", "advice.detachedHead=false", "checkout", "--quiet", commit or self.world.sha)
        return folder

    def say(self, kind: str, job: str = "", word: str = "", rest: str = "") -> None:
        """Add a record; one write, so that records of several processes never mix."""
        with self.log.open("ab") as log:
            log.write(f"{kind}\t-\t{job}\t{word}\t{rest}\n".encode())

    def job_start(self, job: str, services: Iterable[str] = ()) -> None:
        """An attempt of a job begins, as far as the engine sees; `services` are the `alias:port` that it started for it."""
        self.say("job.start", job, rest=json.dumps(list(services)))

    def job_end(self, job: str, outcome: Outcome) -> None:
        self.say("job.end", job, outcome)

    def job_skip(self, job: str, why: Why = "unknown") -> None:
        self.say("job.skip", job, why)

    def gate(self, gate: str, decision: Decision) -> None:
        self.say("gate", gate, decision)

    def image(self, job: str, action: str, ref: str = "", context: Path | None = None) -> int:
        """A container build's `build`, or its `push` of a reference, and the status with which it ends: the scenario may want it to fail.

        `context` is the folder in which it builds; its files are looked at then.
        """
        failure = self.state / "fail" / f"{job}.0"
        status = 0
        if action == "build":
            if context is not None:
                listing = (self.state / "trees" / f"image-{job}.start").open("wb")
                words = [
                    "find",
                    ".",
                    "-path",
                    "./.git",
                    "-prune",
                    "-o",
                    "-type",
                    "f",
                    "-printf",
                    "%m %P\\0",
                    "-exec",
                    "sha256sum",
                    "-z",
                    "{}",
                    "+",
                ]
                with listing:
                    subprocess.run(words, cwd=context, stdout=listing, check=True)
            if failure.exists():
                status = int(failure.read_text().split()[1])
        self.say("image", job, action, json.dumps({"ref": ref, "status": status}))
        return status

    def run_end(self, outcome: RunOutcome) -> None:
        self.say("run.end", word=outcome)

    def output(self, name: str, text: str) -> None:
        """Keep what a job or the engine printed: no secret may be in it."""
        with (self.state / "output" / name.replace("/", "_")).open("a", encoding="utf-8", errors="surrogateescape") as log:
            log.write(text)

    @property
    def started_log(self) -> Path:
        """Where each process that starts is noted, of a plan with secrets: its arguments and its environment."""
        return self.state / "started"

    def started(self, words: Iterable[str], environ: Mapping[str, str] | None = None) -> None:
        """An engine starts a process that neither the probe nor a program on the ground's path sees: one in a container of its own,
        a helper that brings files, a service, a builder. No secret may be among its `words`; in its environment only those that
        some job of the run names.
        """
        if not self.started_log.exists():
            return
        number = f"engine-{next(self._numbers)}"
        for kind, texts in (("argv", words), ("environ", (f"{name}={text}" for name, text in (environ or {}).items()))):
            (self.started_log / f"{number}.{kind}").write_bytes("\0".join(texts).encode(errors="surrogateescape"))

    def private(self, path: Path) -> None:
        """Say that a file or folder is the system's own store of secrets, or where a secret's file lies for one job alone and ends with
        it: a secret is allowed to be there. Everywhere else below `work` it counts as left behind. A part of the path may be `*`.
        """
        self._private.add(path)

    def is_private(self, path: Path) -> bool:
        """Whether that was said of a path."""
        return any(path.match(str(each)) for each in self._private)

    def _lay_traps(self, plan: Plan, scenario: Scenario) -> None:
        for failure in scenario.failures:
            attempts = "all" if failure.attempts is None else str(failure.attempts)
            which = "output" if failure.kind == "output" else str(failure.index)
            (self.state / "fail" / f"{failure.job}.{which}").write_text(f"{failure.kind} {failure.status} {attempts}\n")
        for stage in plan.stages:
            if stage.outputs:
                (self.state / "outputs" / stage.name).write_text("".join(f"{path}\n" for path in stage.outputs))

    def _commit(self, plan: Plan, scenario: Scenario, world: World) -> None:
        """Four commits: `old` and `trunk` on trunk, `newer` beyond it, `head` and `beside` beside it; and the refs that the event shows."""
        self.files = {**FILES, **{path: f"{path}\n" for path in _named(plan)}}
        touched = {path: f"changed {path}\n" for path in scenario.happening.changed}
        happening = scenario.happening
        own = (world.title, self.message, self.author)
        stream = [
            _commit("refs/heads/@old", 1, ("Start", MESSAGE, AUTHOR), self.files, None),
            _commit("refs/heads/@trunk", 2, own, {"CHANGES": "one\n"}, ":1"),
            _commit("refs/heads/@newer", 3, ("Newer", MESSAGE, AUTHOR), {"CHANGES": "two\n"}, ":2"),
            _commit("refs/heads/@head", 4, own, touched or {"CHANGES": "head\n"}, ":1"),
            _commit("refs/heads/@beside", 5, own, {"CHANGES": "beside\n"}, ":1"),
        ]
        git(self.root, "init", "--quiet", "--bare", "--initial-branch", plan.trunk, str(self.repository))
        git(self.repository, "fast-import", "--quiet", "--force", stdin="".join(stream))
        names = ("old", "trunk", "newer", "head", "beside")
        shas = git(self.repository, "rev-parse", *(f"refs/heads/@{name}" for name in names)).split()
        self.commits = dict(zip(names, shas, strict=True))
        refs = {f"refs/heads/{plan.trunk}": "trunk"}
        if scenario.overtaken:
            refs[f"refs/heads/{plan.trunk}"] = "newer"
        if happening.kind == "push" and happening.branch not in ("", plan.trunk):
            refs[f"refs/heads/{happening.branch}"] = "head"
        if happening.kind == "pull_request":
            refs |= {f"refs/heads/{happening.branch}": "head", f"refs/pull/{World().pull_request}/head": "head"}
            if happening.target not in ("", plan.trunk):
                refs[f"refs/heads/{happening.target}"] = "trunk"
        if happening.kind == "tag":
            refs[f"refs/tags/{happening.tag}"] = "beside" if happening.beside_trunk else "trunk"
        lines = [f"delete refs/heads/@{name}\n" for name in names] + [f"update {ref} {self.commits[name]}\n" for ref, name in refs.items()]
        git(self.repository, "update-ref", "--stdin", stdin="".join(lines))
        if "head" in (refs.values()):
            self.files = {**self.files, **(touched or {"CHANGES": "head\n"})}
        else:
            self.files = {**self.files, "CHANGES": "beside\n" if happening.beside_trunk else "one\n"}


def git(folder: Path, *words: str, stdin: str = "") -> str:
    """What git prints. Raises RuntimeError with what it complained of."""
    dates = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(["git", *words], cwd=folder, env=dates, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"git {' '.join(words)}: {done.stderr}")
    return done.stdout


def _commit(ref: str, mark: int, told: tuple[str, str, str], files: Mapping[str, str], parent: str | None) -> str:
    title, message, author = told
    who = f"{author} <{EMAIL}> {ROOT_DATE + 60 * mark} +0000"
    lines = [f"commit {ref}\nmark :{mark}\nauthor {who}\ncommitter {who}\n", _data(f"{title}\n\n{message}")]
    if parent:
        lines.append(f"from {parent}\n")
    for path, text in files.items():
        lines.append(f"M 100644 inline {_quoted(path)}\n{_data(text)}")
    return "".join(lines) + "\n"


def _quoted(path: str) -> str:
    """A path as fast-import reads any: in double quotes, as in C."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _keys(plan: Plan) -> dict[str, bool]:
    """The keys of every secret that the plan names, registries' too, and whether it is a file wherever it is named."""
    found = [secret for stage in plan.stages for secret in stage.secrets]
    for stage in plan.stages:
        registry = stage.container.registry if stage.container else None
        found += [secret for secret in (registry.username, registry.password) if secret] if registry else []
    texts = {secret.stored for secret in found if not secret.file}
    return {secret.stored: secret.stored not in texts for secret in found}


def _named(plan: Plan) -> list[str]:
    """Files of the repository that a plan counts on."""
    found = [path for stage in plan.stages for cache in stage.caches for path in cache.key_files]
    found += [environment.config for environment in plan.environments if environment.config]
    for container in (stage.container for stage in plan.stages if stage.container):
        folder = "" if container.context == "." else f"{container.context.rstrip('/')}/"
        found += [container.dockerfile, *([] if container.dockerfile.startswith(folder) else [f"{folder}app.py"])]
    return list(dict.fromkeys(path.removeprefix("./") for path in found))
