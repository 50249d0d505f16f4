"""The lines at the top of every emitted file."""


def header(source: str, target: str, digest: str) -> tuple[str, ...]:
    """Where the file comes from, how to make it again, and the definition that it was made from."""
    return (
        f"Rendered from {source} by pipelinekit: change that file, not this one, then run",
        f"    pipelinekit render --target {target}",
        f"definition {digest}",
    )


def is_ours(text: str) -> bool:
    """Whether a file carries our header, and may be written over."""
    return "by pipelinekit: change that file, not this one" in text[:2000]
