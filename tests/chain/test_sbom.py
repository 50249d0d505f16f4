"""The lists of what is taken along: whole, valid, the same bytes each time."""

import json

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from pipelinekit.version import VERSION
from requirements import sbom
from tests.chain.locks import ROOT, packages


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "another")]
    with pytest.MonkeyPatch.context() as patch:
        sbom.main(folders[0])
        patch.setenv("SOURCE_DATE_EPOCH", "1")
        patch.setenv("TZ", "Pacific/Auckland")
        patch.chdir(folders[1])
        sbom.main(folders[1])
    return folders


@pytest.mark.parametrize("name, lock", sbom.LISTS.items())
def test_a_list_is_valid_and_names_what_the_lock_names(made, name, lock):
    text = (made[0] / name).read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    listed = json.loads(text)
    assert listed["metadata"]["component"]["version"] == VERSION
    found = {
        part["name"]: (
            part["version"],
            ["sha256:" + digest["content"] for source in part["externalReferences"] for digest in source["hashes"]],
        )
        for part in listed["components"]
    }
    assert found == packages(ROOT / "requirements" / lock)


def test_an_invalid_list_would_be_noticed(made):
    listed = json.loads((made[0] / "pipelinekit.cdx.json").read_text())
    listed["components"][0]["type"] = "spare part"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(listed)) is not None


@pytest.mark.parametrize("name", sbom.LISTS)
def test_the_same_locks_give_the_same_bytes(made, name):
    assert (made[0] / name).read_bytes() == (made[1] / name).read_bytes()
    assert "timestamp" not in (made[0] / name).read_text()
    assert "serialNumber" not in (made[0] / name).read_text()
