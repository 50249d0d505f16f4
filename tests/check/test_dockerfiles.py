"""FROM lines without a digest are pointed at."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit import Pipeline, ci
from pipelinekit.check.dockerfiles import bases_are_pinned
from pipelinekit.recipes import container

PINNED = f"python:3.12@sha256:{'5' * 64}"


def lines(folder: Path, text: str, dockerfile: str = "Dockerfile") -> list[int]:
    (folder / dockerfile).parent.mkdir(exist_ok=True)
    (folder / dockerfile).write_text(text)
    p = Pipeline("x", image=PINNED)
    p.build(container("registry.example.com/x", tag=ci.sha, dockerfile=dockerfile))
    p.build(container("registry.example.com/x", tag=f"again-{ci.sha}", dockerfile=dockerfile), name="again")
    found = list(bases_are_pinned(p.plan(), str(folder)))
    assert {(finding.code, finding.level, finding.source.file) for finding in found} <= {("PK039", "warning", dockerfile)}
    return [finding.source.line for finding in found]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"FROM {PINNED}\nRUN pip list\n", []),
        ("# FROM node\nFROM python:3.12-slim\n", [2]),
        ("FROM python\n", [1]),
        (f"FROM {PINNED} AS base\nFROM Base\nFROM scratch\n", []),
        ("from --platform=linux/amd64 node:22 as web\nFROM web\nFROM nginx:1\n", [1, 3]),
        ("ARG BASE=python:3.12\nFROM ${BASE}\nFROM $BASE\n", []),
        ("RUN echo \\\n  FROM\n", []),
        ("", []),
    ],
)
def test_lines(tmp_path: Path, text: str, wrong: list[int]) -> None:
    assert lines(tmp_path, text) == wrong


def test_another_place(tmp_path: Path) -> None:
    assert lines(tmp_path, "FROM python\n", "docker/Dockerfile") == [1]


def test_no_file_may_come_later(tmp_path: Path) -> None:
    p = Pipeline("x", image=PINNED)
    p.build(container("registry.example.com/x", tag=ci.sha))
    assert list(bases_are_pinned(p.plan(), str(tmp_path))) == []
