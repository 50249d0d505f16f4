"""The engine of the conformance suite: Cloud Build's rules, by an interpreter that runs each step's own words."""

from __future__ import annotations

import selectors
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import mkdtemp
from weakref import finalize, ref

from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Ground, Level
from tests.engines.cloudbuild import container, triggers
from tests.engines.cloudbuild.builds import Build
from tests.engines.cloudbuild.programs import Call, Server
from tests.engines.cloudbuild.service import Place, Service
from tests.readers import cloudbuild

PROJECT = "acme-ci"


class House:
    """What an engine has open: the socket that programs ask at, and the empty folder in which containers get their root."""

    def __init__(self, answer: Callable[[Call], None]) -> None:
        self.selector = selectors.DefaultSelector()
        self.server = Server(self.selector, answer)
        self.root = Path(mkdtemp(prefix="pkcb-"))

    def close(self) -> None:
        self.server.close()
        self.selector.close()
        shutil.rmtree(self.root, ignore_errors=True)


class Interpreter:
    """Cloud Build in one process. `bucket` is the bucket that the project has, `region` where its triggers are.

    `stored` is a folder of what lies in the bucket before a run, where there is one; `builds` are the last run's.
    """

    name = "cloudbuild-rules"
    level: Level = "L2"
    hides: Mapping[Feature, str] = {
        "cache": "a bucket's caches live longer than a run, and each scenario begins with an empty one",
        "keep": "what stays after a run is no line of a trace",
        "reports": "what stays after a run is no line of a trace",
        "runner": "all steps run on this machine",
        "cancel_superseded": "a scenario has one run of a pull request",
        "gate_timeout": "people answer at once",
    }

    def __init__(self, region: str, bucket: str) -> None:
        self.region = region
        self.bucket = bucket
        self.stored: Path | None = None
        self.builds: list[Build] = []
        self.service: Service | None = None
        self.house: House | None = None
        self.read: tuple[Mapping[str, str], cloudbuild.CloudBuild, list[str]] | None = None

    def missing(self) -> str | None:
        return container.missing()

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        if any(stage.checkout.lfs or stage.checkout.submodules for stage in plan.stages):
            return "the ground's repository has no submodules and no LFS files"
        return None

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        if self.read is None or self.read[0] is not files:
            problems = cloudbuild.problems(files)
            self.read = (files, cloudbuild.read(files), problems)
        _, found, problems = self.read
        if problems:
            ground.output("cloudbuild", "".join(f"{problem}\n" for problem in problems))
            ground.run_end("nothing")
            return
        house = self.opened()
        house.server.install(ground.bin)
        place = Place(PROJECT, self.region, ground.work / "cloud", house.root)
        bucket = place.folder / "buckets" / self.bucket
        bucket.mkdir(parents=True)
        if self.stored:
            shutil.copytree(self.stored, bucket, dirs_exist_ok=True)
        trunk = (ground.repository / "HEAD").read_text().strip().removeprefix("ref: refs/heads/")
        self.service = service = Service(found.builds, found.triggers, place, ground, scenario, house.selector)
        service.past()
        try:
            for start in triggers.fired(found.triggers, scenario.happening, ground, trunk):
                service.start(start)
            if not service.machines:
                ground.run_end("nothing")
                return
            service.run()
        finally:
            for machine in service.machines:
                if not machine.build.is_over:
                    machine.finish("CANCELLED")
            self.service, self.builds = None, [machine.build for machine in service.machines]
        bad = any(machine.build.status in ("FAILURE", "TIMEOUT") for machine in service.machines)
        ground.run_end("failed" if bad else "passed")

    def opened(self) -> House:
        """The engine's own things, made when they are first needed, and gone with the engine."""
        if self.house is None:
            own = ref(self)

            def answer(call: Call) -> None:
                engine = own()
                if engine and engine.service:
                    engine.service.answer(call)

            self.house = House(answer)
            finalize(self, self.house.close)
        return self.house

    def close(self) -> None:
        if self.house:
            self.house.close()
            self.house = None
