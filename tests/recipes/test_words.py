"""What a recipe is given is what its program gets, word by word, in every shell that runs it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelinekit import Secret, ci
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.recipes import cloud_run, connect, data, install, kubernetes, notebooks, python, r, squawk, ssh
from tests.readers.engines import require
from tests.recipes.play import SHA, play, stage

IMAGE = f"registry.example.com:5000/team/app:{ci.sha}"
DIGEST = "registry.example.com/team/app@sha256:" + "a" * 64
KEY = Secret("CONNECT_API_KEY")
SSH = Secret("SSH_KEY", file=True)
HOSTILE = 'it\'s "so" $(touch pwned) `touch pwned` $HOME \\ ; *'

CALLS: list[tuple[Recipe, dict[str, str], list[str]]] = [
    (install.pip(), {"python": ""}, ["python -m pip install --require-hashes -r requirements.lock"]),
    (install.pip("a.txt", "b c.txt", hashes=False), {"python": ""}, ["python -m pip install -r a.txt -r b c.txt"]),
    (install.uv(groups=["test"], extras=["gpu"]), {"uv": ""}, ["uv sync --locked --group test --extra gpu"]),
    (install.poetry(groups=["a", "b"]), {"poetry": ""}, ["poetry check --lock", "poetry install --no-interaction --with a,b"]),
    (install.pixi("cuda"), {"pixi": ""}, ["pixi install --locked --environment cuda"]),
    (install.renv("https://r.example"), {"Rscript": ""}, ['Rscript -e renv::restore(prompt = FALSE, repos = c("https://r.example"))']),
    (
        python.pytest("tests", "more tests", coverage="app", options="-x"),
        {"python": ""},
        ["python -m pytest --junitxml=reports/junit.xml --cov=app --cov-report=term -x tests more tests"],
    ),
    (python.wheel(), {"python": ""}, ["python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist/ ."]),
    (notebooks.from_text("a.py"), {"jupytext": ""}, ["jupytext --to ipynb a.py"]),
    (
        notebooks.execute("a.ipynb", output="out/b.ipynb", parameters={"day": HOSTILE, "sha": f"{ci.sha}"}),
        {"papermill": ""},
        [f"papermill -r day {HOSTILE} -r sha {SHA} a.ipynb out/b.ipynb"],
    ),
    (notebooks.lint("n/"), {"nbqa": ""}, ["nbqa ruff check n/"]),
    (notebooks.clean("n.ipynb"), {"nbstripout": ""}, ["nbstripout --verify n.ipynb"]),
    (data.validate("a b.csv", schema="s.yaml"), {"frictionless": ""}, ["frictionless validate a b.csv --schema s.yaml"]),
    (
        squawk.lint("a.sql", exclude=["prefer-big-int", "x"], postgres="16"),
        {"squawk": ""},
        ["squawk --exclude=prefer-big-int,x --pg-version=16 a.sql"],
    ),
    (
        cloud_run.deploy("app", IMAGE, region="europe-west1", variables={"APP_ENV": "staging", "X": "a,b@c"}, traffic=False),
        {"gcloud": ""},
        [
            f"gcloud run deploy app --image registry.example.com:5000/team/app:{SHA} --region europe-west1"
            f" --update-env-vars ^|^APP_ENV=staging|X=a,b@c --no-traffic --tag c-{SHA[:8]} --quiet"
        ],
    ),
    (
        kubernetes.helm("app", "./chart", IMAGE, namespace="team", values=["v.yaml"], settings={"a.b": "x,y"}),
        {"helm": ""},
        [
            "helm upgrade --install app ./chart --create-namespace --atomic --wait --namespace team --timeout 5m --values v.yaml"
            f" --set-string image.repository=registry.example.com:5000/team/app --set-string image.tag={SHA} --set-string a.b=x\\,y"
        ],
    ),
    (
        kubernetes.helm("app", "./chart", DIGEST, namespace="team"),
        {"helm": ""},
        [
            "helm upgrade --install app ./chart --create-namespace --atomic --wait --namespace team --timeout 5m"
            f" --set-string image.repository=registry.example.com/team/app --set-string image.digest=sha256:{'a' * 64}"
        ],
    ),
    (
        connect.dash("app:server", app_id="7", key=KEY, title=HOSTILE, draft=True),
        {"rsconnect": ""},
        [f"rsconnect deploy dash --entrypoint app:server --app-id 7 --title {HOSTILE} --metadata commit={SHA} --draft ."],
    ),
    (
        connect.manifest(app_id="7", key=KEY, variables={"APP_ENV": "staging", "X": HOSTILE}),
        {"rsconnect": ""},
        [
            f"rsconnect deploy manifest --app-id 7 --environment APP_ENV=staging --environment X={HOSTILE}"
            f" --metadata commit={SHA} manifest.json"
        ],
    ),
    (
        install.renv("https://r.example", library="my library"),
        {"Rscript": ""},
        ['Rscript -e renv::restore(prompt = FALSE, library = "my library", repos = c("https://r.example"))'],
    ),
]


@pytest.mark.parametrize(("recipe", "programs", "wanted"), CALLS, ids=[wanted[0].split(" --")[0] for _, _, wanted in CALLS])
def test_calls(tmp_path: Path, recipe: Recipe, programs: dict[str, str], wanted: list[str]) -> None:
    (tmp_path / "w").mkdir()
    for shell in ("sh", "bash"):
        found = play(recipe, tmp_path / "w", programs=programs, shell=shell, environment={"SSH_KEY": "/key"})
        assert found.status == 0, found.output
        assert [" ".join(words) for words in found.calls] == wanted
    assert [path.name for path in (tmp_path / "w").rglob("*") if path.name == "pwned"] == []


@pytest.mark.parametrize(("recipe", "programs", "wanted"), CALLS, ids=[wanted[0].split(" --")[0] for _, _, wanted in CALLS])
def test_a_failure_is_one(tmp_path: Path, recipe: Recipe, programs: dict[str, str], wanted: list[str]) -> None:
    (tmp_path / "w").mkdir()
    assert play(recipe, tmp_path / "w", programs=dict.fromkeys(programs, "exit 3")).status == 3


def test_what_was_installed_is_first_on_the_path(tmp_path: Path) -> None:
    (tmp_path / "w/.venv/bin").mkdir(parents=True)
    tool = tmp_path / "w/.venv/bin/tool"
    tool.write_text("#!/bin/sh\necho ours\n")
    tool.chmod(0o755)
    recipe = install.uv()
    used = Recipe(commands=[*recipe.commands, "tool"])
    assert play(used, tmp_path / "w", programs={"uv": "", "tool": "echo another"}).output == "ours\n"


def test_what_renv_restored_is_found_by_later_commands(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    recipe = install.renv(library="renv/library")
    used = Recipe(commands=[*recipe.commands, 'echo "$R_LIBS"'])
    assert play(used, tmp_path / "w", programs={"Rscript": ""}).output == f"{tmp_path}/w/renv/library\n"
    assert stage(recipe).caches[0].paths == ("renv/library",)
    assert dict(stage(recipe).variables) == dict(stage(install.renv()).variables) == {"RENV_CONFIG_CACHE_ENABLED": "FALSE"}


def test_conda_takes_the_lock_of_a_platform(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (call,) = play(install.conda(), tmp_path / "w", programs={"micromamba": ""}).calls
    assert call == [
        "micromamba",
        "create",
        "--yes",
        "--prefix",
        f"{tmp_path}/w/.conda",
        "--platform",
        "linux-64",
        "--file",
        "conda-lock.yml",
    ]


def test_caches_are_named_by_the_lock() -> None:
    for recipe, lock in (
        (install.uv(), "uv.lock"),
        (install.poetry(), "poetry.lock"),
        (install.conda(), "conda-lock.yml"),
        (install.renv(), "renv.lock"),
    ):
        (cache,) = stage(recipe).caches
        assert cache.key_files == (lock,)


def test_the_other_side_of_ssh_gets_each_word(tmp_path: Path) -> None:
    """sshd hands the words to a shell as one text: here a stand-in does."""
    (tmp_path / "w").mkdir()
    recipe = ssh.run("deploy@host", "printf", "%s|", HOSTILE, IMAGE, "", key=SSH, port=2222)
    here = 'for last; do :; done; sh -c "$last"'
    found = play(recipe, tmp_path / "w", programs={"ssh": here}, environment={"SSH_KEY": "/run/key"})
    assert found.output == f"{HOSTILE}|registry.example.com:5000/team/app:{SHA}||"
    assert found.calls[0][:-1] == [
        *("ssh", "-i", "/run/key", "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"),
        *("-o", "UserKnownHostsFile=known_hosts", "-p", "2222", "deploy@host"),
    ]
    assert stage(recipe).secrets[0].file


def test_a_schedule_is_made_once_and_changed_afterwards(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    recipe = cloud_run.schedule("scores", IMAGE, cron="0 3 * * *", region="r", account="a@b", project="p")
    there = play(recipe, tmp_path / "w", programs={"gcloud": ""}).calls
    absent = play(recipe, tmp_path / "w", programs={"gcloud": 'case "$*" in *describe*) exit 1 ;; esac'}).calls
    assert [words[3] for words in (*there[1:], *absent[1:])] == ["describe", "update", "describe", "create"]
    assert there[0][1:5] == ["run", "jobs", "deploy", "scores"]
    assert there[2][there[2].index("--schedule") + 1] == "0 3 * * *"


def test_kustomize_waits_for_the_roll_out(tmp_path: Path) -> None:
    (tmp_path / "w/overlays/staging").mkdir(parents=True)
    recipe = kubernetes.kustomize("overlays/staging", IMAGE, name="app", deployment="web", namespace="team")
    found = play(recipe, tmp_path / "w", programs={"kustomize": "pwd", "kubectl": ""})
    assert found.output == f"{tmp_path}/w/overlays/staging\n"
    assert [" ".join(words) for words in found.calls] == [
        f"kustomize edit set image app=registry.example.com:5000/team/app:{SHA}",
        "kubectl apply --kustomize overlays/staging --namespace team",
        "kubectl rollout status deployment/web --namespace team --timeout 5m",
    ]


@pytest.mark.parametrize("image", ["app:latest", "registry.example.com/app", "app:1.2", "app:${PK_BRANCH}"])
def test_what_a_later_run_could_move_is_not_deployed(image: str) -> None:
    for deploy in (
        lambda: cloud_run.deploy("a", image, region="r"),
        lambda: kubernetes.helm("a", "c", image, namespace="n"),
        lambda: kubernetes.kustomize("a", image, name="n", deployment="d", namespace="n"),
        lambda: cloud_run.schedule("a", image, cron="0 3 * * *", region="r", account="a", project="p"),
    ):
        with pytest.raises(DefinitionError, match="PK015"):
            deploy()


def test_outsiders_text_does_not_reach_a_shell_elsewhere() -> None:
    with pytest.raises(DefinitionError, match="PK014"):
        ssh.run("host", f"echo {ci.title}", key=SSH)


def test_the_recipes_of_r_are_code_of_r(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    found = play(r.testthat("my tests"), tmp_path / "w", programs={"Rscript": ""}).calls[0][2]
    assert 'test_dir("my tests", stop_on_failure = TRUE' in found
    assert "quit(status = as.integer(length(lints) > 0))" in play(r.lint(), tmp_path / "w", programs={"Rscript": ""}).calls[0][2]
    assert (tmp_path / "w/reports").is_dir()


@pytest.mark.parametrize("shell", ["bash", "busybox"])
def test_other_shells_take_them_too(tmp_path: Path, shell: str) -> None:
    require(None if shutil.which(shell) else f"{shell} isn't installed")
    (tmp_path / "w").mkdir()
    recipe = ssh.run("h", HOSTILE, key=SSH)
    assert play(recipe, tmp_path / "w", programs={"ssh": ""}).calls[0][-1].count("pwned") == 2
