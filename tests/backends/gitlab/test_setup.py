"""What is to be set up in the project."""

from pipelinekit import Environment, Pipeline, Registry, Secret, ci, on
from pipelinekit.recipes import container

from .rendered import setup


def commands(p):
    return [command for step in setup(p) for command in step.commands]


def test_secrets_by_scope_type_and_who_sees_them():
    p = Pipeline("x", image="python:3.12", triggers=[on.push(), on.pull_request()])
    p.test("t", secrets=[Secret("TOKEN")])
    p.step("train", name="train", on=[on.push()], secrets=[Secret("KEY", file=True)])
    p.deploy("d", environment=Environment("production", secrets=[Secret("DATABASE_URL", stored="PRODUCTION_URL")]))
    found = commands(p)
    assert 'printf "%s" "$TOKEN" | glab variable set TOKEN --scope ci/test --raw --masked' in found
    assert 'glab variable set KEY --scope ci/train --raw --type file --protected < "$KEY"' in found
    assert 'printf "%s" "$PRODUCTION_URL" | glab variable set PRODUCTION_URL --scope production --raw --masked --protected' in found


def test_a_registrys_secrets_are_seen_in_deliveries_alone():
    p = Pipeline("x", image="python:3.12")
    registry = Registry("registry.example.com", username=Secret("U"), password=Secret("P"))
    image = p.build(container("registry.example.com/x", tag=ci.sha, registry=registry))
    p.deploy("d", environment=Environment("production"), needs=[image])
    assert 'printf "%s" "$P" | glab variable set P --scope ci/build --raw --masked --protected' in commands(p)


def test_schedules_tags_and_order_of_deliveries():
    tag = on.tag("v*")
    production = Environment("production", on=[tag])
    p = Pipeline("x", image="python:3.12", triggers=[on.push(), on.schedule("nightly", "0 3 * * *")], trunk="develop")
    live = p.deploy("d", environment=production, needs=[p.gate("Sure?", needs=[p.test("t")])])
    p.verify("v", environment=production, needs=[live])
    found = commands(p)
    assert "glab schedule create --description nightly --cron '0 3 * * *' --cronTimeZone UTC --ref develop" in found
    assert "glab api --method POST projects/:id/protected_tags --field name='v*'" in found
    assert "glab api --method PUT projects/:id/resource_groups/production --field process_mode=oldest_first" in found
    assert any("protected_environments" in command for command in found)


def test_deliveries_keep_their_order_in_each_environment():
    """`Prevent outdated deployment jobs` doesn't do it: it compares the times at which jobs became ready, not their pipelines."""
    p = Pipeline("x", image="python:3.12", triggers=[on.push()])
    p.migrate("m", environment=Environment("database"))
    p.deploy("d", environment=Environment("web"))
    found = commands(p)
    for name in ("database", "web"):
        assert f"glab api --method PUT projects/:id/resource_groups/{name} --field process_mode=oldest_first" in found
    assert "glab api --method PUT projects/:id --field ci_forward_deployment_enabled=false" in found
