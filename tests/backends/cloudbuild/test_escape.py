"""Rules of text are kept in one module."""

import re
from pathlib import Path

import pipelinekit_cloudbuild
from pipelinekit_cloudbuild import escape

HERE = Path(pipelinekit_cloudbuild.__file__).parent


def test_nothing_else_changes_text():
    own = re.compile(r"""\.replace\(\s*["']\$|re\.(?:sub|escape|compile)\(|\.translate\(|["']\$\$["']""")
    found = {path.name for path in HERE.glob("*.py") if own.search(path.read_text("utf-8"))}
    assert found == {"escape.py"}


def test_a_comment_has_no_line_of_its_own():
    assert escape.comment("Go?\rrm -rf /\x0b\u2028\x1b[0m\ufeff é") == "Go? rm -rf /   [0m  é"


def test_an_expression_means_the_glob_and_nothing_else():
    assert escape.expression("release/v1.*-rc+**") == r"release/v1\.[^/]*-rc\+.*"
    assert escape.expression("a(b)|c$") == r"a\(b\)\|c\$"
