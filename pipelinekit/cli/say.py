"""How findings reach people and machines: lines, JSON, SARIF. Findings go to standard error, results to standard output."""

import sys
from collections.abc import Iterable, Sequence

from pipelinekit.diagnostics import CODES, Diagnostic, printable

_STYLES = {"error": "\033[1;31m", "warning": "\033[1;33m", "note": "\033[36m"}
_BOLD, _DIM, _PLAIN = "\033[1m", "\033[2m", "\033[0m"


def wants_colour(stream: object) -> bool:
    """Whether a stream is a terminal whose owner hasn't asked for no colour (https://no-color.org)."""
    import os

    isatty = getattr(stream, "isatty", None)
    return bool(isatty and isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")


def lines(diagnostics: Iterable[Diagnostic], *, notes: bool = False) -> None:
    """Print findings to standard error, one line each; notes are counted unless they are asked for."""
    shown = list(dict.fromkeys(diagnostics))
    colour = wants_colour(sys.stderr)
    hidden = 0
    for diagnostic in shown:
        if diagnostic.level == "note" and not notes:
            hidden += 1
            continue
        print(_coloured(diagnostic) if colour else str(diagnostic), file=sys.stderr)
    if hidden and not any(diagnostic.level == "error" for diagnostic in shown):
        print(f"{hidden} note{'s' if hidden > 1 else ''}: see pipelinekit explain, or --verbose", file=sys.stderr)


def _coloured(diagnostic: Diagnostic) -> str:
    about = f"[{diagnostic.target}] " if diagnostic.target else ""
    hint = f" {_DIM}({printable(diagnostic.hint)}){_PLAIN}" if diagnostic.hint else ""
    level = f"{_STYLES[diagnostic.level]}{diagnostic.level} {diagnostic.code}{_PLAIN}"
    return f"{_BOLD}{printable(str(diagnostic.source))}{_PLAIN}: {level}: {about}{printable(diagnostic.message)}{hint}"


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Findings as a JSON list of objects, each with code, level, file, line, message, hint, target, feature, stage, limit."""
    import json

    return json.dumps([_object(diagnostic) for diagnostic in diagnostics], indent=2, ensure_ascii=False)


def _object(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "level": diagnostic.level,
        "file": diagnostic.source.file,
        "line": diagnostic.source.line,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "target": diagnostic.target,
        "feature": diagnostic.feature,
        "stage": diagnostic.stage,
        "limit": diagnostic.limit,
        "related": [{"file": source.file, "line": source.line} for source in diagnostic.related],
    }


def as_sarif(diagnostics: Sequence[Diagnostic]) -> str:
    """Findings as a SARIF 2.1.0 log, which code hosts show beside the lines."""
    import json

    from pipelinekit.version import VERSION

    used = sorted({diagnostic.code for diagnostic in diagnostics})
    rules = [_rule(code) for code in used]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "pipelinekit", "version": VERSION, "rules": rules}},
                "results": [_result(diagnostic) for diagnostic in diagnostics],
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False)


def _rule(code: str) -> dict[str, object]:
    """What a code host shows of a code; the page is named by its path, since `helpUri` would need an address."""
    title, text = CODES[code]
    page = f"{text} An example: docs/diagnostics/{code}.md in pipelinekit's repository."
    return {"id": code, "name": title, "shortDescription": {"text": title}, "fullDescription": {"text": text}, "help": {"text": page}}


def _result(diagnostic: Diagnostic) -> dict[str, object]:
    text = diagnostic.message + (f" ({diagnostic.hint})" if diagnostic.hint else "")
    location = {
        "physicalLocation": {
            "artifactLocation": {"uri": diagnostic.source.file},
            "region": {"startLine": max(diagnostic.source.line, 1)},
        }
    }
    return {"ruleId": diagnostic.code, "level": diagnostic.level, "message": {"text": text}, "locations": [location]}


def report(diagnostics: Sequence[Diagnostic], *, json: bool = False, sarif: bool = False, notes: bool = False) -> None:
    """Findings in the form that was asked for: machines get theirs on standard output."""
    if json:
        print(as_json(diagnostics))
    elif sarif:
        print(as_sarif(diagnostics))
    else:
        lines(diagnostics, notes=notes)
