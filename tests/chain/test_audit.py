"""The audit of what the locks name: a service that says nothing is never taken for a clean bill."""

import json
import sys

import pytest

from requirements import audit

LOCK = "# made by a tool\nattrs==26.1.0 \\\n    --hash=sha256:{0} \\\n    --hash=sha256:{0}\n    # via x\nidna==3.20 \\\n    --hash=sha256:{0}\n".format(
    "0" * 64
)
CLEAN = {"name": "attrs", "version": "26.1.0", "vulns": []}
HOLE = {"name": "idna", "version": "3.20", "vulns": [{"id": "PYSEC-2099-1", "fix_versions": ["3.21"], "aliases": [], "description": ""}]}
UNKNOWN = {"name": "idna", "skip_reason": "idna (3.20) could not be audited"}


@pytest.fixture
def said(tmp_path, capsys):
    """A pip-audit that says `answers`, one a call, the last one again and again; what the audit makes of it."""
    lock = tmp_path / "dev.lock"
    lock.write_text(LOCK)

    def run(*answers, required=False):
        (tmp_path / "answers").write_text(json.dumps(answers))
        script = tmp_path / "pip_audit.py"
        script.write_text(
            "import json, pathlib, sys\n"
            f"kept = pathlib.Path({str(tmp_path / 'answers')!r})\n"
            "answers = json.loads(kept.read_text())\n"
            "kept.write_text(json.dumps(answers[1:] or answers))\n"
            "if isinstance(answers[0], str):\n"
            "    print(answers[0], file=sys.stderr)\n"
            "    sys.exit(1)\n"
            "print(json.dumps({'dependencies': answers[0], 'fixes': []}))\n"
        )
        code = audit.main(["--required"] if required else [], [lock], [sys.executable, str(script)])
        return code, capsys.readouterr().out

    return run


def test_a_lock_without_holes(said):
    assert said([CLEAN]) == (0, "dev.lock: 1 packages looked at, 0 not, 0 known holes\n")


def test_a_hole_is_named_and_fails(said):
    code, out = said([CLEAN], [CLEAN, HOLE])
    assert code == 1
    assert "idna 3.20: PYSEC-2099-1, mended in 3.21" in out


@pytest.mark.parametrize(
    "answer", ["could not connect", [UNKNOWN], []], ids=["no service", "a service that knows nothing", "nothing asked"]
)
def test_no_answer_is_a_skip_with_its_reason(said, answer):
    code, out = said(answer)
    assert code == 0
    assert out.startswith("audit skipped: ")
    assert len(out) > len("audit skipped: \n")


@pytest.mark.parametrize(
    "answer", ["could not connect", [UNKNOWN], []], ids=["no service", "a service that knows nothing", "nothing asked"]
)
def test_no_answer_fails_where_one_is_required(said, answer):
    code, out = said(answer, required=True)
    assert code == 1
    assert out.startswith("audit failed: ")


@pytest.mark.parametrize("answer", ["could not connect", [CLEAN, UNKNOWN], []], ids=["lost", "one unknown", "nothing"])
def test_a_service_that_stops_answering_midway_fails(said, answer):
    code, out = said([CLEAN], answer)
    assert code == 1
    assert "audit failed" in out or "could not be audited" in out


def test_a_package_is_asked_for_with_its_hashes():
    assert [line.split(" ")[0] for line in audit.requirements(LOCK)] == ["attrs==26.1.0", "idna==3.20"]
    assert all("--hash=sha256:" in line and "\\" not in line for line in audit.requirements(LOCK))
