"""The variables that a pipeline means: keys of its secrets, and those of the settings."""

from collections.abc import Iterator

from pipelinekit.backend import Request
from pipelinekit.model.plan import Secret
from pipelinekit_concourse.escape import lookups, variable
from pipelinekit_concourse.facts import repository
from pipelinekit_concourse.settings import Settings


def known(request: Request[Settings]) -> frozenset[str]:
    """Every `((name))` that may stand in the file."""
    settings = request.settings
    texts = (settings.uri, repository(settings), settings.bucket, settings.region, settings.endpoint)
    given = {lookup for text in texts for lookup in lookups(text)}
    own = (settings.private_key, settings.token, settings.webhook_token, settings.bucket_key, settings.bucket_secret)
    return frozenset(given | {variable(key) for key in own} | {variable(secret.stored) for secret in secrets(request)})


def secrets(request: Request[Settings]) -> Iterator[Secret]:
    """The secrets of stages and registries."""
    for stage in request.plan.stages:
        yield from stage.secrets
        registry = stage.container and stage.container.registry
        if registry and registry.username and registry.password:
            yield from (registry.username, registry.password)
