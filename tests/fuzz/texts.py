"""Strings that some engine, reader or shell takes for something else."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.text import hostile

SYNTAX = [
    *(
        "$",
        "$$",
        "$$$",
        "${",
        "${x}",
        "${PK_X}",
        "$PATH",
        "$(",
        "$(touch pwned)",
        "${x:-y}",
        "${x//a/b}",
        "${#x}",
        "$1",
        "$@",
        "$[[",
        "$[[ inputs.x ]]",
    ),
    *(
        "$_X",
        "${_X}",
        "$${",
        "$$(",
        "%",
        "%%",
        "%x%",
        "${{ x }}",
        "{{ }}",
        "{{x}}",
        "{%",
        "{#",
        "((",
        "((x))",
        "((x:y.z))",
        "((.:x))",
        "( (x) )",
        "(((x)))",
    ),
    *(
        "`",
        "`touch pwned`",
        "\\",
        "\\\\",
        "\\$",
        "\\'",
        '\\"',
        "\\`",
        "\\/",
        "/",
        "//",
        "/*",
        "*/",
        "#{x}",
        "#",
        "\\u0041",
        "\\x41",
        "\\0",
        "\\n",
        "\\\n",
    ),
    *(
        "'",
        "''",
        "'''",
        '"',
        '""',
        '"""',
        "'\"'\"'",
        "';--",
        "' #",
        "<<EOF\n",
        "EOF\n",
        "<<'X'",
        "\nX\n",
        "; touch pwned",
        "&& x",
        "| x",
        "> x",
        "&",
        "!",
        "!!",
    ),
    *(
        "::set-env",
        "##[x]",
        "\x1b[0K",
        "section_start:0:x\r",
        "[ci skip]",
        "-n",
        "-e x",
        "--",
        "~",
        "~root",
        "*",
        "?",
        "[a-z]",
        "{a,b}",
        "=x",
        "a=b",
        ",",
        ";",
    ),
    *(
        "3.10",
        "1e3",
        "08",
        "0o8",
        "22:30",
        "on",
        "y",
        "null",
        "\t",
        "\r",
        "\r\n",
        "\n",
        "\n\n",
        " ",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
        "\ufeff",
        "é",
        "é",
        "日本",
        "🚀",
    ),
    *(
        "[[",
        "]]",
        "]]>",
        "<!--",
        "@",
        "@x",
        "|-",
        "|+2",
        ">-",
        "? ",
        "- ",
        ": ",
        " #",
        "---",
        "...",
        "\n---\n",
        "\n...\n",
        "%YAML",
        "!ruby/object:X",
        "&a",
        "*a",
        "<<: ",
    ),
]
"""What starts something in one of the five engines, in YAML, in Groovy, in Go's templates or in a shell."""

LONG = [
    *("#" * 100_000, "é" * 50_000, "' $x \\ " * 12_500, "make all\n" * 22_000, "\n" * 3_000, "((x)) $$ " * 8_000),
    *("#" * size for size in (1_023, 1_025, 4_001, 10_001, 65_534, 65_536, 131_071, 131_073)),
]
"""Scripts of 200 KB, lines of 100 KB, and what lies on both sides of the sizes that engines stop at."""

_CLEAN = str.maketrans("", "", "\0")


def text(draw: random.Random) -> str:
    """One string, without NUL, which no shell can be given; now and then a long one."""
    roll = draw.random()
    if roll < 0.02:
        return chr(draw.choice([draw.randrange(1, 0x80), draw.randrange(0x80, 0xD800), draw.randrange(0xE000, 0x110000)]))
    if roll < 0.3:
        return hostile.text(draw).translate(_CLEAN)
    pieces = draw.choice([1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12])
    if roll > 0.999:
        pieces *= draw.choice([50, 200, 800])
    sources = (SYNTAX, SYNTAX, SYNTAX, hostile.SHAPES, hostile.CHARACTERS, hostile.CHARACTERS)
    return "".join(draw.choice(draw.choice(sources)) for _ in range(pieces)).translate(_CLEAN)


def texts(seed: int) -> Iterator[str]:
    """Strings without end, the same for the same seed; first each piece of syntax alone, and what is long."""
    draw = random.Random(seed)
    if seed == 0:
        yield from dict.fromkeys(piece.translate(_CLEAN) for piece in (*SYNTAX, *hostile.SHAPES, *hostile.CHARACTERS, *LONG))
    while True:
        yield text(draw)


def smaller(text: str) -> Iterator[str]:
    """Shorter strings made of this one, the shortest first: what is left when a piece is taken out."""
    size = len(text) // 2
    while size:
        for start in range(0, len(text), size):
            yield text[:start] + text[start + size :]
        size //= 2
