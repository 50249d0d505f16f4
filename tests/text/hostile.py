"""Data that a YAML writer gets wrong: made of what some reader takes for something else."""

from __future__ import annotations

import os
import random

from hypothesis import strategies as st

# How many times the usual number of examples a fuzz runs.
SCALE = int(os.environ.get("PIPELINEKIT_FUZZ", "1"))

CHARACTERS = list(
    "'\"#:-?|>%@`\t\r\n\x85\u2028\u2029 ,[]{}&*!=<~\\$()/.;+_^0123456789abcdefnotyeslrux"
    "\x00\x07\x1b\x7f\x80\xa0\u3000\ufeff\ufffe\uffff\U0001fffe\U0010ffff"
)
SHAPES = [
    *(
        ": ",
        " #",
        "- ",
        "? ",
        "---",
        "...",
        "\n---",
        "\n...",
        "\n# ",
        "\n- ",
        "\n%",
        "  ",
        "\n\n",
        "\n ",
        "\n\t",
        " \n",
    ),
    *(
        "y",
        "N",
        "yes",
        "On",
        "off",
        "true",
        "False",
        "Null",
        "~",
        "null",
        ".nan",
        ".Inf",
        "-.inf",
        "infinity",
        "<<",
        "=",
    ),
    *("012", "0o17", "0x1F", "0b1", "1_000", "1,000", "1e3", "1.", ".5", "+1", "-1", "22:30", "1:30.5", "0x1p-2", "-0"),
    *("2020-01-01", "2020-1-1 1:1:1", "2020-01-01T00:00:00Z", "!!str", "!a", "&a", "*a", ":a", ": a", "[a]", "{a: b}"),
    *(
        "é",
        "日本",
        "🚀",
        "\u200d",
        "${X}",
        "$((i))",
        "it's",
        'say "a"',
        "#a",
        "a: b",
        "a #b",
        "a:",
        "-c",
        "--flag",
        "\\n",
    ),
]

texts = st.lists(st.one_of(st.sampled_from(CHARACTERS), st.sampled_from(SHAPES)), max_size=8).map("".join) | st.text(max_size=12)
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.one_of(texts, texts, texts, st.none(), st.booleans(), numbers)
documents = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=24)


def text(draw: random.Random) -> str:
    pieces = draw.choice([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 12])
    return "".join(draw.choice(SHAPES if draw.random() < 0.4 else CHARACTERS) for _ in range(pieces))


def document(draw: random.Random) -> dict[str, object]:
    """Return a document of 100 hostile texts in all places that a text can have."""
    flat: dict[str, object] = {text(draw): text(draw) for _ in range(20)}
    deep = [{text(draw): {text(draw): [text(draw), [text(draw)]]}} for _ in range(5)]
    return flat | {"items": [text(draw) for _ in range(40)], "deep": deep}


def typed(data: object) -> object:
    """Return `data` so that it equals only what is made of the same types: 1, 1.0 and true differ."""
    if isinstance(data, dict):
        return {(type(key).__name__, key): typed(value) for key, value in data.items()}
    if isinstance(data, list):
        return [typed(item) for item in data]
    return type(data).__name__, data
