"""Google Cloud Run: services, and jobs that run at set times. What gcloud takes stands in files and variables, never a secret's value."""

from collections.abc import Mapping

from pipelinekit.authoring import texts
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.words import options, released, word

__all__ = ["deploy", "schedule"]


def deploy(
    service: str,
    image: str,
    *,
    region: str,
    project: str | None = None,
    variables: Mapping[str, str] | None = None,
    traffic: bool = True,
) -> Recipe:
    """Make a revision of a service from an image of this commit. Without `traffic` it answers under its own tag only (`--no-traffic`), for
    a smoke test before anybody meets it. gcloud waits until the revision is ready, and fails when it isn't.
    """
    given = options([("--image", released(image)), ("--region", region), ("--project", project), ("--update-env-vars", _pairs(variables))])
    held = "" if traffic else ' --no-traffic --tag "c-${PK_SHORT_SHA}"'
    return Recipe(commands=[f"gcloud run deploy {word(service)}{given}{held} --quiet"])


def schedule(
    job: str, image: str, *, cron: str, region: str, account: str, project: str, variables: Mapping[str, str] | None = None
) -> Recipe:
    """Make a job from an image of this commit, and have Cloud Scheduler run it at `cron` (UTC) as the service account `account`.

    It runs what was delivered, not trunk's tip. Applied again, it changes what is there.
    """
    given = options([("--image", released(image)), ("--region", region), ("--project", project), ("--update-env-vars", _pairs(variables))])
    address = f"https://run.googleapis.com/v2/projects/{project}/locations/{region}/jobs/{job}:run"
    clock = options(
        [
            ("--location", region),
            ("--project", project),
            ("--schedule", texts.cron(cron)),
            ("--time-zone", "Etc/UTC"),
            ("--uri", address),
            ("--http-method", "POST"),
            ("--oauth-service-account-email", account),
        ]
    )
    name, where = word(job), options([("--location", region), ("--project", project)])
    return Recipe(
        commands=[
            f"gcloud run jobs deploy {name}{given} --quiet",
            f"verb=create\nif gcloud scheduler jobs describe {name}{where} >/dev/null 2>&1; then verb=update; fi\n"
            f'gcloud scheduler jobs "$verb" http {name}{clock} --quiet',
        ]
    )


def _pairs(variables: Mapping[str, str] | None) -> str | None:
    """gcloud's list of pairs, with a separator that no value holds (`gcloud topic escaping`)."""
    pairs = texts.variables(variables, "variables")
    if not pairs:
        return None
    separator = next(each for each in ("@", "|", "#", "~", ";;", "||") if not any(each in text for _, text in pairs))
    return f"^{separator}^{separator.join(f'{name}={text}' for name, text in pairs)}"
