"""Random plans, built through the authoring API: every kind and option, legal by construction."""

from __future__ import annotations

import string
from typing import Any, Literal

from hypothesis import strategies as st

from pipelinekit import (
    Cache,
    Checkout,
    Environment,
    Event,
    Input,
    Matrix,
    Pipeline,
    Registry,
    Runner,
    Secret,
    Service,
    changed,
    ci,
    on,
)
from pipelinekit.authoring.stage import Artifact, Stage
from pipelinekit.model.features import FEATURES
from pipelinekit.model.plan import Plan
from pipelinekit.recipes import alembic, container, dvc, smoke

CHECKS = ("lint", "test", "data_pull", "step", "build")
DELIVERIES = ("migrate", "deploy", "verify")
TARGETS = ("cloudbuild", "concourse", "drone", "gitlab", "jenkins")
IMAGES = (
    "python:3.12-slim",
    "registry.example.com:5000/team/app:1.4",
    "alpine@sha256:" + "0" * 64,
    "node:22",
    f"registry.example.com/app:{ci.sha}",
)
FACTS = (
    ci.sha,
    ci.short_sha,
    ci.run_url,
    ci.event,
    ci.branch,
    ci.target_branch,
    ci.tag,
    ci.pull_request,
    ci.author,
    ci.title,
    ci.repository,
    ci.environment,
)
COMMANDS = (
    "pytest -q",
    'echo "it\'s $HOME and ${USER:-nobody}"',
    "echo 'single \"quotes\" $5 `x`'",
    "printf '%s\\n' a b | grep -c '((' || true",
    "echo ${{ github.sha }} {{ .Values }} ((param)) $$ \\$1",
    "cat <<'EOF'\nkey: [a, b]\n\ttab\nEOF",
    "if true; then\n  echo é ✓\nfi",
    "cd src && make",
    "export A=1",
    "# only a comment\ntrue",
    "echo trailing space ",
    "exit 0",
    ": - ? @ & * ! | > % `",
    "yes: no",
)

SETUPS: st.SearchStrategy[Any] = st.sampled_from([(), "pip install -r r.lock", ["apt-get update", dvc.pull("data/", lock="dvc.lock")]])

words = st.text(string.ascii_lowercase, min_size=1, max_size=6)
printable = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=20)
commands = st.one_of(
    st.sampled_from(COMMANDS),
    st.sampled_from(FACTS).map(lambda fact: f'echo "{fact}"'),
    printable.filter(lambda text: "PK_" not in text and "$" not in text and bool(text.strip()) and "://" not in text),
).filter(lambda text: not text.rstrip(" \t").endswith("\\"))
texts = st.one_of(
    st.sampled_from(["1", "true", "", " ", "a: b", "#x", "$HOME", "it's", '"', "é", "${NOT_A_FACT}", "two\nlines", "%s", "{{x}}"]),
    printable,
)
durations: st.SearchStrategy[Any] = st.one_of(st.none(), st.sampled_from(["90s", "15m", "1h 30m", "2 hours", 45]))


@st.composite
def variables(draw: st.DrawFn, prefix: str) -> dict[str, str]:
    names = draw(st.lists(st.sampled_from(["MODE", "SIZE", "lower_case", "_X"]), unique=True, max_size=2))
    return {f"{prefix}{name}": draw(texts.filter(lambda text: "PK_" not in text)) for name in names}


@st.composite
def secrets(draw: st.DrawFn, prefix: str) -> list[Secret]:
    names = draw(st.lists(st.sampled_from(["TOKEN", "DATABASE_URL"]), unique=True, max_size=2))
    return [
        Secret(
            f"{prefix}{name}",
            stored=draw(st.sampled_from([None, f"STORED_{name}"])),
            file=draw(st.booleans()),
            optional=draw(st.booleans()),
        )
        for name in names
    ]


@st.composite
def services(draw: st.DrawFn) -> list[Service]:
    aliases = draw(st.lists(st.sampled_from(["db", "queue", "web-app"]), unique=True, max_size=2)) if draw(st.integers(0, 2)) == 0 else []
    return [
        Service(
            alias,
            image=draw(st.sampled_from(IMAGES[:4])),
            port=draw(st.sampled_from([80, 5432, 65535])),
            variables=draw(variables("S_")),
            command=draw(st.sampled_from([None, "redis-server --appendonly no", "sh -c 'serve \"$PORT\"'"])),
        )
        for alias in aliases
    ]


@st.composite
def runners(draw: st.DrawFn) -> Runner | None:
    if draw(st.integers(0, 15)):
        return None
    return Runner(
        *draw(st.lists(st.sampled_from(["linux", "gpu", "team:ds"]), unique=True, max_size=2)),
        arch=draw(st.sampled_from([None, "amd64", "arm64"])),
        cpus=draw(st.sampled_from([None, 1, 8])),
        memory=draw(st.sampled_from([None, "512Mi", "16Gi"])),
        gpus=draw(st.sampled_from([0, 1])),
    )


def checkouts() -> st.SearchStrategy[Checkout | None]:
    flags = st.booleans()
    return st.none() | st.builds(lambda h, t, f, s: Checkout(history=h, tags=t, lfs=f, submodules=s), flags, flags, flags, flags)


caches: st.SearchStrategy[Any] = st.sampled_from(
    [(), Cache.pip("r.lock"), [Cache("a/b", key=["x.lock", "y.lock"]), Cache("c")], Cache.dvc(), Cache("lib", variable="LIB_DIR")]
)


@st.composite
def raws(draw: st.DrawFn, *, rarely: bool = True) -> dict[str, Any] | None:
    if draw(st.integers(0, 9)):
        return None
    return {
        draw(st.sampled_from(TARGETS)): {
            draw(st.sampled_from(["tags", "x-note", "options"])): draw(st.sampled_from(["a", ["b"], {"c": 1}, None]))
        }
    }


@st.composite
def matrices(draw: st.DrawFn) -> list[Matrix]:
    axes = [Matrix("python", "3.11", "3.12"), Matrix("os", "linux"), Matrix("model_kind", "a", "B_2", "c-d")]
    return draw(st.lists(st.sampled_from(axes), unique=True, max_size=2)) if draw(st.integers(0, 3)) == 0 else []


class Events:
    """The events of one plan: every schedule, tag and manual run in one spelling, so that no two of them overlap."""

    def __init__(self, draw: st.DrawFn) -> None:
        forks = draw(st.booleans())
        inputs = draw(st.sampled_from([(), (Input("problem", "houses", choices=("houses", "iris"), help="which"), Input("dry-run"))]))
        self.push = on.push()
        self.deliveries = [self.push, on.tag("v*"), on.schedule("nightly", "0 3 * * *"), on.manual("ship", inputs=inputs)]
        self.all = [*self.deliveries, on.pull_request(forks=forks), on.push("release/*", "hotfix-**")]

    def some(self, draw: st.DrawFn) -> list[Event]:
        return draw(st.lists(st.sampled_from(self.all), min_size=1, max_size=3, unique_by=lambda event: event._event))


class _Builder:
    """One plan while it is drawn."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.events = Events(draw)
        self.pipeline = Pipeline(
            draw(words),
            trunk=draw(st.sampled_from(["main", "master", "trunk/2.0"])),
            image="python:3.12-slim",
            setup=draw(SETUPS),
            shell=draw(st.sampled_from(["sh", "bash"])),
            cache=draw(caches),
            variables=draw(variables("P_")),
            triggers=self.events.some(draw) if draw(st.booleans()) else None,
            timeout=draw(durations),
            runner=draw(runners()),
            checkout=draw(checkouts()),
            cancel_superseded=draw(st.booleans()),
            raw=draw(raws()),
            targets=draw(st.sampled_from([None, {"concourse": {"services": "docker"}}])),
            accept={target: dict.fromkeys(FEATURES, "a fuzz takes it") for target in TARGETS} if draw(st.booleans()) else None,
        )
        self.stages: list[Stage] = []
        self.outputs: dict[str, list[Artifact]] = {}
        self.environments = [
            self._environment(name) for name in draw(st.sampled_from([[], ["production"], ["production"], ["staging", "production"]]))
        ]
        self.gated: set[str] = set()
        self.number = 0

    def _environment(self, name: str) -> Environment:
        draw = self.draw
        return Environment(
            name,
            url=draw(st.sampled_from([f"https://{name}.example", f"http://{name}.example:8080/app/"])),
            config=draw(st.sampled_from([None, "config/{env}.toml"])),
            variables=draw(variables("E_")),
            secrets=draw(secrets("E_")),
            on=draw(
                st.none() | st.lists(st.sampled_from(self.events.deliveries), min_size=1, max_size=2, unique_by=lambda event: event._event)
            ),
        )

    def name(self) -> str:
        self.number += 1
        return f"{self.draw(words)}-{self.number}"

    def needs(self) -> list[Stage | Artifact]:
        if not self.stages:
            return []
        chosen = self.draw(st.lists(st.sampled_from(self.stages), unique_by=lambda stage: stage.name, max_size=3))
        found: list[Stage | Artifact] = []
        for stage in chosen:
            files = self.outputs.get(stage.name, [])
            found += self.draw(st.lists(st.sampled_from(files), max_size=2)) if files else []
            found.append(stage)
        return found

    def options(self, matrix: list[Matrix], *, cells: str) -> dict[str, Any]:
        """The options that checks and deliveries share."""
        draw = self.draw
        return {
            "name": self.name(),
            "variables": draw(variables("V_")),
            "secrets": draw(secrets("V_")),
            "image": draw(st.sampled_from([None, *IMAGES])) if not matrix or draw(st.booleans()) else f"tool:{matrix[0]}",
            "setup": draw(st.sampled_from([None, "", "npm ci"])),
            "shell": draw(st.sampled_from([None, "sh", "bash"])),
            "services": draw(services()),
            "reports": draw(st.sampled_from([(), f"reports/{cells}r.xml"])),
            "cache": draw(st.none() | caches),
            "timeout": draw(durations),
            "retries": draw(st.sampled_from([0, 0, 1, 3])),
            "lock": draw(st.sampled_from([None, None, "gpu-box"])),
            "runner": draw(runners()),
            "checkout": draw(checkouts()),
            "raw": draw(raws()),
            **draw(st.sampled_from([{}] * 12 + [{"keep": f"logs/{cells}*.txt"}, {"keep": f"logs/{cells}*.txt", "keep_for": "30 days"}])),
        }

    def check(self) -> None:
        draw = self.draw
        matrix = draw(matrices())
        cells = "".join(f"{axis}-" for axis in matrix)
        given = self.options(matrix, cells=cells)
        outputs = draw(st.sampled_from([[], [], ["dist/"], [f"out/{cells}m.json", f"o-{cells}x/"]]))
        free = bool(matrix) and draw(st.booleans())
        if free:
            outputs = [*outputs, "same.txt"]
        may_be_missing = draw(st.sampled_from(["", "", "", "allow_failure", "only_if"]))
        options: dict[str, Any] = {"allow_failure": True, "only_if": changed("src/**", "*.py")}
        extra = {may_be_missing: options[may_be_missing]} if may_be_missing else {}
        lines = draw(st.lists(commands, min_size=1, max_size=3)) + [f"tox -e {axis}" for axis in matrix]
        stage = getattr(self.pipeline, draw(st.sampled_from(CHECKS)))(
            *lines, needs=self.needs(), outputs=outputs, matrix=matrix, **given, **extra
        )
        self.stages.append(stage)
        if not may_be_missing:
            self.outputs[stage.name] = self._artifacts(stage, matrix, outputs, cells)

    def _artifacts(self, stage: Stage, matrix: list[Matrix], outputs: list[str], cells: str) -> list[Artifact]:
        if not matrix:
            return [stage[path] for path in outputs]
        one = stage.cell(**{axis.name: axis.values[-1] for axis in matrix})
        own = [stage[path] for path in outputs if cells in path and path not in ("dist/", "same.txt")]
        return [*own, *(one[path] for path in outputs)]

    def image(self) -> None:
        draw = self.draw
        quay = Registry("quay.io", username=Secret("QUAY_USER"), password=Secret("QUAY_PASSWORD", stored="Q_P"))
        build = container(
            "quay.io/acme/price",
            tag=draw(st.sampled_from([ci.sha, f"v-{ci.short_sha}"])),
            also=draw(st.sampled_from([[], ["latest"], ["latest", "stable"]])),
            context=draw(st.sampled_from([".", "service"])),
            dockerfile=draw(st.sampled_from([None, "docker/Dockerfile.api"])),
            args=draw(st.none() | st.just({"PYTHON": "3.12", "NOTE": "a 'b' \"c\""})),
            registry=draw(st.sampled_from([None, quay])),
        )
        stage = self.pipeline.build(
            build,
            name=self.name(),
            needs=self.needs(),
            timeout=draw(durations),
            retries=draw(st.sampled_from([0, 2])),
            lock=draw(st.sampled_from([None, "builder"])),
            runner=draw(runners()),
            checkout=draw(checkouts()),
            raw=draw(raws()),
        )
        self.stages.append(stage)

    def gate(self) -> None:
        needs = self.needs() or self.stages[-1:]
        message = self.draw(st.sampled_from(["Ship?", "Is the model good: yes? 'no'", "Wollen wir «liefern»?"]))
        stage = self.pipeline.gate(message, needs=needs, name=self.name(), timeout=self.draw(durations), raw=self.draw(raws()))
        self.stages.append(stage)

    def delivery(self) -> None:
        draw = self.draw
        environment = draw(st.sampled_from(self.environments))
        recipe = draw(st.sampled_from([[], [alembic.upgrade()], [smoke.http("/version", expect=ci.sha)]]))
        lines = [*draw(st.lists(commands, min_size=1, max_size=2)), *recipe]
        outputs = draw(st.sampled_from([[], ["deployed.txt"]]))
        kind = getattr(self.pipeline, draw(st.sampled_from(DELIVERIES)))
        stage = kind(*lines, environment=environment, needs=self.needs(), outputs=outputs, **self.options([], cells=""))
        self.stages.append(stage)
        self.outputs[stage.name] = [stage[path] for path in outputs]

    def post(self) -> None:
        outcomes: list[Literal["on_failure", "always"]] = ["on_failure", "always"]
        when = self.draw(st.sampled_from(outcomes))
        self.pipeline.step(*self.draw(st.lists(commands, min_size=1, max_size=2)), when=when, **self.options([], cells=""))


@st.composite
def pipelines(draw: st.DrawFn, *, max_stages: int = 6) -> Pipeline:
    """A legal pipeline of up to `max_stages` stages. `check` may still find fault with how its events and gates meet."""
    builder = _Builder(draw)
    builder.check()
    moves = ["check", "check", "check", "image", "gate", "post", *(["delivery"] * 5 if builder.environments else [])]
    for move in draw(st.lists(st.sampled_from(moves), max_size=max_stages - 1)):
        getattr(builder, move)()
    return builder.pipeline


def plans(*, max_stages: int = 6) -> st.SearchStrategy[Plan]:
    """The plans of such pipelines."""
    return pipelines(max_stages=max_stages).map(Pipeline.plan)
