"""Is the model good enough to be delivered?"""

from collections.abc import Mapping

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.refuse import refuse
from pipelinekit.authoring.values import Checkout
from pipelinekit.recipes.words import word

__all__ = ["gate"]

_GATE = """python3 -c '
import json, math, sys
path, before, *rules = sys.argv[1:]
now = json.load(open(path))
old = json.loads(before) if before else {}
bad = 0
for rule in rules:
    name, kind, limit = rule.split(" ")
    value, limit = now.get(name), float(limit)
    known = isinstance(value, (int, float)) and math.isfinite(value)
    was = old.get(name)
    if kind == "at_least":
        ok, said = known and value >= limit, f"at least {limit:g}"
    elif kind == "at_most":
        ok, said = known and value <= limit, f"at most {limit:g}"
    elif was is None:
        ok, said = known, "not on trunk yet"
    elif kind == "max_drop":
        ok, said = known and value >= was - limit, f"at most {limit:g} below {was:g} of trunk"
    else:
        ok, said = known and value <= was + limit, f"at most {limit:g} above {was:g} of trunk"
    bad += not ok
    print("ok " if ok else "BAD", name, value, "wanted:", said)
sys.exit(bad > 0)
' %s "$metrics_of_trunk" %s"""


def gate(
    metrics: str = "metrics.json",
    *,
    at_least: Mapping[str, float] | None = None,
    at_most: Mapping[str, float] | None = None,
    max_drop: Mapping[str, float] | None = None,
    max_rise: Mapping[str, float] | None = None,
    trunk: str = "main",
) -> Recipe:
    """Fail when a metric misses its threshold, or is worse than trunk's by more than is allowed; each is printed.

    `metrics` is a JSON file of names and numbers. `max_drop` is for metrics of which more is better (accuracy), `max_rise` for the
    others (error); they compare with the file in the parent commit where trunk is built, else with the tip of `trunk`, and let a
    metric pass that trunk doesn't have yet. A metric that is missing, or no number, fails. Needs Python, and for the comparison git.
    """
    kinds = (("at_least", at_least), ("at_most", at_most), ("max_drop", max_drop), ("max_rise", max_rise))
    rules = [f"{name} {kind} {limit!r}" for kind, limits in kinds for name, limit in (limits or {}).items()]
    if not rules:
        refuse("PK032", "a gate without a threshold lets everything pass", 'at_least={"accuracy": 0.9}')
    for name in (name for _, limits in kinds for name in limits or {}):
        if not name or any(each.isspace() for each in name):
            refuse("PK032", f"{name!r} can't name a metric", "text without blanks")
    asked = _GATE % (word(metrics), " ".join(map(word, rules)))
    if not max_drop and not max_rise:
        return Recipe(commands=[f"metrics_of_trunk=\n{asked}"])
    return Recipe(commands=[f"{_before(metrics, trunk)}\n{asked}"], checkout=Checkout(history=True))


def _before(metrics: str, trunk: str) -> str:
    """The metrics to compare with. A commit of trunk is compared with the one before it, any other with the newest that it shares."""
    return (
        f"base=$(git merge-base HEAD {word(f'origin/{trunk}')} 2>/dev/null || git rev-parse HEAD)\n"
        'if [ "$base" = "$(git rev-parse HEAD)" ]; then base=HEAD~1; fi\n'
        f'metrics_of_trunk=$(git show "$base":{word(metrics)} 2>/dev/null || true)'
    )
