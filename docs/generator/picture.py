"""The picture of the README: one definition on the left, the files that it becomes on the right. Dark windows, for light and dark pages."""

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape

_WIDTH, _LEFT, _RIGHT, _MARGIN = 1060, 610, 350, 10
_SIZE, _LEADING, _CHARACTER = 13, 20, 7.85
_TITLE, _PADDING = 30, 16
_STYLE = """
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d7dde8; white-space: pre; }
  .window { fill: #111827; stroke: #4b5563; }
  .bar { fill: #1f2937; }
  .title { fill: #9ca3af; font-size: 12px; }
  .wire { fill: none; stroke: #6b8afd; stroke-width: 2; }
  .keyword { fill: #c792ea; } .string { fill: #a5d6a7; } .name { fill: #82aaff; } .dim { fill: #7c8796; }
"""
_TOKENS = re.compile(r'(?P<string>f?"""[^"]*"""|f?"[^"]*")|\w+|\W')
_BEGINNINGS = {
    ".gitlab-ci.yml": "deploy-production:",
    "Jenkinsfile": "stage('deploy-production')",
    "cloudbuild.yaml": "- id: test",
    ".drone.yml": "- name: test",
    "ci/pipeline.yml": "- name: deploy-production",
}
"""The files in the picture, and the line from which each is shown."""


def excerpt(text: str, beginning: str, count: int) -> list[str]:
    """The lines of a text from the first one that begins so; from its first line after the header when none does."""
    lines = text.rstrip("\n").split("\n")
    start = next((index for index, line in enumerate(lines) if line.strip().startswith(beginning.strip())), 4)
    shown = lines[start : start + count]
    indent = min((len(line) - len(line.lstrip()) for line in shown if line.strip()), default=0)
    return [line[indent:] for line in shown]


def overview(definition: str, printed: Sequence[str], files: Mapping[str, str]) -> str:
    """The SVG, from the definition's text, what rendering it prints, and the files' texts by path."""
    code = definition.rstrip("\n").split("\n")
    typed = ["$ pipelinekit render --all", *printed]
    height = _height(len(code)) + 12 + _height(len(typed))
    card = (height + 12) // len(_BEGINNINGS)
    count = (card - 12 - _TITLE - _PADDING + 6) // _LEADING
    x = _WIDTH - _MARGIN - _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height + 2 * _MARGIN}" role="img" aria-labelledby="t">',
        '<title id="t">One pipeline.py on the left; on the right the files that it is rendered to, for five CI systems</title>',
        f"<style>{_STYLE}</style>",
    ]
    for index in range(len(_BEGINNINGS)):
        parts += [_wire(_MARGIN + _LEFT, _MARGIN + height // 2, x, _MARGIN + index * card + (card - 12) // 2)]
    parts += _window(_MARGIN, _MARGIN, _LEFT, _height(len(code)), "pipeline.py", [_python(line) for line in code])
    parts += _window(_MARGIN, _MARGIN + _height(len(code)) + 12, _LEFT, _height(len(typed)), "terminal", [_typed(line) for line in typed])
    for index, (path, beginning) in enumerate(_BEGINNINGS.items()):
        shown = excerpt(files.get(path, ""), beginning, count)
        parts += _window(x, _MARGIN + index * card, _RIGHT, card - 12, path, [_yaml(line) for line in shown])
    return "\n".join([*parts, "</svg>", ""])


def _wire(x: int, y: int, to_x: int, to_y: int) -> str:
    half = (to_x - x) // 2
    return f'<path class="wire" d="M{x} {y} C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}"/>'


def _typed(line: str) -> str:
    return escape(line) if line.startswith("$") else _span("dim", line)


def _height(lines: int) -> int:
    return _TITLE + 2 * _PADDING + lines * _LEADING - 6


def _window(x: int, y: int, width: int, height: int, title: str, lines: Sequence[str]) -> Iterator[str]:
    """A window with a title bar and lines that are markup already."""
    yield f'<rect class="window" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'
    top = f"v{12 - _TITLE} q0 -7.5 7.5 -7.5 h{width - 16} q7.5 0 7.5 7.5 v{_TITLE - 12} z"
    yield f'<path class="bar" d="M{x + 0.5} {y + _TITLE - 4} {top}"/>'
    yield f'<text class="title" x="{x + 14}" y="{y + 18}">{escape(title)}</text>'
    for number, line in enumerate(lines):
        if line:
            yield f'<text x="{x + _PADDING}" y="{y + _TITLE + 16 + number * _LEADING}" xml:space="preserve">{line}</text>'


def _python(line: str) -> str:
    """A line of Python with colours for keywords, strings, and what is filled into them."""
    return "".join(_token(found) for found in _TOKENS.finditer(line))


def _token(found: re.Match[str]) -> str:
    text = found[0]
    if found["string"]:
        return "".join(_span("name" if part.startswith("{") else "string", part) for part in re.split(r"(\{[^}]*\})", text) if part)
    return _span("keyword" if keyword.iskeyword(text) else "", text)


def _yaml(line: str) -> str:
    """A line of YAML or Groovy: the key in colour, cut to the window."""
    fits = int((_RIGHT - 2 * _PADDING) / _CHARACTER)
    text = line if len(line) <= fits else line[: fits - 1] + "…"
    key, colon, rest = text.partition(":")
    if colon and (not rest or rest.startswith(" ")) and key.strip(" -").replace("-", "").replace("_", "").isalnum():
        return _span("name", key) + escape(colon + rest)
    return escape(text, quote=False)


def _span(name: str, text: str) -> str:
    marked = escape(text, quote=False)
    return f'<tspan class="{name}">{marked}</tspan>' if name else marked
