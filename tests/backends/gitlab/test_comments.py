"""What GitLab has no place for stands in comments."""

from pipelinekit import Environment, Pipeline, Secret, on
from tests.backends.gitlab.rendered import files


def test_an_environments_configuration_stands_at_its_first_job() -> None:
    p = Pipeline("demo", image="x")
    e = Environment("production", config="config/{env}.toml")
    p.deploy("b", environment=e, needs=[p.migrate("a", environment=e)])
    text = files(p)[".gitlab/pipelinekit/production.yml"]
    assert text.count("# configuration: config/production.toml\n    name: production") == 1
    assert text.index("# configuration") < text.index("deploy-production:")


def test_secrets_that_no_line_names() -> None:
    p = Pipeline("demo", image="x")
    p.test(
        "a", secrets=[Secret("TOKEN", optional=True), Secret("KEY", file=True, optional=True), Secret("OWN", stored="THEIR", optional=True)]
    )
    assert "# may be missing: TOKEN, KEY (a file)\n" in files(p)[".gitlab-ci.yml"]


def test_the_one_manual_run_has_its_name() -> None:
    p = Pipeline("demo", image="x", triggers=[on.manual("train")])
    p.test("a")
    assert "    # train\n    - if: " in files(p)[".gitlab-ci.yml"]


def test_of_several_the_condition_has_it() -> None:
    p = Pipeline("demo", image="x", triggers=[on.manual("train"), on.manual("report")])
    p.test("a")
    assert "# train" not in files(p)[".gitlab-ci.yml"]
