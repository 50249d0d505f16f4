"""PK038: outsiders' text as code, and where it is only text."""

from __future__ import annotations

import pytest

from pipelinekit import Input, Pipeline, on
from pipelinekit.check.outsiders import misused
from pipelinekit.check.run import check
from pipelinekit.model.names import OUTSIDERS
from pipelinekit.text.words import commands

BAD = {
    'eval "echo $PK_TITLE"': "eval",
    "eval echo '\"'${PK_TITLE}'\"'": "eval",
    'sh -c "echo $PK_TITLE"': "sh",
    'bash -euxc "deploy ${PK_BRANCH}"': "bash",
    "/bin/sh -c \"echo '$PK_TITLE'\"": "sh",
    'env A=b timeout 5 bash -c "echo $PK_TAG"': "bash",
    "python -c \"print('$PK_TITLE')\"": "python",
    "python3.12 -c \"print('''${PK_TITLE}''')\"": "python",
    'perl -ne "print if /$PK_BRANCH/" log': "perl",
    'node --eval "console.log(`$PK_TITLE`)"': "node",
    "node --eval=\"x = '$PK_TITLE'\"": "node",
    'ssh -p 22 me@host "git checkout $PK_BRANCH"': "ssh",
    "ssh host deploy $PK_TAG": "ssh",
    'ls | xargs -I{} sh -c "echo {} $PK_BRANCH"': "sh",
    'find . -name x -exec bash -c "echo $PK_TITLE" \\;': "bash",
    'kubectl exec pod -- sh -c "echo $PK_AUTHOR"': "sh",
    "psql -c \"insert into runs values ('$PK_TITLE')\"": "psql",
    'psql "$URL" --command="select \'$PK_TITLE\'"': "psql",
    "mysql -e \"select '$PK_AUTHOR'\" db": "mysql",
    'source "envs/$PK_BRANCH"': "source",
    '. "./$PK_BRANCH.env"': ".",
    "sh <<EOF\necho $PK_TITLE\nEOF": "sh",
    "python - <<END\nprint('$PK_TITLE')\nEND": "python",
    "psql \"$URL\" <<-SQL\n\tselect '$PK_TITLE';\n\tSQL": "psql",
    'bash <<< "echo $PK_TITLE"': "bash",
    'echo "run $PK_TITLE" | sh': "sh",
    'printf "%s\\n" "$PK_TITLE" | bash -s': "bash",
    '"$PK_BRANCH/run.sh"': "the shell",
    "$PK_TITLE": "the shell",
    'sed "s/@title@/$PK_TITLE/" page': "sed",
    "sed -i -e 's/a/b/' -e \"s/@/$PK_BRANCH/\" page": "sed",
    'awk "/$PK_TITLE/" log': "awk",
    'trap "echo $PK_TITLE" EXIT': "trap",
    'if eval "test $PK_TITLE"; then echo yes; fi': "eval",
    'x=$(sh -c "echo $PK_TITLE")': "sh",
    'echo "$(eval "echo $PK_TITLE")"': "eval",
    'title="$PK_TITLE"; eval "echo $title"': "eval",
    'export T=$PK_TITLE\nbash -c "echo $T"': "bash",
    "sh -c 'eval \"echo $PK_TITLE\"'": "eval",
    'echo `python -c "$PK_TITLE"`': "python",
}
GOOD = (
    'echo "$PK_TITLE"',
    'printf "%s\\n" "$PK_TITLE" "$PK_AUTHOR"',
    'test "$PK_BRANCH" = main && deploy',
    'case "$PK_BRANCH" in release/*) sh deploy.sh ;; esac',
    'sh -c \'echo "$1"\' sh "$PK_TITLE"',
    'bash -c \'echo "$1"\' bash "${PK_TITLE}"',
    'python -c "import sys; print(sys.argv[1])" "$PK_TITLE"',
    'python3 script.py --title "$PK_TITLE"',
    "python -c 'import os; print(os.environ[\"PK_TITLE\"])'",
    'sh deploy.sh "$PK_TAG"',
    'git checkout "$PK_BRANCH"',
    'git commit -m "release $PK_TAG"',
    'curl --data-urlencode "title=$PK_TITLE" https://hooks.example',
    "cat <<EOF >notes.md\n# $PK_TITLE\nEOF",
    "sh <<'EOF'\necho hello\nEOF",
    "echo '$(eval $PK_TITLE)'",
    'eval "$(ssh-agent)"; echo $PK_TITLE',
    'echo "$PK_TITLE" | grep -q wip',
    'echo "$PK_TITLE" >title.txt; sh build.sh',
    'echo "$PK_TITLE"; echo ls | sh',
    'echo "$PK_TITLE" || sh fallback.sh',
    'psql -v title="$PK_TITLE" -f insert.sql',
    "awk -v title=\"$PK_TITLE\" '$0 ~ title' log",
    "sed 's/a/b/' \"$PK_TAG.txt\"",
    'docker build --build-arg "TITLE=$PK_TITLE" .',
    "jq -n --arg title \"$PK_TITLE\" '{title: $title}'",
    '# eval "$PK_TITLE"\necho done',
    'echo sh -c "$PK_TITLE"',
    'make release TAG="$PK_TAG"',
    'echo "$PK_SHA" | sh',
    'eval "echo \\$PK_TITLE"',
    'x="$PK_TITLE"; echo "$x"',
    "ssh host deploy.sh; echo $PK_TITLE",
    'for part in $PK_TITLE; do echo "$part"; done',
    'python -m pytest -k "$PK_BRANCH"',
)


@pytest.mark.parametrize("script", BAD)
def test_what_is_read_as_code_is_found(script: str) -> None:
    assert BAD[script] in [reader for _, reader in misused(script, OUTSIDERS)]


@pytest.mark.parametrize("script", GOOD)
def test_what_stays_text_is_not(script: str) -> None:
    assert list(misused(script, OUTSIDERS)) == []


def test_a_finding_names_stage_fact_and_reader_once() -> None:
    p = Pipeline("x", image="debian:12-slim")
    p.test('eval "echo $PK_TITLE"', 'eval "echo $PK_TITLE again"')
    p.lint('echo "$PK_TITLE"')
    (found,) = check(p.plan())
    assert (found.code, found.level, found.stage) == ("PK038", "error", "test")
    assert found.message == "test hands PK_TITLE, which outsiders choose, to eval as code"
    assert "sh -c" in found.hint
    assert found.source.line


def test_inputs_that_people_type_are_theirs_and_choices_are_not() -> None:
    p = Pipeline(
        "x", image="debian:12-slim", triggers=[on.manual("go", inputs=[Input("free", "a"), Input("one", "a", choices=("a", "b"))])]
    )
    p.test('bash -c "run $FREE"')
    p.lint('bash -c "run $ONE"')
    assert [(each.code, each.stage) for each in check(p.plan())] == [("PK038", "test")]


@pytest.mark.parametrize(
    "script", ["'", '"', "$(", "${", "`", "<<", "<<E", "x <<E\ny", "$((1 + (2)))", "a 'b", "\\", "case x in a) b ;; esac"]
)
def test_any_text_can_be_read(script: str) -> None:
    assert all(command.words or command.assigned for command in commands(script))
