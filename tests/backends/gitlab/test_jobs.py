"""One stage, one job."""

import pytest

from pipelinekit import Cache, Checkout, Environment, Matrix, Pipeline, Runner, Secret, Service, ci, on

from .rendered import child, codes, config, emission, files

python = Matrix("python", "3.10", "3.12")


def pipeline(**options):
    return Pipeline("x", image="python:3.12", triggers=[on.push()], **options)


def test_defaults_say_what_most_jobs_share_and_others_say_no():
    p = pipeline(setup="pip install -r requirements.lock", cache=Cache.pip())
    p.lint("ruff")
    p.test("pytest")
    p.step("Rscript x.R", name="report", image="rocker/r-ver:4.4.1")
    found = config(p)
    assert found["default"]["image"] == "python:3.12"
    assert found["default"]["before_script"] == ["pip install -r requirements.lock"]
    assert set(found["lint"]) == {"stage", "needs", "script"}
    assert found["report"]["before_script"] == []
    assert found["report"]["cache"] == []
    assert found["variables"]["PIP_CACHE_DIR"] == "$CI_PROJECT_DIR/.cache/pip"


def test_gates_and_triggers_inherit_no_setup():
    p = pipeline(setup="make ready", variables={"A": "1"})
    lint, test = p.lint("ruff"), p.test("pytest")
    production = Environment("production")
    live = p.deploy("ship", environment=production, needs=[p.gate("Sure?", needs=[lint, test])])
    p.verify("look", environment=production, needs=[live])
    found = config(p)
    assert found["gate"]["inherit"] == {"default": ["image"]}
    assert found["production"]["inherit"] == {"default": False, "variables": False}


def test_a_gate_is_a_blocking_manual_job_that_asks():
    p = pipeline()
    p.deploy("ship", environment=Environment("production"), needs=[p.gate("Ship to production?", needs=[p.test("pytest")])])
    gate = config(p)["gate"]
    assert (gate["when"], gate["allow_failure"], gate["manual_confirmation"]) == ("manual", False, "Ship to production?")
    assert gate["variables"] == {"GIT_STRATEGY": "none"}
    assert config(p)["default"] == {"image": "python:3.12"}


def test_a_gate_has_an_image_of_its_own_where_the_jobs_share_none():
    p = Pipeline("x", triggers=[on.push()], targets={"gitlab": {"gate_image": "alpine:3.20"}})
    test = p.test("pytest", image="python:3.12")
    p.deploy("ship", image="alpine:3.22", environment=Environment("production"), needs=[p.gate("Sure?", needs=[test])])
    assert config(p)["gate"]["image"] == "alpine:3.20"


def test_matrix_values_are_texts_and_cells_are_needed_one_by_one():
    p = pipeline()
    test = p.test("pytest", image=f"python:{python}-slim", matrix=python, outputs=f"cov-{python}.xml")
    p.step("show", name="one", needs=[test.cell(python="3.12")["cov-3.12.xml"]])
    p.step("merge", name="all", needs=[test[f"cov-{python}.xml"]])
    found = config(p)
    assert found["test"]["parallel"] == {"matrix": [{"PYTHON": ["3.10", "3.12"]}]}
    assert found["test"]["image"] == "python:${PYTHON}-slim"
    cells = [(need["parallel"]["matrix"], need.get("artifacts", True)) for need in found["one"]["needs"]]
    assert cells == [([{"PYTHON": "3.12"}], True), ([{"PYTHON": "3.10"}], False)]
    assert found["all"]["needs"] == ["test"]


def test_artifacts_are_what_is_asked_for_and_bare_needs_bring_none():
    p = pipeline()
    wheel = p.build("make", outputs=["dist/", "unused.txt"])
    p.test("a", name="with", needs=[wheel["dist/x.whl"]])
    p.test("b", name="bare", needs=[wheel])
    found = config(p)
    assert found["build"]["artifacts"] == {"paths": ["dist/"]}
    assert found["with"]["needs"] == ["build"]
    assert found["bare"]["needs"] == [{"job": "build", "artifacts": False}]


def test_more_files_than_asked_for_are_named():
    p = pipeline()
    wheel = p.build("make", outputs=["dist/", "docs/"])
    p.test("a", name="one", needs=[wheel["dist/"]])
    p.test("b", name="other", needs=[wheel["docs/"]])
    assert codes(p) == [("PK1404", "artifacts")]


def test_reports_and_kept_files_outlive_a_failure():
    p = pipeline()
    p.test("pytest", reports=["unit.xml", "junit/"], keep="logs/*.txt", keep_for="36h")
    assert config(p)["test"]["artifacts"] == {
        "when": "always",
        "paths": ["logs/*.txt"],
        "expire_in": "1 day 12 hours",
        "reports": {"junit": ["unit.xml", "junit/**/*.xml"]},
    }


def test_handed_out_files_that_go_early_are_named():
    p = pipeline()
    wheel = p.build("make", outputs="dist/", keep="dist/", keep_for="2h")
    p.test("a", needs=[wheel["dist/"]])
    assert codes(p) == [("PK1404", "keep")]


def test_caches_are_read_only_in_merge_requests():
    p = Pipeline("x", image="python:3.12", triggers=[on.push(), on.pull_request()])
    p.test("pytest", cache=[Cache.pip("a.lock"), Cache("models/", key="a.lock"), Cache(".x")])
    p.lint("ruff", on=[on.pull_request()], cache=Cache.pip("a.lock"))
    p.step("train", name="train", on=[on.push()], cache=Cache.pip("a.lock"))
    found = config(p)
    assert [cache["key"] for cache in found["test"]["cache"]] == [
        {"files": ["a.lock"], "prefix": "cache-pip"},
        {"files": ["a.lock"], "prefix": "models"},
        "x",
    ]
    assert {cache["policy"] for cache in found["test"]["cache"]} == {"$PK_CACHE_POLICY"}
    assert found["lint"]["cache"]["policy"] == "pull"
    assert "policy" not in found["train"]["cache"]
    assert found["variables"]["PK_CACHE_POLICY"] == "pull-push"
    assert [rule.get("variables") for rule in found["workflow"]["rules"]] == [None, {"PK_CACHE_POLICY": "pull"}]


def test_services_are_known_by_alias():
    db = Service("db", image="postgres:16", port=5432, variables={"PASSWORD": "a$b"}, command="postgres -c 'x=1 2'")
    p = pipeline()
    p.test("pytest", services=[db])
    service = config(p)["test"]["services"][0]
    assert service == {
        "name": "postgres:16",
        "alias": "db",
        "command": ["postgres", "-c", "x=1 2"],
        "variables": {"PASSWORD": "a$$b"},
    }
    assert "nc -z db 5432" in config(p)["test"]["before_script"][0]


def test_variables_keep_their_dollars():
    p = pipeline(variables={"EMPTY": "", "PRICE": "$5", "VERSION": "3.10"})
    p.test("pytest", variables={"PRICE": "$6"})
    found = config(p)
    assert found["variables"] == {"EMPTY": "", "PRICE": {"value": "$5", "expand": False}, "VERSION": "3.10"}
    assert found["test"]["variables"] == {"PRICE": {"value": "$6", "expand": False}}


def test_secrets_are_scoped_to_an_environment():
    p = pipeline()
    p.test("pytest", secrets=[Secret("TOKEN", stored="CI_X_TOKEN"[3:])])
    p.deploy("ship", environment=Environment("production", secrets=[Secret("KEY")]))
    found = config(p)
    assert found["test"]["environment"] == {"name": "ci/test", "action": "access"}
    assert found["deploy-production"]["environment"] == {"name": "production"}
    assert found["test"]["before_script"] == ['export TOKEN="${X_TOKEN:?the secret X_TOKEN is missing}"']


def test_environments_carry_url_and_what_is_done_there():
    production = Environment("production", url="https://x.example")
    p = pipeline(targets={"gitlab": {"tiers": {"production": "other"}}})
    ready = p.migrate("m", environment=production)
    live = p.deploy("d", environment=production, needs=[ready])
    p.verify("v", environment=production, needs=[live])
    found = child(p, "production")
    named = {"name": "production", "url": "https://x.example"}
    assert found["migrate-production"]["environment"] == {**named, "action": "prepare"}
    assert found["deploy-production"]["environment"] == {**named, "deployment_tier": "other"}
    assert found["verify-production"]["environment"] == {**named, "action": "verify"}


def test_runners_are_chosen_by_tags():
    p = pipeline(targets={"gitlab": {"tags": {"arm64": "saas-linux-small-arm64"}}})
    p.step("train", runner=Runner("big", arch="arm64", gpus=1))
    assert config(p)["step"]["tags"] == ["big", "saas-linux-small-arm64", "gpu"]
    assert codes(p) == []


@pytest.mark.parametrize("runner", [Runner(cpus=4), Runner(memory="16Gi"), Runner(gpus=2)])
def test_sizes_of_runners_are_not_looked_at(runner):
    p = pipeline()
    p.step("train", runner=runner)
    assert codes(p) == [("PK1404", "runner")]


def test_the_tree_has_what_checkout_asks_for():
    p = pipeline()
    p.test("a", name="plain")
    p.test("b", name="all", checkout=Checkout(history=True, tags=True, lfs=True, submodules=True))
    found = config(p)
    asked = {
        "GIT_DEPTH": "0",
        "GIT_FETCH_EXTRA_FLAGS": "--prune --quiet --tags",
        "GIT_SUBMODULE_STRATEGY": "recursive",
        "GIT_LFS_SKIP_SMUDGE": "0",
    }
    assert found["all"]["variables"] == asked
    assert found["plain"]["variables"] == {"GIT_LFS_SKIP_SMUDGE": "1"}


def test_what_all_jobs_ask_of_the_tree_is_said_once():
    p = pipeline(checkout=Checkout(history=True))
    p.test("a", name="one")
    p.test("b", name="other")
    found = config(p)
    assert found["variables"] == {"GIT_DEPTH": "0"}
    assert "variables" not in found["one"]


def test_times_attempts_and_allowed_failures():
    p = pipeline()
    p.test("pytest", timeout="1h 30m", retries=2, allow_failure=True)
    found = config(p)["test"]
    assert (found["timeout"], found["retry"], found["allow_failure"]) == ("1 hour 30 minutes", 2, True)


def test_more_than_two_retries_are_fewer_here():
    p = pipeline()
    p.test("pytest", retries=5)
    assert config(p)["test"]["retry"] == 2
    assert codes(p) == [("PK1404", "retries")]


def test_what_comes_after_all_others():
    p = pipeline()
    p.test("pytest", outputs="x.txt")
    p.step("tell", name="tell", when="on_failure")
    p.step("sweep", name="sweep", when="always", allow_failure=True)
    found = config(p)
    for name, when in (("tell", "on_failure"), ("sweep", "always")):
        assert (found[name]["stage"], found[name]["when"], found[name]["dependencies"]) == (".post", when, [])
        assert "needs" not in found[name]


def test_facts_are_given_to_those_that_mention_them():
    p = Pipeline("x", image="python:3.12", triggers=[on.push(), on.pull_request()])
    p.test(f"echo {ci.sha} {ci.run_id} {ci.environment} {ci.event} {ci.pull_request}")
    p.lint("ruff")
    found = config(p)
    assert found["test"]["variables"] == {"PK_SHA": "$CI_COMMIT_SHA", "PK_RUN_ID": "$CI_PIPELINE_ID", "PK_ENVIRONMENT": ""}
    assert [rule["variables"] for rule in found["test"]["rules"]] == [{"PK_EVENT": "push"}, {"PK_EVENT": "pull_request"}]
    assert found["test"]["before_script"] == ['export PK_PULL_REQUEST="$CI_MERGE_REQUEST_IID"']
    assert "variables" not in found["lint"]


def test_one_event_needs_no_rules_to_be_told():
    p = pipeline()
    p.test(f"echo {ci.event}")
    assert config(p)["test"]["variables"] == {"PK_EVENT": "push"}


def test_outsiders_titles_are_unsafe_and_names_with_a_dollar_start_no_run():
    p = Pipeline("x", image="python:3.12", triggers=[on.push(), on.pull_request()])
    p.test(f'echo "{ci.branch}"')
    assert codes(p) == [("PK1404", "outsiders")]
    condition = config(p)["workflow"]["rules"][1]["if"]
    assert condition.endswith("$CI_MERGE_REQUEST_SOURCE_BRANCH_NAME !~ /[$%]/")
    p.lint(f'echo "{ci.title}"')
    assert ("PK1403", "outsiders") in codes(p)


def test_trunks_name_is_no_outsiders_text():
    p = pipeline()
    p.test(f'echo "{ci.branch}"')
    assert codes(p) == []


def test_the_commit_in_an_image_is_spelled():
    p = pipeline()
    p.test("a", image=f"registry.example.com/x:{ci.sha}")
    p.test("b", name="b", image=f"registry.example.com/x:{ci.short_sha}_1")
    found = config(p)
    assert found["test"]["image"] == "registry.example.com/x:$CI_COMMIT_SHA"
    assert found["b"]["image"] == "registry.example.com/x:${CI_COMMIT_SHORT_SHA}_1"


def test_tools_lose_their_entrypoint():
    p = pipeline(targets={"gitlab": {"clear_entrypoint": ["example.com/tool"]}})
    p.step("terraform plan", name="plan", image="hashicorp/terraform:1.9")
    p.step("tool", name="tool", image="example.com/tool:2")
    found = config(p)
    assert found["plan"]["image"] == {"name": "hashicorp/terraform:1.9", "entrypoint": [""]}
    assert found["tool"]["image"]["entrypoint"] == [""]


def test_raw_text_is_merged_last():
    p = pipeline(raw={"gitlab": {"include": [{"template": "Jobs/SAST.gitlab-ci.yml"}]}})
    p.test("pytest", raw={"gitlab": {"coverage": "/TOTAL.* ([0-9.]+)%/", "needs": None, "id_tokens": {"T": {"aud": "a"}}}})
    found = emission(p)
    assert "coverage: /TOTAL" in found.files[".gitlab-ci.yml"]
    assert "needs" not in config(p)["test"]


def test_the_same_bytes_every_time():
    def made():
        p = pipeline(setup="make ready")
        p.deploy("d", environment=Environment("e"), needs=[p.test("a", matrix=python)])
        return files(p)

    assert made() == made()


def test_variables_keep_their_percent_signs():
    p = pipeline(variables={"FORMAT": "%Y%m%d", "SHARE": "5%"})
    p.test("t", variables={"TOLD": "%CI_COMMIT_SHA%"})
    found = config(p)
    assert found["variables"] == {"FORMAT": {"value": "%Y%m%d", "expand": False}, "SHARE": "5%"}
    assert found["test"]["variables"] == {"TOLD": {"value": "%CI_COMMIT_SHA%", "expand": False}}
