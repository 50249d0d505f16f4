"""Read a definition. Loading one runs its code, as importing any Python module does; nothing else of the tool runs it."""

import os
import re
import sys
from collections.abc import Callable
from types import CodeType, ModuleType, TracebackType
from typing import TextIO

from pipelinekit.authoring.kinds import Build, Check, Delivery
from pipelinekit.authoring.pipeline import Pipeline
from pipelinekit.authoring.refuse import relative
from pipelinekit.diagnostics import DefinitionError, Diagnostic, nearest
from pipelinekit.model.plan import Plan, Source


def load(path: str) -> Plan:
    """The plan of the one Pipeline in the file at `path`, which may import modules beside it.

    Raises DefinitionError, with the line, for whatever keeps the file from being one. What the definition prints goes to
    standard error.
    """
    code = _compile(path)
    module = ModuleType("pipeline")
    module.__file__ = path
    folder = os.path.dirname(os.path.abspath(path))
    stdout: TextIO = sys.stdout
    sys.path.insert(0, folder)
    sys.stdout = sys.stderr
    try:
        exec(code, module.__dict__)
    except DefinitionError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a definition raises becomes one line
        raise DefinitionError(_failure(error, path)) from None
    finally:
        sys.stdout = stdout
        if folder in sys.path:
            sys.path.remove(folder)
    return _one_pipeline(module, relative(path)).plan()


def _compile(path: str) -> CodeType:
    file = relative(path)
    try:
        with open(path, "rb") as stream:
            return compile(stream.read(), file, "exec", dont_inherit=True)
    except OSError as error:
        hint = "run this where the definition is, or name it with --file"
        raise DefinitionError(Diagnostic("PK031", "error", f"can't read {file}: {error.strerror}", hint, Source(file))) from None
    except SyntaxError as error:
        raise DefinitionError(Diagnostic("PK030", "error", f"syntax error: {error.msg}", "", Source(file, error.lineno or 0))) from None
    except ValueError as error:
        raise DefinitionError(Diagnostic("PK030", "error", f"not Python source: {error}", "", Source(file))) from None


def _one_pipeline(module: ModuleType, file: str) -> Pipeline:
    found = list({id(value): value for value in vars(module).values() if isinstance(value, Pipeline)}.values())
    if len(found) == 1:
        return found[0]
    if not found:
        problem = Diagnostic("PK029", "error", "there is no Pipeline in the file", 'p = Pipeline("name", …)', Source(file))
    else:
        others = tuple(pipeline._source for pipeline in found)
        problem = Diagnostic(
            "PK029", "error", f"there are {len(found)} Pipelines in the file", "one file, one pipeline", others[1], related=others
        )
    raise DefinitionError(problem)


def _failure(error: BaseException, path: str) -> Diagnostic:
    """One line for what the definition raised, at the line of the user's own code that raised it."""
    source = _line(error.__traceback__, path)
    match error:
        case NameError(name=name) if name and _defined_below(path, name, source.line):
            hint = "a stage can only need what stands above it; so needs can't form a cycle"
            return Diagnostic("PK021", "error", f"{name!r} is used before it is defined", hint, source)
        case ModuleNotFoundError():
            return Diagnostic(
                "PK030", "error", f"the definition imports {error.name!r}, which isn't installed", "install it, or leave it out", source
            )
        case TypeError():
            message, hint = _call_problem(str(error))
            return Diagnostic("PK030", "error", message, hint, source)
        case RecursionError():
            return Diagnostic("PK030", "error", "the definition calls itself without end", "", source)
        case SystemExit():
            return Diagnostic("PK030", "error", "the definition ends the program", "a definition only defines", source)
        case _:
            first = (str(error).splitlines() or [""])[0]
            return Diagnostic("PK030", "error", f"the definition raised {type(error).__name__}: {first}", "", source)


def _line(traceback: TracebackType | None, path: str) -> Source:
    file, found = relative(path), Source(relative(path))
    while traceback is not None:
        if relative(traceback.tb_frame.f_code.co_filename) == file:
            found = Source(file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _defined_below(path: str, name: str, line: int) -> bool:
    with open(path, encoding="utf-8", errors="replace") as stream:
        lines = stream.read().splitlines()
    return any(re.match(rf"\s*{re.escape(name)}\s*(?::[^=]+)?=[^=]", text) for text in lines[line:])


def _call_problem(text: str) -> tuple[str, str]:
    """What a TypeError of a call says, in the user's words: the option, and the nearest one that there is."""
    unknown = re.search(r"(\w+)\.__(?:call|init)__\(\) got an unexpected keyword argument '(\w+)'", text)
    if unknown:
        from inspect import signature

        kinds: dict[str, Callable[..., object]] = {
            "Check": Check.__call__,
            "Build": Build.__call__,
            "Delivery": Delivery.__call__,
            "Pipeline": Pipeline.__init__,
        }
        known = [name for name in signature(kinds[unknown[1]]).parameters if name != "self"] if unknown[1] in kinds else []
        return f"there is no option {unknown[2]}=", nearest(unknown[2], known) if known else ""
    missing = re.search(r"__call__\(\) missing 1 required keyword-only argument: '(\w+)'", text)
    if missing:
        return f"{missing[1]}= is missing", ""
    return text.replace("Pipeline.", ""), ""
