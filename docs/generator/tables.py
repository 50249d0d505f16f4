"""Tables and lists of what the code says: features and settings of the backends, commands, signatures."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pipelinekit
from pipelinekit import Pipeline
from pipelinekit import recipes as recipe_modules
from pipelinekit.authoring.kinds import Build, Check, Delivery
from pipelinekit.backend import registry
from pipelinekit.backend.interface import AnyBackend
from pipelinekit.backend.support import Case, Support, cases
from pipelinekit.cli.explain import WORDS
from pipelinekit.cli.targets import word
from pipelinekit.model.features import FEATURES, Feature
from pipelinekit.model.value import REQUIRED, Field


def cell(text: str) -> str:
    """A text that can stand in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def code(text: str) -> str:
    return f"`{cell(text)}`" if text else ""


def backends() -> list[AnyBackend]:
    return [registry.load(name) for name in registry.entry_points()]


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def target_table() -> str:
    """The systems: name, what it was written for, files."""
    rows = [(f"[{b.title}]({b.docs})", code(b.name), b.engine, ", ".join(code(file) for file in b.files)) for b in backends()]
    return table(("system", "target", "written for", "files"), rows)


def feature_table(*, links: bool, level: Callable[[str, str], str] = lambda _target, _feature: "") -> str:
    """Feature × target, in one word, with the level to which it is proven where `level` says it."""
    found = backends()
    rows = []
    for feature, meaning in FEATURES.items():
        first = f"[{feature}](#{feature})" if links else meaning
        words = (f"{word(backend, feature)} {level(backend.name, feature)}".rstrip() for backend in found)
        rows.append((first, *(text.replace("*", "\\*") for text in words)))
    return table(("feature", *(backend.name for backend in found)), rows)


def feature_rows(feature: Feature) -> list[str]:
    """What each target makes of a feature, with conditions, reasons and hints."""
    rows = []
    for backend in backends():
        entries = [_support(entry) for entry in cases(backend.table[feature])]
        rows.append(f"{backend.name}: {'; '.join(entries)}")
    return rows


def _support(entry: Case | Support) -> str:
    support = entry.support if isinstance(entry, Case) else entry
    when = f" where {entry.text}" if isinstance(entry, Case) else ""
    reason = f" ({support.reason})" if support.reason else ""
    hint = f". Hint: {support.hint}" if support.hint else ""
    return f"**{WORDS[type(support)]}**{when}{reason}{hint}"


def settings(backend: AnyBackend) -> list[tuple[str, str, str]]:
    """Name, default and help of each setting of a backend."""
    known: Mapping[str, Field] = vars(backend.settings)["__value_fields__"]
    return [(code(name), _default(field), cell(_help(field))) for name, field in known.items()]


def _default(field: Field) -> str:
    default = field.default if field.factory is None else field.factory()
    return "must be given" if default is REQUIRED else "" if default is None else code(repr(default))


def _help(field: Field) -> str:
    choices = ", ".join(repr(choice) for choice in field.metadata["choices"])
    example = field.metadata["example"]
    return str(field.metadata["help"]) + (f"; one of {choices}" if choices else "") + ("" if example is None else f"; like `{example!r}`")


def commands() -> list[Any]:
    """The commands of the command line, in the order of its help."""
    from typer.main import get_command

    from pipelinekit.cli.app import app

    return list(vars(get_command(app))["commands"].values())


def options(command: Any) -> Iterator[tuple[str, str]]:
    """Names and help of each option of a command."""
    for option in command.params:
        argument = "" if getattr(option, "is_flag", False) else f" {option.metavar}"
        names = ", ".join(code(name) for name in option.opts) if option.param_type_name == "option" else ""
        default = f" Default: {code(option.default)}." if isinstance(option.default, str) and option.default else ""
        yield f"{names}{argument}", f"{option.help}{default}"


KINDS = {name: member.fget for name, member in vars(Pipeline).items() if isinstance(member, property) and member.fget}


def kinds() -> dict[str, str]:
    """What each kind is for."""
    return {**{name: doc(kind) for name, kind in KINDS.items()}, "gate": doc(Pipeline.gate).split("\n\n")[0]}


def kind_options() -> list[tuple[str, str, str, str]]:
    """Option, type, default and meaning; the meanings stand in the docstring of Check, where an editor shows them."""
    meanings = _meanings(doc(Check.__call__)) | {"environment": "where it goes; for migrate, deploy and verify"}
    known = inspect.signature(Check.__call__).parameters | inspect.signature(Delivery.__call__).parameters
    rows = []
    for name, parameter in known.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            default = "must be given" if parameter.default is parameter.empty else code(repr(parameter.default))
            rows.append((code(name), code(_type(parameter.annotation)), default, cell(meanings[name])))
    return rows


def _meanings(text: str) -> dict[str, str]:
    """The meanings in a docstring that says "`name`: meaning. `one`, `other`: their meaning."."""
    found = {}
    for names, meaning in re.findall(r"((?:`\w+`(?:, )?)+): (.*?)(?=\s`\w+`(?:, `\w+`)*: |\Z)", text, re.DOTALL):
        for name in re.findall(r"\w+", names):
            found[name] = " ".join(meaning.split()).rstrip(".")
    return found


def container_options() -> list[str]:
    """What a kind takes with a container build: the first overload of Build."""
    from typing import get_overloads

    return _keywords(get_overloads(Build.__call__)[0])


def not_delivered() -> list[str]:
    """What lint takes and deploy doesn't."""
    return [name for name in _keywords(Check.__call__) if name not in _keywords(Delivery.__call__)]


def _keywords(function: Any) -> list[str]:
    return [name for name, parameter in inspect.signature(function).parameters.items() if parameter.kind is parameter.KEYWORD_ONLY]


def classes() -> dict[str, tuple[str, str, dict[str, tuple[str, str]]]]:
    """Signature, docstring and public members of each class and function that a definition imports, Pipeline first."""
    names = sorted(set(pipelinekit.__all__) - {"ci", "on", "Event"}, key=lambda name: (name != "Pipeline", name.lower()))
    found = {name: _class(name, getattr(pipelinekit, name)) for name in names}
    return {**found, "on": ("on", doc(type(pipelinekit.on)), _members(type(pipelinekit.on), "on"))}


def _class(name: str, thing: Any) -> tuple[str, str, dict[str, tuple[str, str]]]:
    if not isinstance(thing, type):
        return signature(name, thing), doc(thing), {}
    constructed = f"{name}" if name == "Stage" else _constructor(name, thing)
    members = {
        key: member
        for key, member in _members(thing, "p" if thing is Pipeline else name.lower()).items()
        if key not in KINDS and key != "plan"
    }
    return constructed, doc(thing), members


def _constructor(name: str, thing: type) -> str:
    fields: Mapping[str, Field] | None = vars(thing).get("__value_fields__")
    if fields and not next(iter(fields)).startswith("_"):
        shown = [f"{key}={_plain_default(field)}" for key, field in fields.items()]
        return _folded(name, shown, "")
    return signature(name, vars(thing)["__init__"])


def _plain_default(field: Field) -> str:
    return repr(field.default if field.factory is None else field.factory())


def _members(thing: type, prefix: str) -> dict[str, tuple[str, str]]:
    found = {}
    for name, member in vars(thing).items():
        if name == "__getitem__":
            found[name] = (f'{prefix}["path"]', "a declared output, for `needs=`: the file, and the order with it")
        elif not name.startswith("_") and isinstance(member, property):
            found[name] = (f"{prefix}.{name}", " ".join(doc(member.fget).split()))
        elif not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, classmethod)):
            owner = thing.__name__ if isinstance(member, classmethod) else prefix
            call = re.sub(r"\s+", " ", signature(f"{owner}.{name}", getattr(thing, name))).replace("( ", "(").replace(", )", ")")
            found[name] = (call, " ".join(doc(getattr(thing, name)).split()))
    return found


def recipes() -> dict[str, tuple[str, str]]:
    """Signature and docstring of each recipe."""
    found = {}
    for name in recipe_modules.__all__:
        thing = getattr(recipe_modules, name)
        if inspect.isfunction(thing):
            found[name] = (signature(name, thing), doc(thing))
            continue
        for key, member in vars(thing).items():
            if inspect.isfunction(member) and member.__module__ == thing.__name__ and not key.startswith("_"):
                found[f"{name}.{key}"] = (signature(f"{name}.{key}", member), doc(member))
    return found


def doc(thing: Any) -> str:
    return inspect.getdoc(thing) or ""


def signature(name: str, function: Any) -> str:
    """A call with its types, folded to one parameter a line where it is long."""
    found = inspect.signature(function)
    shown = []
    star = False
    for key, parameter in found.parameters.items():
        if key == "self":
            continue
        if parameter.kind is parameter.VAR_POSITIONAL:
            star = True
        elif parameter.kind is parameter.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**" if parameter.kind is parameter.VAR_KEYWORD else ""
        shown.append(f"{stars}{key}: {_type(parameter.annotation)}{default}")
    result = "" if name[:1].isupper() and "." not in name else f" -> {_type(found.return_annotation)}"
    return _folded(name, shown, result)


def _folded(name: str, shown: list[str], result: str) -> str:
    line = f"{name}({', '.join(shown)}){result}"
    return line if len(line) <= 120 else f"{name}(\n" + "".join(f"    {each},\n" for each in shown) + f"){result}"


def _type(annotation: Any) -> str:
    """An annotation as it was written."""
    if isinstance(annotation, str):
        return annotation.strip("'\"")
    return annotation.__name__ if isinstance(annotation, type) else re.sub(r"\b[a-z_]+(?:\.[a-z_]+)*\.(?=[A-Z])", "", str(annotation))
