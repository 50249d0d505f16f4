"""Secrets that are let out are found: printed, left, in arguments, in somebody else's environment; and a missing one is named."""

from __future__ import annotations

import base64
import gzip
import json
import shlex
import subprocess
import tarfile
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from pipelinekit.model.plan import Secret
from pipelinekit.model.value import replace
from pipelinekit.semantics.interpreter import prepare, simulate
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing import Conformance, Result, corpus, examine, record, sentinels, watch
from pipelinekit.testing.scenarios import scenarios
from tests.testing.conftest import Rewrite
from tests.testing.hand import Hand, plan, stage
from tests.testing.toy.engine import Toy

TOKEN = (Secret("TOKEN", "STORED"),)
VALUE = sentinels.sentinel("STORED")
FORMS = {
    "plain": VALUE,
    "base64": base64.b64encode(VALUE.encode()).decode(),
    "base64 behind a name": base64.b64encode(f"me:{VALUE}".encode()).decode(),
    "base64 behind another": base64.b64encode(f"ada:{VALUE}!".encode()).decode(),
    "URL": quote(VALUE, safe=""),
    "form": quote_plus(VALUE),
    "hex": VALUE.encode().hex(),
    "HEX": VALUE.encode().hex().upper(),
    "shell": shlex.quote(VALUE),
    "JSON": json.dumps(VALUE),
    "its end": VALUE[-20:],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("around", ["{}", "x{}y", "a\n{}\nb"])
def test_every_form_is_found(form: str, around: str) -> None:
    if around == "x{}y" and form == "base64":
        return  # other base64 than that of the value
    finder = sentinels.Finder({"OTHER": sentinels.sentinel("OTHER"), "STORED": VALUE})
    assert finder.keys(around.format(FORMS[form]).encode()) == ["STORED"]


def test_nothing_else_is_found() -> None:
    finder = sentinels.Finder({"STORED": VALUE})
    assert finder.keys(b"STORED stored " + sentinels.LETTERS.encode() + VALUE[:19].encode() + sentinels.sentinel("OTHER").encode()) == []
    assert sentinels.Finder({}).keys(b"anything") == []


def test_a_url_and_a_shell_change_a_sentinel_and_a_files_has_lines() -> None:
    assert quote(VALUE) != VALUE != shlex.quote(VALUE)
    assert "\n" not in VALUE
    assert "\n" in sentinels.sentinel("KEY", file=True)
    assert sentinels.sentinel("KEY", "-")[20:21] == "-"


def found(hand: Hand, **env: str) -> list[tuple[str, str]]:
    """What is said of a run of its job: kind and words."""
    watch.lay(hand.ground, {"file": hand.script("test")})
    hand.job("test", **env)
    trace = hand.trace()
    reference = simulate(hand.run.plan, hand.run.scenario, hand.ground.world)
    return [(each.kind, each.detail) for each in watch.judge(hand.ground, hand.run, trace, reference, {}, record.jobs(hand.ground))]


GOOD = (
    'test -n "$TOKEN"',
    'echo "$TOKEN" | sha256sum',
    'printf %s "$TOKEN" | cat >/dev/null',
    'env -u TOKEN sh -c "test -z \\"\\$TOKEN\\""',
    "cat >key <<END\n$TOKEN\nEND\nrm key",
)
BAD = {
    "echo $TOKEN": "log",
    'printf %s "$TOKEN" | base64 -w 0': "log",
    'printf %s "$TOKEN" | od -An -tx1 | tr -d " \\n"': "log",
    'env true "$TOKEN"': "argv",
    'sh -c "true \'$(echo "$TOKEN" | cut -c1-20)\'"': "argv",
    'curl --version --user "me:$TOKEN" >/dev/null 2>&1 || :': "argv",
    'printf %s "$TOKEN" >key': "file",
    'printf %s "$TOKEN" | gzip >key.gz': "file",
    'printf %s "$TOKEN" >key; tar -czf all.tgz key; rm key': "file",
}


@pytest.mark.parametrize("command", GOOD)
def test_what_keeps_a_secret_is_nothing(tmp_path: Path, command: str) -> None:
    hand = Hand(tmp_path, plan(stage("test", command, secrets=TOKEN)))
    assert found(hand, TOKEN=VALUE) == []


@pytest.mark.parametrize("command", BAD)
def test_what_lets_it_out_is_noticed(tmp_path: Path, command: str) -> None:
    hand = Hand(tmp_path, plan(stage("test", command, secrets=TOKEN)))
    assert BAD[command] in [kind for kind, _ in found(hand, TOKEN=VALUE)]


def test_programs_do_what_they_would(tmp_path: Path) -> None:
    command = 'test "$(printf "a b" | cat)" = "a b" && ! grep -q x /dev/null && test "$(basename "it\'s \\"so\\"")" = "it\'s \\"so\\""'
    hand = Hand(tmp_path, plan(stage("test", command, secrets=TOKEN)))
    assert found(hand, TOKEN=VALUE) == []
    assert hand.ended is not None and hand.ended.returncode == 0
    assert {path.name for path in hand.ground.shims.iterdir()} >= {"cat", "grep", "basename"}
    watch.lay(hand.ground, {"file": "nothing"})
    assert "cat" not in {path.name for path in hand.ground.shims.iterdir()}


def test_the_arguments_of_the_shell_around_a_job_are_looked_at(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", secrets=TOKEN)))
    script = f"TOKEN={shlex.quote(VALUE)}; export TOKEN\n{hand.script('test')}"
    assert hand.attempt("test", script=script) == 0
    reference = simulate(hand.run.plan, hand.run.scenario, hand.ground.world)
    said = watch.judge(hand.ground, hand.run, hand.trace(), reference, {}, record.jobs(hand.ground))
    assert ("argv", "the secret STORED is an argument of dash") in [(each.kind, each.detail) for each in said]


def test_what_an_engine_starts_itself_is_looked_at(tmp_path: Path) -> None:
    two = plan(stage("test", "true"), stage("deploy", "true", secrets=TOKEN, on=()))
    hand = Hand(tmp_path, two)
    hand.ground.started(["docker", "run", "-e", f"TOKEN={VALUE}"], {"HOME": "/root"})
    hand.ground.started(["git", "clone"], {"TOKEN": VALUE})
    assert found(hand) == [
        ("argv", "the secret STORED is an argument of docker"),
        ("leak", "git is given the secret STORED, which no job of the run names"),
    ]


def test_a_secret_under_another_name_is_a_leak(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true"), stage("deploy", "true", secrets=TOKEN)))
    assert found(hand, OTHER=f"me:{VALUE}") == [("leak", "it sees the secret STORED as OTHER")]


def test_a_systems_own_place_may_hold_it(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", secrets=TOKEN)))
    for name in ("store", "1/tmp", "2/tmp", "2/left"):
        (hand.ground.work / name).mkdir(parents=True)
        (hand.ground.work / name / "key").write_text(VALUE)
    hand.ground.private(hand.ground.work / "store")
    hand.ground.private(hand.ground.work / "*" / "tmp")
    assert found(hand, TOKEN=VALUE) == [("file", "the secret STORED is left in work/2/left/key")]


def test_packed_files_that_are_broken_are_looked_at_as_they_are(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", secrets=TOKEN)))
    whole = gzip.compress(b"nothing" * 100)
    (hand.ground.work / "half.gz").write_bytes(whole[:20])
    (hand.ground.work / "names.tar").write_bytes(b"\0" * 257 + b"ustar" + b"\xff" * 600)
    with tarfile.open(hand.ground.work / "good.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo(VALUE[:20]))
    assert {detail for _, detail in found(hand, TOKEN=VALUE)} == {"the secret STORED is left in work/good.tar"}


@pytest.mark.parametrize("printed", ["", "STORED is missing", "TOKEN: parameter null or not set", "something is missing"])
def test_a_missing_secret_is_named(tmp_path: Path, printed: str) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", secrets=TOKEN)), Scenario("push without STORED", missing=("STORED",)))
    hand.ground.job_start("test")
    hand.ground.output("engine", printed)
    hand.ground.job_end("test", "failed")
    reference = simulate(hand.run.plan, hand.run.scenario, hand.ground.world)
    said = [each.kind for each in watch.judge(hand.ground, hand.run, hand.trace(), reference, {}, {})]
    assert said == ([] if "STORED" in printed or "TOKEN" in printed else ["secret"])


@pytest.mark.parametrize("name", ["secrets", "secrets-optional"])
def test_a_system_that_gives_secrets_as_arguments_is_noticed(toy: Conformance, name: str) -> None:
    class Telling(Toy):
        def job(self, job, trunk, ground, scenario):
            for key in job["secrets"].values():
                subprocess.run(["test", ground.secrets[key]], env=ground.environment(), check=True)
            return super().job(job, trunk, ground, scenario)

    given = corpus.plan(name)
    (result,) = examine(replace(toy, engines=(Telling(),)), name, given, scenarios(given)[:1])
    assert isinstance(result, Result)
    assert {each.kind for each in result.differences} == {"argv"}


def test_a_system_that_prints_base64_is_noticed(toy: Conformance, rewrite: Rewrite) -> None:
    def let_out(file):
        for job in file["jobs"]:
            job["script"] += [f'printf %s "${name}" | base64' for name in job["secrets"]]

    rewrite(let_out)
    given = corpus.plan("secrets")
    (result,) = examine(toy, "secrets", given, scenarios(given)[:1])
    assert isinstance(result, Result)
    assert "log" in {each.kind for each in result.differences}


def test_a_store_that_cannot_hold_all_letters_says_so(toy: Conformance) -> None:
    given = corpus.plan("secrets")
    values: list[str] = []

    class Noting(Toy):
        def run(self, files, ground, scenario):
            values.extend(ground.secrets.values())
            super().run(files, ground, scenario)

    list(examine(replace(toy, letters="-", engines=(Noting(),)), "secrets", given, scenarios(given)[:1]))
    assert values and all(len(value) == 41 and value[20] == "-" for value in values)


def test_a_forks_run_wants_no_secret() -> None:
    run = prepare(corpus.plan("forks-and-secrets"), Scenario("fork", Happening("pull_request", branch="x", fork=True)))
    assert all(not job.secrets for job in run.jobs)
