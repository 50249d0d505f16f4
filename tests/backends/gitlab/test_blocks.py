"""Environments with several stages: one lock around a child pipeline."""

from pipelinekit import Environment, Input, Matrix, Pipeline, ci, on

from .rendered import child, codes, config, emission

python = Matrix("python", "3.10", "3.12")


def shipped(p, environment, needs, **options):
    ready = p.migrate("m", environment=environment, needs=needs, **options)
    live = p.deploy(f"d {ci.sha}", environment=environment, needs=[ready])
    return p.verify("v", environment=environment, needs=[live])


def pipeline(**options):
    return Pipeline("x", image="python:3.12", triggers=[on.push()], **options)


def test_one_stage_holds_the_lock_itself():
    p = pipeline()
    p.deploy("ship", environment=Environment("production"), needs=[p.test("t")])
    assert config(p)["deploy-production"]["resource_group"] == "production"
    assert list(emission(p).files) == [".gitlab-ci.yml"]


def test_several_stages_are_a_child_pipeline_under_a_lock():
    p = pipeline()
    shipped(p, Environment("production"), [p.test("t")])
    trigger = config(p)["production"]
    assert trigger["resource_group"] == "production"
    assert trigger["trigger"] == {"include": [{"local": ".gitlab/pipelinekit/production.yml"}], "strategy": "depend"}
    assert trigger["needs"] == ["test"]
    found = child(p, "production")
    assert found["stages"] == ["migrate", "deploy", "verify"]
    assert [found[f"{kind}-production"]["needs"] for kind in ("migrate", "deploy", "verify")] == [
        [],
        ["migrate-production"],
        ["deploy-production"],
    ]
    assert not any("resource_group" in job for job in found.values() if isinstance(job, dict))


def test_a_lock_of_its_own_takes_a_child_pipeline_too():
    p = pipeline()
    p.deploy("ship", environment=Environment("production"), lock="production")
    assert config(p)["production"]["resource_group"] == "production"
    assert child(p, "production")["deploy-production"]["resource_group"] == "lock/production"


def test_columns_tell_the_meaning_and_what_comes_after_a_block_waits_for_its_trigger():
    p = pipeline()
    checked = p.test("t", needs=[p.build("b")])
    live = shipped(p, Environment("staging"), [checked])
    asked = p.gate("Sure?", needs=[live])
    shipped(p, Environment("production"), [asked])
    found = config(p)
    assert found["stages"] == ["build", "staging", "production"]
    assert [found[name]["stage"] for name in ("build", "test", "staging", "gate", "production")] == [
        "build",
        "build",
        "staging",
        "production",
        "production",
    ]
    assert (found["gate"]["needs"], found["production"]["needs"]) == (["staging"], ["gate"])
    assert codes(p) == [("PK1404", "overtaking")]


def test_files_of_the_run_reach_its_child_pipeline():
    p = pipeline()
    wheel = p.build("make", outputs="dist/")
    test = p.test("t", matrix=python, outputs=f"{python}.txt")
    production = Environment("production")
    live = p.deploy("d", environment=production, needs=[wheel["dist/"], test.cell(python="3.10")["3.10.txt"]])
    p.verify(f"v {ci.run_id} {ci.run_url}", environment=production, needs=[live, test])
    assert config(p)["production"]["variables"] == {"PARENT_PIPELINE_ID": "$CI_PIPELINE_ID"}
    found = child(p, "production")
    assert found["deploy-production"]["needs"] == [
        {"pipeline": "$PARENT_PIPELINE_ID", "job": "build"},
        {"pipeline": "$PARENT_PIPELINE_ID", "job": "test: [3.10]"},
    ]
    assert found["verify-production"]["variables"] == {
        "PK_RUN_ID": "$PARENT_PIPELINE_ID",
        "PK_RUN_URL": "$CI_PROJECT_URL/-/pipelines/$PARENT_PIPELINE_ID",
    }


def test_files_of_a_block_do_not_leave_it():
    p = pipeline()
    production = Environment("production")
    live = p.deploy("d", environment=production, outputs="url.txt")
    p.verify("v", environment=production, needs=[live])
    p.step("x", needs=[live["url.txt"]])
    assert ("PK1402", "artifacts") in codes(p)


def test_coming_after_a_part_of_a_block_is_coming_after_all_of_it():
    p = pipeline()
    production = Environment("production")
    live = p.deploy("d", environment=production)
    p.verify("v", environment=production, needs=[live])
    p.deploy("tell", environment=Environment("status"), needs=[live])
    assert ("PK1404", "order") in codes(p)


def test_blocks_that_cross_are_refused():
    p = pipeline()
    one, other = Environment("one"), Environment("other")
    a = p.deploy("a", environment=one)
    b = p.deploy("b", environment=other, needs=[a])
    c = p.verify("c", environment=one, needs=[b])
    p.verify("d", environment=other, needs=[c])
    assert ("PK1402", "block") in codes(p)


def test_a_child_pipeline_is_told_what_started_the_run_if_it_matters():
    tag = on.tag("v*")
    production = Environment("production", on=[on.push(), tag])
    p = pipeline()
    live = p.deploy(f"d {ci.event}", environment=production)
    p.verify("v", environment=production, needs=[live], on=[tag])
    rules = config(p)["production"]["rules"]
    assert [rule["variables"] for rule in rules] == [{"PK_RUN": "tag-v"}, {"PK_RUN": "push"}]
    assert config(p)["production"]["needs"] == [{"job": "tag-on-trunk", "optional": True}]
    found = child(p, "production")
    assert found["deploy-production"]["rules"] == [
        {"if": '$PK_RUN == "tag-v"', "variables": {"PK_EVENT": "tag"}},
        {"if": '$PK_RUN == "push"', "variables": {"PK_EVENT": "push"}},
    ]
    assert found["verify-production"]["rules"] == [{"if": '$PK_RUN == "tag-v"'}]


def test_inputs_and_variables_reach_a_child_pipeline():
    given = on.manual("train", [Input("problem", "houses")])
    p = pipeline(variables={"A": "1"})
    shipped(p, Environment("lab", on=[given]), [])
    p.test("t")
    assert config(p)["lab"]["trigger"]["include"][0]["inputs"] == {"problem": "$[[ inputs.problem ]]"}
    assert config(p)["lab"]["inherit"] == {"default": False, "variables": False}
    assert child(p, "lab")["variables"] == {"A": "1", "PROBLEM": {"value": "$[[ inputs.problem ]]", "expand": False}}


def test_a_trigger_job_gets_a_name_that_is_free():
    p = pipeline()
    shipped(p, Environment("test"), [p.test("t")])
    found = config(p)
    assert "script" in found["test"]
    assert found["test-pipeline"]["trigger"]["include"] == [{"local": ".gitlab/pipelinekit/test.yml"}]


def test_environments_called_like_a_column_have_their_own():
    p = pipeline()
    p.deploy("ship", environment=Environment("build"), needs=[p.build("b")])
    assert config(p)["stages"] == ["build", "build-environment"]


def test_a_trigger_job_never_takes_another_jobs_name():
    p = pipeline()
    shipped(p, Environment("a"), [p.test("t", name="a"), p.test("u", name="a-pipeline")])
    shipped(p, Environment("b"), [p.test("v", name="b")])
    shipped(p, Environment("b-pipeline"), [])
    found = config(p)
    triggers = {name: job["trigger"]["include"][0]["local"] for name, job in found.items() if isinstance(job, dict) and "trigger" in job}
    assert {name: path.rsplit("/", 1)[1] for name, path in triggers.items()} == {
        "a-pipeline-pipeline": "a.yml",
        "b-pipeline-pipeline": "b.yml",
        "b-pipeline": "b-pipeline.yml",
    }
    assert "script" in found["a-pipeline"]


def test_a_gate_between_the_stages_of_an_environment_holds_its_lock():
    p = pipeline()
    production = Environment("production")
    live = p.deploy("d", environment=production)
    p.verify("v", environment=production, needs=[p.gate("Looks good?", needs=[live])])
    assert ("PK1404", "gate") in codes(p)


def test_trigger_jobs_say_once_that_they_take_no_defaults():
    p = pipeline(cancel_superseded=True)
    both = [on.push(), on.pull_request()]
    shipped(p, Environment("production"), [p.test("t", on=both), p.lint("l", on=both)])
    assert "interruptible" in config(p)["default"]
    assert "interruptible" not in config(p)["production"]
