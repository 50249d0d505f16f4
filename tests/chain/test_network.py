"""What of this package could speak to a network: the command that asks registries for digests, and nothing else."""

import ast

from tests.chain.locks import ROOT

SPEAKERS = {"socket", "ssl", "http", "urllib.request", "asyncio", "ftplib", "smtplib", "requests", "urllib3", "httpx", "aiohttp"}
MODULES = sorted([*(ROOT / "pipelinekit").rglob("*.py"), *(ROOT / "backends").rglob("*.py")])


def imported(text):
    """The modules that a module imports, at its head or later."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def speakers(text):
    return {name for name in imported(text) if any(name == each or name.startswith(f"{each}.") for each in SPEAKERS)}


def test_an_import_is_seen_wherever_it_stands():
    assert speakers("def f():\n    from urllib import request\n") == {"urllib.request"}
    assert speakers("import http.client as c") == {"http.client"}
    assert not speakers("from urllib.parse import quote")


def test_only_the_lock_can_make_a_connection():
    found = {module.relative_to(ROOT).parent.as_posix() for module in MODULES if speakers(module.read_text())}
    assert found == {"pipelinekit/lock"}
