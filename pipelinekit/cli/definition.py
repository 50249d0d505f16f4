"""What all commands begin with: the definition, read and checked, or findings and an exit code."""

import gc
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipelinekit.backend.settings import read as settings_of
from pipelinekit.check import check
from pipelinekit.cli.guard import reading
from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.load import load, source_of
from pipelinekit.lock import file as lock
from pipelinekit.model.plan import Plan, Source
from pipelinekit.model.value import replace
from pipelinekit.semantics.pins import moving

if TYPE_CHECKING:
    from collections.abc import Iterator


def checked(file: str, *, untrusted: bool = False) -> tuple[Plan, tuple[Diagnostic, ...]]:
    """The plan of a definition, or of the JSON that `show --json` prints, with the lock beside it, and what there is to say about it.

    With `untrusted`, the definition runs in a sandbox. Raises DefinitionError when one of them can't be read.
    """
    with reading(file):
        plan = read(file, untrusted=untrusted)
        found = _lock_apart(file) if untrusted else lock.read(lock.place(file))
        plan = plan if found is None else replace(plan, locked=found)
        return plan, check(plan)


def read(file: str, *, untrusted: bool = False) -> Plan:
    """The plan without a lock. Raises DefinitionError when it can't be read."""
    with reading(file):
        if file.endswith(".json"):
            plan = _from_json(file)
        elif untrusted:
            from pipelinekit.sandbox import load as load_apart

            plan = load_apart(file)
        else:
            plan = load(file)
    return plan


def unpinned(plan: Plan) -> tuple[Diagnostic, ...]:
    """The warning that a definition without a lock names images by tags: one, however many there are."""
    images = [] if plan.locked is not None else list(moving(plan))
    if not images:
        return ()
    many = "1 image by a tag" if len(images) == 1 else f"{len(images)} images by tags"
    shown = f"{', '.join(images[:3])}{' …' if len(images) > 3 else ''}"
    message = f"the definition names {many} that may move: {shown}"
    return (Diagnostic("PK039", "warning", message, "pipelinekit lock pins them", plan.source),)


def unused(plan: Plan, file: str) -> "Iterator[Diagnostic]":
    """A note for each image of the lock that neither a stage nor an installed backend names by a tag."""
    from pipelinekit.backend import pins, registry

    known = set(moving(plan))
    for target in registry.entry_points() if plan.locked else ():
        settings, _ = settings_of(registry.load(target).settings, plan.targets.get(target, {}), target, plan.source)
        known.update(pins.moving_settings(settings).values())
    for image in plan.locked or ():
        if image not in known:
            yield Diagnostic("PK040", "note", f"nothing names {image} any more", "pipelinekit lock drops it", Source(lock.place(file)))


def _lock_apart(file: str) -> dict[str, str] | None:
    """The lock of an untrusted definition, which may be a link to something that nobody there should see."""
    from pipelinekit import files

    text = files.read(os.path.dirname(file) or ".", lock.NAME)
    return None if text is None else lock.parsed(text, lock.place(file))


def _from_json(file: str) -> Plan:
    from pipelinekit.check.outside import unfit
    from pipelinekit.model.border import LARGEST, from_json

    try:
        text = source_of(file, LARGEST).decode("utf-8")
    except UnicodeDecodeError:
        raise DefinitionError(Diagnostic("PK031", "error", f"can't read {file}: it is no UTF-8 text", "", Source(file))) from None
    plan = from_json(text, file)
    problems = unfit(plan, file)
    if problems:
        raise DefinitionError(*problems)
    return plan


def failed(diagnostics: "tuple[Diagnostic, ...] | list[Diagnostic]") -> bool:
    return any(diagnostic.level == "error" for diagnostic in diagnostics)


@contextmanager
def without_gc() -> "Iterator[None]":
    """A definition and what is made of it live until the process ends: looking for garbage among it costs a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
