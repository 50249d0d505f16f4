"""Does what was deployed answer?"""

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.text.shell import quote

_HTTP = """python3 -c '
import sys, time, urllib.request
url, expected, deadline = sys.argv[1], sys.argv[2], time.monotonic() + float(sys.argv[3])
while True:
    try:
        answer = urllib.request.urlopen(url, timeout=10).read().decode()
        if expected in answer:
            sys.exit(print(url, "answers", expected))
        problem = "it answers " + answer[:200]
    except OSError as error:
        problem = str(error)
    if time.monotonic() > deadline:
        sys.exit(url + " does not answer " + expected + ": " + problem)
    time.sleep(2)
' {url}%s "%s" %d"""


def http(path: str, *, expect: str, within: int = 120) -> Recipe:
    """Ask the environment's URL for `path` until the answer holds `expect`, for at most `within` seconds.

    Expecting the commit (`ci.sha`), not a bare 200, tells a roll-out that left the old version serving. Needs Python in the image.
    """
    return Recipe(commands=[_HTTP % (quote(path), expect, within)])
