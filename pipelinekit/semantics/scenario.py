"""What happens to a pipeline: the event, which commands fail, what people decide, which secrets exist."""

from typing import Literal, TypeAlias

from pipelinekit.model.plan import EventKind, Pairs
from pipelinekit.model.value import value

FailureKind: TypeAlias = Literal["exit", "hang", "output"]


@value
class Happening:
    """What starts a run. `branch` is the pushed branch or a pull request's source; of a pull request `target` is where it goes.

    `changed` are the files that a pull request touches, relative to the repository's top. An empty `branch` or `target`
    is trunk. `beside_trunk` says that a tag's commit is not on trunk. `title`, `message` and `author` are those of the run's commit,
    the title that of its pull request too; empty, they are the world's. All but `kind` and `name` may be an outsider's text.
    """

    kind: EventKind = "push"
    name: str = ""
    branch: str = ""
    target: str = ""
    tag: str = ""
    beside_trunk: bool = False
    fork: bool = False
    changed: tuple[str, ...] = ()
    inputs: Pairs = ()
    title: str = ""
    message: str = ""
    author: str = ""


@value
class Failure:
    """That a job fails: its command `index` (counted over setup and commands, from 0) in the first `attempts` attempts, None for all.

    `exit` ends it with the status `status`; `hang` never ends, so that the job's timeout must; `output` lets all commands
    pass and takes the declared outputs away.
    """

    job: str
    index: int = 0
    kind: FailureKind = "exit"
    status: int = 1
    attempts: int | None = None


@value
class Scenario:
    """One run: `rejected` are gates that people turn down (all others they approve), `missing` keys that the secret store
    lacks, `overtaken` environments that a newer delivery reaches before this run's first job there.
    """

    name: str
    happening: Happening = Happening()
    failures: tuple[Failure, ...] = ()
    rejected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()

    def failure(self, job: str, attempt: int) -> Failure | None:
        """How this attempt of a job (counted from 1) fails, or None."""
        for failure in self.failures:
            if failure.job == job and (failure.attempts is None or attempt <= failure.attempts):
                return failure
        return None
