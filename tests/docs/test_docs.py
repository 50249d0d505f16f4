"""The documentation: what is generated is fresh, links lead somewhere, and what pages show is true."""

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from docs import generate
from docs.generator import codes
from docs.generator.shell import fences, run
from pipelinekit.diagnostics import CODES

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*/*.md")])
SOURCES = [*(ROOT / "pipelinekit").rglob("*.py"), *(ROOT / "backends").rglob("*.py")]
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<to>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def fresh() -> dict[str, str]:
    return generate.generated()


def test_generated_files_are_fresh() -> None:
    """`make docs` and commit, if this fails."""
    stale = [path for path, text in fresh().items() if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text]
    assert stale == []


def test_no_page_of_a_code_that_is_gone() -> None:
    assert {page.stem for page in (ROOT / "docs/diagnostics").glob("PK*.md")} == set(CODES)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_resolve(page: Path) -> None:
    broken = [link for link in links(page) if not resolves(page, link)]
    assert broken == []


def links(page: Path) -> list[str]:
    """The relative links of a page."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    return [found["to"] for found in _LINK.finditer(text) if not found["to"].startswith(("https://", "http://"))]


def resolves(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    return target.exists() and (not anchor or anchor in anchors(target))


def anchors(page: Path) -> set[str]:
    """The anchors that code hosts give the headings of a page."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in _HEADING.findall(text)}


def definitions() -> list[tuple[str, str]]:
    """Each Python block of the pages that makes a pipeline, but for those that are there for the code that they give."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for fence in fences(text):
            wrong = text[: fence.start()].rstrip("\n").rsplit("\n", 1)[-1].startswith("<!-- gives ")
            defines = fence["word"] == "python" and fence["path"] in (None, "pipeline.py") and "import" in fence["body"]
            if defines and "Pipeline(" in fence["body"] and not wrong:
                found.append((f"{name(page)}:{text[: fence.start()].count(chr(10)) + 2}", fence["body"]))
    return found


@pytest.mark.parametrize(("where", "text"), definitions(), ids=[where for where, _ in definitions()])
def test_definitions_in_pages_are_clean(where: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "pipeline.py").write_text(text, encoding="utf-8")
    warned = re.fullmatch(r"(\S+ warning PK039: .*\n)?pipeline\.py: no errors\n", run("pipelinekit check", tmp_path))
    assert warned, where


@pytest.mark.parametrize("code", CODES)
def test_examples_of_codes_are_true(code: str) -> None:
    example = codes.examples()[code]
    bad, good = codes.output(example, "bad"), codes.output(example, "good")
    assert code in bad
    assert code not in good
    assert not re.search(r"^\S+: error PK", good, re.MULTILINE)


def test_examples_are_of_codes() -> None:
    assert set(codes.examples()) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_codes_are_used(code: str) -> None:
    assert any(f'"{code}"' in text for path, text in sources().items() if path != "pipelinekit/diagnostics.py")


@cache
def sources() -> dict[str, str]:
    return {name(path): path.read_text(encoding="utf-8") for path in SOURCES}


def test_used_codes_are_known() -> None:
    used = {code for text in sources().values() for code in re.findall(r'"(PK\d{3,4})"', text)}
    assert used <= set(CODES)


def test_each_system_has_its_page() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    targets = project["entry-points"]["pipelinekit.backends"]
    assert set(targets) <= {page.stem for page in (ROOT / "docs/how-to").glob("*.md")}


def test_the_command_line_leads_to_the_page(tmp_path: Path) -> None:
    said = run("pipelinekit explain PK013", tmp_path)
    assert CODES["PK013"][1] in said
    assert (ROOT / re.findall(r"docs/\S+\.md", said)[0]).exists()
    assert run("pipelinekit explain PK13", tmp_path) == "there is no code 'PK13': did you mean 'PK013'?\n"
    sarif = run("pipelinekit check --sarif", tmp_path)
    assert "docs/diagnostics/PK031.md" in sarif
