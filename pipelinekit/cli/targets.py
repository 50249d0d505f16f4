"""`pipelinekit targets`: the installed CI systems, and what each makes of every feature."""

from pipelinekit.backend import registry
from pipelinekit.backend.interface import AnyBackend
from pipelinekit.backend.support import Case, cases
from pipelinekit.cli.explain import WORDS
from pipelinekit.cli.table import table
from pipelinekit.model.features import FEATURES, Feature

_STYLES = {"native": "green", "lowered": "cyan", "weakened": "yellow", "unsafe": "bold red", "refused": "bold red"}


def targets(*, json: bool) -> int:
    """Print them. Returns 0."""
    backends = [registry.load(name) for name in registry.entry_points()]
    if json:
        _json(backends)
        return 0
    table(("TARGET", "SYSTEM", "WRITTEN FOR", "FILES"), [(b.name, b.title, b.engine, ", ".join(b.files)) for b in backends])
    print()
    table(
        ("FEATURE", *(b.name for b in backends)), [(feature, *(word(b, feature) for b in backends)) for feature in FEATURES], styles=_STYLES
    )
    return 0


def word(backend: AnyBackend, feature: Feature) -> str:
    """What the backend makes of a feature in general: its unconditional entry, with a * where there are other cases."""
    entries = cases(backend.table[feature])
    general = next(entry for entry in entries if not isinstance(entry, Case))
    return WORDS[type(general)] + ("*" if len(entries) > 1 else "")


def _json(backends: list[AnyBackend]) -> None:
    import json

    data = [
        {
            "name": backend.name,
            "title": backend.title,
            "engine": backend.engine,
            "docs": backend.docs,
            "files": list(backend.files),
            "features": {feature: _entries(backend, feature) for feature in FEATURES},
        }
        for backend in backends
    ]
    print(json.dumps(data, indent=2, ensure_ascii=False))


def _entries(backend: AnyBackend, feature: Feature) -> list[dict[str, str]]:
    found = []
    for entry in cases(backend.table[feature]):
        support = entry.support if isinstance(entry, Case) else entry
        when = entry.text if isinstance(entry, Case) else ""
        found.append({"when": when, "support": WORDS[type(support)], "reason": support.reason, "hint": support.hint})
    return found
