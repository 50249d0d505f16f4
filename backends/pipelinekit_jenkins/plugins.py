"""The plugins that a Jenkinsfile needs, one id a line, as `jenkins-plugin-cli --plugin-file` reads them."""

import re
from collections.abc import Iterator

_BY_WORD: tuple[tuple[str, str], ...] = (
    (r"pipeline \{", "workflow-aggregator"),
    (r"pipeline \{", "workflow-multibranch"),
    (r"\bscm\b", "git"),
    (r"\bcredentials\(|withCredentials", "credentials-binding"),
    (r"\bcredentials\(|\bstring\(credentialsId|\bfile\(credentialsId", "plain-credentials"),
    (r"docker \{|docker\.image", "docker-workflow"),
    (r"\block\(", "lockable-resources"),
    (r"milestone\(", "pipeline-milestone-step"),
    (r"\binput \{", "pipeline-input-step"),
    (r"\bjunit ", "junit"),
    (r"\bcache\(", "jobcacher"),
    (r"parameterizedCron", "parameterized-scheduler"),
    (r"timestamps\(\)", "timestamper"),
    (r"ansiColor\(", "ansicolor"),
    (r"cleanWs\(", "ws-cleanup"),
)


def needed(jenkinsfile: str) -> Iterator[str]:
    """The ids, in alphabetical order."""
    return iter(sorted({plugin for word, plugin in _BY_WORD if re.search(word, jenkinsfile)}))
