"""Read a definition. Loading one runs its code, as importing any Python module does; nothing else of the tool runs it."""

import os
import re
import stat
import sys
from collections.abc import Callable
from types import CodeType, ModuleType, TracebackType

from pipelinekit.authoring.kinds import Build, Check, Delivery
from pipelinekit.authoring.pipeline import Pipeline
from pipelinekit.authoring.refuse import relative
from pipelinekit.diagnostics import DefinitionError, Diagnostic, nearest
from pipelinekit.held import Exceeded, Held, signals
from pipelinekit.model.plan import Plan, Source

LARGEST = 4_000_000
"""How many bytes a definition may have: compiling takes a hundred times that memory."""


def load(path: str) -> Plan:
    """The plan of the one Pipeline in the file at `path`, which may import modules beside it.

    Raises DefinitionError, with the line, for whatever keeps the file from being one. What the definition prints goes to
    standard error. It runs with all rights of this process: see `pipelinekit.sandbox` for definitions that nobody vouches for.
    """
    code = _compile(path)
    module = ModuleType("pipeline")
    module.__file__ = path
    sys.modules.setdefault("pipeline", module)  # dataclasses and pickles look their module up
    folder = os.path.dirname(os.path.abspath(path))
    held = Held()
    try:
        with held:
            sys.path.insert(0, folder)
            exec(code, module.__dict__)
        plan = _one_pipeline(module, relative(path)).plan()
    except DefinitionError:
        raise
    except BaseException as error:
        if _from_outside(error):
            raise
        problem = _failure(error, path)
    else:
        left = held.left_over()
        if left is None and held.output.left >= 0:
            return plan
        problem = Diagnostic(
            "PK041", "error", left or "the definition prints too much", "a definition only defines", Source(relative(path))
        )
    finally:
        if sys.modules.get("pipeline") is module:
            del sys.modules["pipeline"]
        module.__dict__.clear()  # and with it, what it holds open
    raise DefinitionError(problem)


def _from_outside(error: BaseException) -> bool:
    """Whether an error is somebody's Ctrl-C, who gets what they asked for, and not the definition's."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    signal = signals()

    return type(error) is not KeyboardInterrupt or signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _compile(path: str) -> CodeType:
    file = relative(path)
    data = source_of(path)
    if b"\0" in data:
        raise DefinitionError(Diagnostic("PK030", "error", "not Python source: it holds null bytes", "save it as UTF-8 text", Source(file)))
    try:
        return compile(data, file, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise DefinitionError(_syntax(error, file)) from None
    except (ValueError, RecursionError, MemoryError) as error:
        message = "not Python source: " + (str(error) or "it is nested too deeply")
        raise DefinitionError(Diagnostic("PK030", "error", message, "", Source(file))) from None


def _syntax(error: SyntaxError, file: str) -> Diagnostic:
    source = Source(file, error.lineno or 0)
    if error.msg.startswith("(unicode error) 'utf-8'"):
        return Diagnostic("PK030", "error", "not Python source: it is no UTF-8 text", "save it as UTF-8", source)
    conflict = (error.text or "").startswith(("<<<<<<<", "=======", ">>>>>>>"))
    return Diagnostic("PK030", "error", f"syntax error: {error.msg}", "a merge conflict was left there" if conflict else "", source)


def source_of(path: str, largest: int = LARGEST) -> bytes:
    """The bytes of a definition. Raises DefinitionError when there is no file, when it is none, or a very large one."""
    file = relative(path) if path else "the definition"
    hint = "run this where the definition is, or name it with --file"
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as stream:
            mode = os.fstat(descriptor).st_mode
            if not stat.S_ISREG(mode):
                what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
                raise DefinitionError(Diagnostic("PK031", "error", f"can't read {file}: it is {what}", hint, Source(file)))
            data = stream.read(largest + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise DefinitionError(Diagnostic("PK031", "error", f"can't read {file}: {why}", hint, Source(file))) from None
    if len(data) > largest:
        message = f"{file} is larger than {largest // 1_000_000} MB"
        hint = "make stages in a loop, and keep data in files of its own"
        raise DefinitionError(Diagnostic("PK041", "error", message, hint, Source(file)))
    return data


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
        case NameError(name=name) if name:
            import pipelinekit

            return Diagnostic(
                "PK030",
                "error",
                f"{name!r} is not defined",
                f"from pipelinekit import {name}" if name in pipelinekit.__all__ else "",
                source,
            )
        case ModuleNotFoundError():
            message = f"the definition imports {error.name!r}, which isn't installed"
            return Diagnostic("PK030", "error", message, "install it, or leave it out", source)
        case ImportError() if found := re.match(r"cannot import name '(\w+)' from '([\w.]+)'", str(error)):
            hint = nearest(found[1], (name for name in dir(sys.modules.get(found[2])) if not name.startswith("_")))
            return Diagnostic("PK030", "error", f"there is no {found[1]!r} in {found[2]}", hint if hint.startswith("did") else "", source)
        case TypeError():
            message, hint = _call_problem(str(error))
            return Diagnostic("PK030", "error", message, hint, source)
        case RecursionError():
            return Diagnostic("PK030", "error", "the definition calls itself without end", "", source)
        case Exceeded(message=message, hint=hint):
            return Diagnostic("PK041", "error", message, hint, source)
        case MemoryError():
            return Diagnostic(
                "PK041",
                "error",
                "the definition takes too much memory",
                "a definition only defines; PIPELINEKIT_MEMORY=8G allows more",
                source,
            )
        case SystemExit():
            return Diagnostic("PK030", "error", "the definition ends the program", "a definition only defines", source)
        case _:
            said = f"{type(error).__name__}{_first_line(error)}"
            return Diagnostic("PK030", "error", f"the definition raised {said}", "", source)


def _first_line(error: BaseException) -> str:
    try:
        lines = str(error).splitlines()
    except Exception:  # noqa: BLE001  # an error of the definition's own making may have no text
        return ""
    return f": {lines[0][:300]}" if lines else ""


def _line(traceback: TracebackType | None, path: str) -> Source:
    file, found = relative(path), Source(relative(path))
    while traceback is not None:
        if relative(traceback.tb_frame.f_code.co_filename) == file:
            found = Source(file, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _defined_below(path: str, name: str, line: int) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            lines = stream.read().splitlines()
    except OSError:
        return False
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
