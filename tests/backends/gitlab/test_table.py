"""What is said of each feature, and each fact."""

import subprocess
import sys

from pipelinekit.backend import registry
from pipelinekit.backend.settings import read
from pipelinekit.backend.support import Case, Lowered, Native, cases
from pipelinekit.model.features import FEATURES
from pipelinekit.model.names import FACTS
from pipelinekit.model.plan import NOWHERE

BACKEND = registry.load("gitlab")


def test_every_feature_has_its_entry():
    assert set(BACKEND.table) == set(FEATURES)
    assert all(not isinstance(cases(entry)[-1], Case) for entry in BACKEND.table.values())


def test_every_loss_has_its_reason():
    for entry in BACKEND.table.values():
        supports = [case.support if isinstance(case, Case) else case for case in cases(entry)]
        assert all(isinstance(support, Native) or support.reason for support in supports)
        assert not any(support.reason.endswith(".") for support in supports if not isinstance(support, Native | Lowered))


def test_every_fact_is_spelled():
    from pipelinekit_gitlab import facts

    assert set(facts.VARIABLES) | set(facts.EXPORTS) | {"PK_EVENT", "PK_ENVIRONMENT"} == set(FACTS)


def test_settings_are_read():
    settings, findings = read(BACKEND.settings, {"builder": "kaniko", "tags": {"gpu": "a100"}, "nonsense": 1}, "gitlab", NOWHERE)
    assert (settings.builder, settings.tags) == ("buildah", {"gpu": "a100"})
    assert [finding.code for finding in findings] == ["PK028", "PK028"]


def test_importing_it_is_cheap():
    code = "import sys, pipelinekit_gitlab; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pydantic", "jinja2", "yaml", "rich", "typing_extensions"} & set(done.stdout.split())
