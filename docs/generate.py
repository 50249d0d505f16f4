"""Generate what the code says already: `python -m docs.generate` writes, `generated()` returns it for the test."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from docs.generator import codes, picture, proof, tables
from docs.generator.shell import played, run
from pipelinekit.backend import registry
from pipelinekit.diagnostics import CODES
from pipelinekit.model.border import schema
from pipelinekit.model.features import FEATURES
from pipelinekit.model.names import FACTS
from pipelinekit.testing.fields import INEFFECTIVE, OTHERS
from tests import bad_input

ROOT = Path(__file__).parent.parent
PLAYED = ("docs/tutorial.md", "docs/how-to/simulate.md")
_MARKED = re.compile(r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=False,
    autoescape=False,  # the pages are Markdown
)
_pages.filters["cell"] = tables.cell


def generated() -> dict[str, str]:
    """Every generated text by its path in the repository."""
    backends = tables.backends()
    return {
        **{f"docs/diagnostics/{code}.md": _code(code) for code in CODES},
        "docs/diagnostics/README.md": _page("codes", codes=CODES),
        "docs/conformance.md": _conformance(),
        "docs/reference/features.md": _features(),
        "docs/reference/ineffective-fields.md": _page("ineffective-fields", entries=INEFFECTIVE, others=OTHERS),
        "docs/reference/settings.md": _page("settings", backends=backends, settings=tables.settings, how_to=_has_how_to),
        "docs/reference/limits.md": _page("limits", backends=backends),
        "docs/reference/bad-input.md": _bad_input(),
        "docs/reference/cli.md": _page("cli", commands=tables.commands(), options=tables.options),
        "docs/reference/api.md": _api(),
        "docs/schema/plan-1.json": json.dumps(schema(), indent=2) + "\n",
        "docs/images/overview.svg": picture.overview(definition(), *rendered()),
        "README.md": _marked(_read("README.md")),
        **{path: _played(path) for path in PLAYED},
    }


def _page(name: str, **values: Any) -> str:
    text = _pages.get_template(f"{name}.md.j2").render(values)
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def _read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _code(code: str) -> str:
    example = codes.examples()[code]
    title, meaning = CODES[code]
    return _page(
        "code",
        code=code,
        title=title,
        meaning=meaning,
        example=example,
        same=example["bad"] == example["good"],
        bad_command=codes.command(example, "bad"),
        bad_before=codes.before(example, "bad"),
        output=codes.output(example, "bad"),
    )


def _conformance() -> str:
    parts = {"figures": proof.figures(), "levels": proof.levels(), "engines": proof.engines()}
    return _page("conformance", reports=proof.reports(), loss=proof.loss, **parts)


def _features() -> str:
    rows = {feature: tables.feature_rows(feature) for feature in FEATURES}
    return _page("features", features=FEATURES, rows=rows, table=tables.feature_table(links=True), backends=tables.backends())


def _api() -> str:
    return _page(
        "api",
        kinds=tables.kinds(),
        options=tables.kind_options(),
        container_options=tables.container_options(),
        not_delivered=tables.not_delivered(),
        classes=tables.classes(),
        facts=FACTS,
        recipes=tables.recipes(),
    )


def _bad_input() -> str:
    every = bad_input.rows()
    families = {row.family: [other for other in every if other.family == row.family] for row in every}
    return _page("bad-input", rows=every, families=families, usual=bad_input.USUAL)


def _has_how_to(target: str) -> bool:
    return (ROOT / "docs" / "how-to" / f"{target}.md").exists()


def definition() -> str:
    """The example that the README shows and renders."""
    return _read("docs/example/pipeline.py")


@cache
def rendered() -> tuple[list[str], Mapping[str, str]]:
    """What rendering that example for all targets prints, without findings; and the files by path."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pipeline.py").write_text(definition(), encoding="utf-8")
        printed = run("pipelinekit render --all", folder).splitlines()
        written = [line for line in printed if line.partition(": ")[0] in registry.entry_points()]
        paths = [line.partition(": ")[2] for line in written]
        return written, {path: (folder / path).read_text(encoding="utf-8") for path in paths}


def _marked(text: str) -> str:
    """The README with the text between its markers made anew."""
    parts: dict[str, Callable[[], str]] = {
        "definition": lambda: f"```python\n{definition()}```",
        "gitlab": lambda: f"```yaml\n{_gitlab()}\n```",
        "targets": tables.target_table,
        "features": lambda: tables.feature_table(links=False, level=proof.level),
    }
    return _MARKED.sub(lambda found: f"{found[1]}{parts[found['name']]()}\n{found[3]}", text)


def _gitlab() -> str:
    """Two jobs of the emitted file."""
    jobs = rendered()[1][".gitlab-ci.yml"].rstrip("\n").split("\n\n")
    return "\n\n".join(job for job in jobs if job.startswith(("test:", "deploy-production:")))


def _played(path: str) -> str:
    with TemporaryDirectory() as name:
        return played(_read(path), Path(name))


def main() -> None:
    """Write what differs, and say which; pages of codes that are gone go too."""
    pages = generated()
    for path, text in pages.items():
        place = ROOT / path
        if not place.exists() or place.read_text(encoding="utf-8") != text:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
            print(path)
    for page in (ROOT / "docs" / "diagnostics").glob("PK*.md"):
        if page.stem not in CODES:
            page.unlink()
            print(f"{page.relative_to(ROOT)} is gone")


if __name__ == "__main__":
    main()
