"""Events, told apart: as conditions of `when`, and as Groovy where there is no `when`.

A multibranch project has a job for each branch, pull request and tag; of the builds of trunk's job the cause tells whether a timer or a
person started them. In a pull request's job BRANCH_NAME is `PR-7`, in a tag's it is the tag.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

from pipelinekit.model.plan import Event
from pipelinekit.model.value import value
from pipelinekit_jenkins import escape
from pipelinekit_jenkins.escape import quoted
from pipelinekit_jenkins.groovy import Call, Code, Node, block, call

SCHEDULE = "SCHEDULE"
RUN = "RUN"


@value
class Is:
    """One condition in both spellings."""

    node: Call
    groovy: str


@value
class Not:
    condition: "Condition"


@value
class All:
    conditions: tuple["Condition", ...]


@value
class Some:
    conditions: tuple["Condition", ...]


Condition: TypeAlias = Is | Not | All | Some

TAGGED = Is(call("buildingTag"), "env.TAG_NAME")
PULL_REQUEST = Is(call("changeRequest"), "env.CHANGE_ID")
FORKED = Is(block("expression", Code("env.CHANGE_FORK")), "env.CHANGE_FORK")
PERSON = Is(call("triggeredBy", "UserIdCause"), "currentBuild.getBuildCauses('hudson.model.Cause$UserIdCause')")


_PARAMETERIZED = "org.jenkinsci.plugins.parameterizedscheduler.ParameterizedTimerTriggerCause"


def timer(known: Sequence[Event]) -> Is:
    """Started by a timer. Causes are compared by their own class, and that of parameterized-scheduler is another than Jenkins' own."""
    if sum(event.kind == "schedule" for event in known) > 1:
        return Is(call("triggeredBy", "ParameterizedTimerTriggerCause"), f"currentBuild.getBuildCauses('{_PARAMETERIZED}')")
    return Is(call("triggeredBy", "TimerTrigger"), "currentBuild.getBuildCauses('hudson.triggers.TimerTrigger$TimerTriggerCause')")


@value
class Selected:
    """The events that start something, and whether the pull requests among them may come from forks."""

    events: tuple[Event, ...]
    forks: bool

    def condition(self, trunk: str, known: Sequence[Event]) -> Condition:
        """True in a build of one of these events. Of causes only those are looked at that `known`, the events of the pipeline, can have."""
        found: list[Condition] = []
        if any(event.on_trunk and event.kind != "tag" for event in self.events):
            found.append(_on_trunk(self.events, trunk, known))
        found += [_on_branches(event, trunk) for event in self.events if event.branches]
        if any(event.kind == "pull_request" for event in self.events):
            target = Is(call("changeRequest", target=trunk), f"env.CHANGE_TARGET == {quoted(trunk)}")
            found.append(target if self.forks else All((target, Not(FORKED))))
        found += [_like("tag", "TAG_NAME", [event.tag]) for event in self.events if event.kind == "tag"]
        return found[0] if len(found) == 1 else Some(tuple(found))


def _on_trunk(events: Sequence[Event], trunk: str, known: Sequence[Event]) -> Condition:
    branch = Is(call("branch", pattern=trunk, comparator="EQUALS"), f"env.BRANCH_NAME == {quoted(trunk)}")
    causes = [_started(timer(known), SCHEDULE, "schedule", events, known), _started(PERSON, RUN, "manual", events, known)]
    pushed = any(event.kind == "push" and event.on_trunk for event in events)
    if pushed:
        unselected = [Not(without) for _, without in causes if without]
        return All((branch, Not(TAGGED), *unselected))
    selected = tuple(taken for taken, _ in causes if taken)
    cause = selected[0] if len(selected) == 1 else Some(selected)
    return All((branch, Not(TAGGED), *(cause.conditions if isinstance(cause, All) else [cause])))


def _started(
    cause: Is, parameter: str, kind: str, events: Sequence[Event], known: Sequence[Event]
) -> tuple[Condition | None, Condition | None]:
    """What is true in the builds of this cause that are selected, and in those that aren't; None where there are none."""
    all_names = [event.name for event in known if event.kind == kind]
    names = [event.name for event in events if event.kind == kind]
    if not names:
        return None, cause if all_names else None
    if len(names) == len(all_names):
        return cause, None
    choices = ", ".join(quoted(name) for name in names)
    groovy = f"params.{parameter} == {choices}" if len(names) == 1 else f"params.{parameter} in [{choices}]"
    named = Is(block("expression", Code(groovy)), groovy)
    return All((cause, named)), All((cause, Not(named)))


def _on_branches(event: Event, trunk: str) -> Condition:
    like = _like("branch", "BRANCH_NAME", event.branches)
    matched = re.compile(escape.expression(event.branches))
    others: list[Condition] = [Not(TAGGED)]
    if any(glob[0] in "*P" for glob in event.branches):
        others.append(Not(PULL_REQUEST))
    if matched.fullmatch(trunk):
        others.append(Not(Is(call("branch", pattern=trunk, comparator="EQUALS"), f"env.BRANCH_NAME == {quoted(trunk)}")))
    return All((like, *others))


def _like(name: str, variable: str, globs: Sequence[str]) -> Is:
    regex = escape.expression(globs)
    return Is(call(name, pattern=regex, comparator="REGEXP"), f"env.{variable} ==~ {quoted(regex)}")


def declarative(condition: Condition) -> tuple[Node, ...]:
    """The conditions of a `when`, which are all to hold."""
    if isinstance(condition, All):
        return tuple(_node(each) for each in condition.conditions)
    return (_node(condition),)


def _node(condition: Condition) -> Node:
    match condition:
        case Is():
            return condition.node
        case Not(condition=Is(node=Call(name="expression", body=(Code(text=text),)))):
            return block("expression", Code(f"!({text})" if " " in text else f"!{text}"))
        case Not():
            return block("not", _node(condition.condition))
        case All():
            return block("allOf", *(_node(each) for each in condition.conditions))
        case Some():
            return block("anyOf", *(_node(each) for each in condition.conditions))


def expression(condition: Condition, *, inner: bool = False) -> str:
    """The same as a Groovy expression."""
    match condition:
        case Is():
            return condition.groovy
        case Not():
            text = expression(condition.condition, inner=True)
            return f"!{text}" if " " not in text or text.startswith("(") else f"!({text})"
        case All() | Some():
            word = " && " if isinstance(condition, All) else " || "
            text = word.join(expression(each, inner=True) for each in condition.conditions)
            return f"({text})" if inner else text
