"""What the tool says about a definition: a code, a level, a place, one sentence, a hint. Codes never change their meaning."""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from pipelinekit.model.plan import NOWHERE, Source
from pipelinekit.model.value import field, value

Level: TypeAlias = Literal["error", "warning", "note"]


@value
class Diagnostic:
    """One finding. `target`, `feature`, `stage` and `limit` say what it is about, where it is about one."""

    code: str
    level: Level
    message: str
    hint: str = ""
    source: Source = NOWHERE
    target: str | None = None
    feature: str | None = None
    stage: str | None = None
    related: tuple[Source, ...] = field(default=())
    limit: str | None = None

    def __str__(self) -> str:
        about = f"[{self.target}] " if self.target else ""
        hint = f" ({self.hint})" if self.hint else ""
        return printable(f"{self.source}: {self.level} {self.code}: {about}{self.message}{hint}")


def printable(text: str) -> str:
    """The text in one line that a terminal shows as it stands: whatever would move the cursor, colour, hide, turn round or break it is
    written as Python writes it.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


class DefinitionError(Exception):
    """The definition can't mean anything; raised at the user's line, with the diagnostics that say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(str(diagnostic) for diagnostic in diagnostics))
        self.diagnostics = diagnostics


CODES: dict[str, tuple[str, str]] = {
    # The definition, said by the constructor or by check.
    "PK001": ("name", "Names are 1 to 40 of a-z, 0-9 and -, beginning with a letter, in every system's files."),
    "PK002": ("duplicate name", "Two stages, environments or axes would have one name; give one of them name=."),
    "PK003": ("reserved name", "Some engine keeps this word for itself; a pipeline that uses it couldn't move there."),
    "PK004": ("unknown need", "A need is a stage, or a file of a stage, that this pipeline has: a value, not a name."),
    "PK005": ("foreign need", "The stage belongs to another Pipeline."),
    "PK006": ("unknown artifact", "Only files that a stage declares in outputs= can be asked for."),
    "PK007": ("empty script", "A stage without a command does nothing; engines differ in what they make of it."),
    "PK008": ("image name", "The text is not a container image reference: [host/]path[:tag][@digest], lower case."),
    "PK009": ("secret in clear text", "A literal looks like a credential; the emitted files are public to the team."),
    "PK010": ("variable name", "Variables are [A-Za-z_][A-Za-z0-9_]* and not one that an engine or pipelinekit sets."),
    "PK011": ("variable set twice", "One process sees one value; only a stage variable may replace a pipeline variable."),
    "PK012": ("duration", 'Durations are a number and a unit: "90s", "15m", "1h 30m", "7 days".'),
    "PK013": ("value that will not expand", "A fact or matrix value stands where the shell takes it literally."),
    "PK014": ("outsiders' text", "Branch names, titles and the like reach scripts as variables only."),
    "PK015": ("image tag", "A tag that doesn't hold the commit can be overwritten by a later run."),
    "PK016": ("options that exclude each other", "The two together have no meaning that all systems could keep."),
    "PK017": ("path", "Paths are relative to the repository, in it, without globs where one file or folder is meant."),
    "PK018": ("schedule", "A schedule is five cron fields, in UTC: minute hour day-of-month month day-of-week."),
    "PK019": ("matrix", "An axis has at least one value, each once, and its own name."),
    "PK020": ("events too narrow", "A stage must run wherever something that needs it runs."),
    "PK021": ("used before defined", "Needs are values: a stage can only need what stands above it, so no cycle can be."),
    "PK022": ("cycle", "Stages that need one another never start."),
    "PK023": ("gate inside a block", "Waiting for a person would hold the environment's lock."),
    "PK024": ("files that may be missing", "A stage that may fail or be left out can't promise its files."),
    "PK025": ("two cells write one path", "The files of the cells would overwrite one another."),
    "PK026": ("events overlap", "One push or tag would start two runs in the systems that have a file per event."),
    "PK027": ("unknown target", "No backend of that name is installed."),
    "PK028": ("unknown feature or setting", "The name is not one that this target knows."),
    "PK029": ("pipelines in the file", "The definition must have exactly one Pipeline."),
    "PK030": ("definition failed", "The definition raised an exception while it was read."),
    "PK031": ("file", "A file that was named can't be read or written."),
    "PK032": ("value", "A value has the wrong type or is outside its range."),
    "PK033": ("text", "The text holds a character that can't reach a shell: NUL or a lone surrogate."),
    "PK034": ("unknown environment", "The environment belongs to no stage, or two different ones have one name."),
    "PK035": ("nothing runs", "No event selects this stage."),
    "PK037": ("image never published", "Images are published in deliveries: events that some environment takes."),
    "PK038": ("outsiders' text as code", "Whoever may open a pull request would choose what runs: a reader of code is given their text."),
    "PK039": ("image not pinned", "A tag can be moved to another image at any time, by whoever may push to its repository."),
    "PK040": ("lock file", "pipelinekit.lock lacks an image, holds one that nothing names, or can't be read."),
    "PK041": ("definition over its limits", "Reading a definition takes a moment; this one took too long or too much."),
    "PK042": ("no sandbox", "A definition that nobody vouches for isn't run without a sandbox, and there is none."),
    # A target, said from its table.
    "PK1401": ("stale file", "A committed file differs from what the definition renders to."),
    "PK1402": ("refused", "This target has no honest form for the feature."),
    "PK1403": ("unsafe", "This target may run more, earlier, at the same time, or with a wider secret."),
    "PK1404": ("weakened", "This target runs less, later, one after another, or shows more files."),
    "PK1405": ("lowered", "Rewritten for this target, with its meaning kept."),
    "PK1406": ("raw", "Text of one system stands in the definition; nobody but that system checks it."),
    "PK1407": ("acceptance without use", "accept= names something that this target loses nothing of."),
    "PK1408": ("limit", "The file would break a limit of the engine."),
    "PK1409": ("file not ours", "The file at that path wasn't written by pipelinekit."),
    "PK1410": ("missing setting", "A file of this target isn't written: what stands in it only that system's side knows."),
}  # fmt: skip


def nearest(word: str, words: Iterable[str]) -> str:
    """The hint `did you mean …?` for a misspelt word, or the choices when none is near."""
    from difflib import get_close_matches

    choices = sorted(words)
    near = get_close_matches(word, choices, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    shown = ", ".join(choices[:8])
    return f"there is {shown}{' …' if len(choices) > 8 else ''}" if choices else "there is none"
