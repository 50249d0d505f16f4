"""The source code host: the webhooks that it sends (GitHub's, as far as the server reads them), and what it says of commits."""

from __future__ import annotations

from typing import Any

from pipelinekit.semantics.scenario import Happening
from pipelinekit.testing.ground import EMAIL, Ground, git

SLUG = "acme/widget"
LOGIN = "ada"
DESCRIPTION = "The body of the pull request.\n"


def branch(ground: Ground) -> str:
    """Trunk, as the host knows it: where the repository's head points."""
    return git(ground.repository, "symbolic-ref", "--short", "HEAD").strip()


def commits(ground: Ground) -> dict[str, dict[str, str]]:
    """What the host says of trunk at the moment of the event; a newer delivery may have come before anything runs."""
    return {f"refs/heads/{branch(ground)}": {**_commit(ground), "sha": ground.world.sha}}


def _commit(ground: Ground) -> dict[str, str]:
    return {"message": f"{ground.world.title}\n\n{ground.message}", "name": ground.author, "email": EMAIL, "login": LOGIN}


def webhook(happening: Happening, ground: Ground) -> tuple[str, dict[str, Any]]:
    """The name and the payload of the webhook for a push, a tag or a pull request."""
    if happening.kind == "pull_request":
        return "pull_request", _pull_request(happening, ground)
    trunk = branch(ground)
    tag = happening.kind == "tag"
    payload = {
        "ref": f"refs/tags/{happening.tag}" if tag else f"refs/heads/{happening.branch or trunk}",
        "before": "0" * 40 if tag else ground.commits["old"],
        "after": ground.world.sha,
        "base_ref": f"refs/heads/{trunk}" if tag and not happening.beside_trunk else None,
        "created": tag,
        "deleted": False,
        "head_commit": {
            "id": ground.world.sha,
            "message": _commit(ground)["message"],
            "timestamp": "2026-11-23T12:00:00Z",
            "url": f"https://host.example/{SLUG}/commit/{ground.world.sha}",
            "author": {"name": ground.author, "email": EMAIL, "username": LOGIN},
            "committer": {"name": ground.author, "email": EMAIL, "username": LOGIN},
        },
        "repository": _repository(ground),
        "pusher": {"name": LOGIN, "email": EMAIL},
        "sender": {"login": LOGIN},
    }
    return "push", payload


def _pull_request(happening: Happening, ground: Ground) -> dict[str, Any]:
    number = int(ground.world.pull_request)
    target = happening.target or branch(ground)
    return {
        "action": "opened",
        "number": number,
        "pull_request": {
            "number": number,
            "title": ground.world.title,
            "body": DESCRIPTION,
            "html_url": f"https://host.example/{SLUG}/pull/{number}",
            "diff_url": f"https://host.example/{SLUG}/pull/{number}.diff",
            "user": {"login": LOGIN},
            "head": {
                "ref": happening.branch,
                "sha": ground.world.sha,
                "user": {"login": LOGIN},
                "repo": {"full_name": "somebody/widget" if happening.fork else SLUG},
            },
            "base": {"ref": target, "sha": ground.commits["trunk"], "user": {"login": "acme"}, "repo": {"full_name": SLUG}},
            "merged": False,
            "state": "open",
            "created_at": "2026-11-23T12:00:00Z",
            "updated_at": "2026-11-23T12:00:00Z",
        },
        "repository": _repository(ground),
        "sender": {"login": LOGIN},
    }


def _repository(ground: Ground) -> dict[str, Any]:
    owner, name = SLUG.split("/")
    return {
        "id": 1,
        "name": name,
        "full_name": SLUG,
        "owner": {"login": owner, "name": owner},
        "private": True,
        "default_branch": branch(ground),
        "clone_url": str(ground.repository),
        "ssh_url": str(ground.repository),
        "html_url": f"https://host.example/{SLUG}",
    }
