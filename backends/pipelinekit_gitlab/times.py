"""Times as GitLab's documentation writes them."""

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def period(seconds: int) -> str:
    """`30 days`, `1 hour 30 minutes`, `90 seconds`."""
    if seconds < 120:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    parts = []
    for unit, length in _UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(parts)
