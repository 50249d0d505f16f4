"""Every refusal of the constructors: its code, the user's line, and a word of what is said.

A row is a code, a piece of a definition and words of the message. The piece stands behind HEAD; the line that must be
named is the one marked with `# here`, or the last.
"""

from __future__ import annotations

import pytest

from pipelinekit.diagnostics import CODES, DefinitionError
from tests.conftest import Define

HEAD = """\
from pipelinekit import *
from pipelinekit.recipes import alembic, container, dvc, smoke
p = Pipeline("demo", image="python:3.12-slim")
a = p.lint("ruff check .")
out = p.build("make", name="out", outputs=["dist/", "cov.xml"])
prod = Environment("production")
py = Matrix("python", "3.11", "3.12")
"""

NAMES = [
    ("PK001", 'p.test("x", name="Test")', "'Test' can't name a stage"),
    ("PK001", 'p.test("x", name="")', "can't name a stage"),
    ("PK001", 'p.test("x", name="1st")', "beginning with a letter"),
    ("PK001", 'p.test("x", name="unit_tests")', "can't name a stage"),
    ("PK001", f'p.test("x", name="{"a" * 41}")', "1 to 40"),
    ("PK001", 'p.test("x", name="a\\nb")', "can't name a stage"),
    ("PK001", 'p.test("x", name="a\\n")', "can't name a stage"),
    ("PK001", 'p.test("x", name=3)', "3 can't name a stage"),
    ("PK001", 'Pipeline("My pipeline")', "can't name a pipeline"),
    ("PK001", 'Environment("Production")', "can't name an environment"),
    ("PK001", 'Service("my_db", image="postgres:16", port=5432)', "can't name a service"),
    ("PK001", 'p.test("x", lock="GPU box")', "can't name a lock"),
    ("PK001", 'on.schedule("every night", "0 3 * * *")', "can't name a schedule"),
    ("PK001", 'on.manual("re train")', "can't name a manual run"),
    ("PK001", 'Input("Problem")', "can't name an input"),
    ("PK002", 'p.lint("mypy .")', "'lint' is already the stage at pipeline.py:4"),
    ("PK002", 'p.test("x", name="lint")', 'another name="…"'),
    ("PK002", 'p.gate("Go?", needs=[a])\np.gate("Go on?", needs=[a])', "'gate' is already the stage at pipeline.py:8"),
    ("PK002", 'p.deploy("x", environment=prod)\np.deploy("y", environment=prod)', "'deploy-production' is already"),
    (
        "PK002",
        'db = Service("db", image="postgres:16", port=5432)\np.test("x", services=[db, Service("db", image="mysql:8", port=3306)])',
        "one alias",
    ),
    ("PK002", 'on.manual("go", inputs=[Input("a-b"), Input("a-b", "x")])', "two inputs of go have one variable"),
    ("PK003", 'p.test("x", name="image")', "GitLab keeps the word"),
    ("PK003", 'p.test("x", name="clone")', "Drone keeps the word"),
    ("PK003", 'p.test("x", name="on")', "YAML 1.1 keeps the word"),
    ("PK003", 'p.test("x", name="y")', "YAML 1.1 keeps the word"),
    ("PK003", 'p.gate("Go?", name="pages", needs=[a])', "GitLab keeps the word"),
    ("PK003", 'p.test("x", name="tag-on-trunk")', "pipelinekit keeps the word"),
]

NEEDS = [
    ("PK004", 'p.test("x", needs=["lint"])', "'lint' in needs= is a text"),
    ("PK004", 'p.test("x", needs=["lnt"])', "did you mean 'lint'?"),
    ("PK004", 'p.test("x", needs=a)', "needs= takes a list"),
    ("PK004", 'p.test("x", needs=out["dist/"])', "needs= takes a list"),
    ("PK004", 'p.test("x", needs="lint")', "needs= takes a list"),
    ("PK004", 'p.test("x", needs=None)', "needs= takes a list"),
    ("PK004", 'p.test("x", needs=[None])', "None in needs= is not a stage"),
    ("PK004", 'p.test("x", needs=[p.lint])', "is not a stage"),
    ("PK004", 'p.test("x", needs=[[a]])', "is not a stage"),
    (
        "PK005",
        'q = Pipeline("other", image="a")\nb = q.lint("x")\np.test("x", needs=[b])',
        "lint (pipeline.py:9) belongs to another pipeline",
    ),
    (
        "PK005",
        'q = Pipeline("other", image="a")\nb = q.build("x", outputs="o/")\np.test("x", needs=[b["o/"]])',
        "belongs to another pipeline",
    ),
    ("PK006", 'p.test("x", needs=[a["dist/"]])', "declares no output 'dist/'"),
    ("PK006", 'p.test("x", needs=[a["dist/"]])', "say outputs=['dist/'] there"),
    ("PK006", 'out["dist"]', "did you mean 'dist/'?"),
    ("PK006", 'out["cov.xm"]', "did you mean 'cov.xml'?"),
    ("PK006", 'out["di"]', "out (pipeline.py:5) declares no output"),
    ("PK006", 'out[""]', "declares no output ''"),
    ("PK017", 'out["dist/../secret"]', "not a path inside the repository"),
    ("PK032", "out[0]", "an artifact must be text, not int"),
    ("PK032", "[*a]", "an artifact must be text"),
    ("PK024", 'f = p.step("x", outputs="o/", allow_failure=True)\nf["o/"]', "it has allow_failure"),
    ("PK024", 'f = p.step("x", outputs="o/", only_if=changed("src/**"))\nf["o/"]', "it has only_if"),
    ("PK016", 'e = p.step("x", when="always")\np.test("x", needs=[e])', "nothing can come after step"),
    ("PK021", 'p.test("x", needs=[late])\nlate = p.build("make")', "'late' is used before it is defined"),
]
NEEDS = [(code, text if code != "PK021" else text.replace("])", "])  # here"), words) for code, text, words in NEEDS]

SCRIPTS = [
    ("PK007", "p.test()", "this test has no command"),
    ("PK007", 'p.test("")', "this test has no command"),
    ("PK007", 'p.test("  \\n ", "")', "this test has no command"),
    ("PK007", "p.test(Recipe())", "this test has no command"),
    ("PK007", "p.build()", "this build has no command"),
    ("PK007", "p.deploy(environment=prod)", "this deploy has no command"),
    ("PK032", "p.test(3)", "a command is text or a recipe, not int"),
    ("PK032", 'p.test(["pytest"])', "not list"),
    ("PK032", 'p.test("pytest \\\\", "ruff check .")', "a command ends in a backslash"),
    ("PK032", 'p.test(container("a/b", tag=ci.sha))', "container builds belong to p.build(…)"),
    ("PK032", 'p.test("x", setup=[1])', "not int"),
    ("PK032", 'p.test(f"x {a}")', "lint is a stage and can't stand in a text"),
    ("PK032", 'i = p.build(container("a/b", tag=ci.sha))\np.test(f"x {i}")', "its image is .ref"),
    ("PK032", 'p.test(f"cat {out["cov.xml"]}")'.replace('["cov.xml"]', "['cov.xml']"), "its path is .path"),
    ("PK009", 'p.test(f"x {Secret("T")}")'.replace('("T")', "('T')"), "commands see it as $T"),
    ("PK033", 'p.test("a\\0b")', "NUL or a lone surrogate"),
    ("PK033", 'p.test("a\\ud800b")', "NUL or a lone surrogate"),
    ("PK033", 'p.test("x", variables={"A": "\\0"})', "NUL"),
    ("PK013", "p.test(f\"echo '{ci.sha}'\")", "the shell will not expand ${PK_SHA}"),
    ("PK013", "p.test(f\"cat <<'E'\\n{ci.sha}\\nE\")", "the shell will not expand"),
    ("PK013", 'p.test(f"echo \\\\{ci.sha}")', "the shell will not expand"),
    ("PK013", "p.test(f\"echo '{py}'\", matrix=py)", "the shell will not expand ${PYTHON}"),
    ("PK013", 'p.test("echo ${PK_SHAA}")', "PK_SHAA is no fact"),
    ("PK013", 'p.test("x", setup="echo ${PK_SHAA}")', "did you mean 'PK_SHA'?"),
    ("PK016", "p.test(Recipe(['x'], image='a'), Recipe(['y'], image='b'))", "different images: a, b"),
    ("PK011", "p.test(Recipe(['x'], variables={'A': '1'}), Recipe(['y'], variables={'A': '2'}))", "A is set twice"),
    ("PK016", 'p.verify(smoke.http("/v", expect="1"), environment=prod)', "production has no url="),
    ("PK032", 'p.test("x", shell="zsh")', "shell='zsh' is not known"),
    ("PK032", 'Pipeline("q", shell="fish")', "shell='fish' is not known"),
    ("PK032", 'p.gate("Go?\\nNow?", needs=[a])', "one line"),
    ("PK032", 'p.gate(" ", needs=[a])', "one line"),
    ("PK014", 'p.gate(f"Ship {ci.tag}?", needs=[a])', "holds no values"),
    ("PK016", 'p.gate("Go?", needs=[])', "asks before anything was tested"),
]

IMAGES = [
    ("PK008", 'Pipeline("q").test("x")', "has no image"),
    ("PK008", 'p.test("x", image="Python:3.12")', "'Python:3.12' is no image name"),
    ("PK008", 'p.test("x", image="python:3.12:slim")', "is no image name"),
    ("PK008", 'p.test("x", image="python 3.12")', "is no image name"),
    ("PK008", 'p.test("x", image="https://docker.io/python")', "is no image name"),
    ("PK008", 'p.test("x", image="a@sha256:12")', "is no image name"),
    ("PK008", 'p.test("x", image="python:")', "is no image name"),
    ("PK008", 'p.test("x", image="python\\n")', "is no image name"),
    ("PK008", 'Pipeline("q", image="python:3.12 ")', "is no image name"),
    ("PK008", 'Service("db", image="", port=1)', "'' is no image name"),
    ("PK008", 'container("registry/app:1", tag=ci.sha)', "no image repository"),
    ("PK008", 'container("Registry/App", tag=ci.sha)', "no image repository"),
    ("PK008", 'Registry("https://quay.io")', "no image repository"),
    ("PK008", 'container("a/b", tag=f"{ci.sha} x")', "is no image tag"),
    ("PK032", 'p.test("x", image=3.12)', "image must be text, not float"),
    ("PK009", 'p.test("x", image=Secret("IMAGE"))', "a Secret can't become image"),
    ("PK013", 'p.test("x", image=f"python:{py}")', "${PYTHON} in image"),
    ("PK013", 'p.test("x", image="python:$VERSION")', "$ that nothing expands"),
    ("PK014", 'p.test("x", image=f"a:{ci.branch}")', "which outsiders choose"),
    ("PK014", 'p.test("x", image=f"a:{ci.run_id}")', "PK_RUN_ID can't stand in image"),
    ("PK014", 'container("a/b", tag=f"{ci.sha}-{ci.branch}")', "which outsiders choose"),
    ("PK015", 'container("a/b", tag="latest")', "'latest' doesn't hold the commit"),
    ("PK016", 'container("a/b", tag=ci.sha, registry=Registry("quay.io"))', "isn't on the registry"),
    ("PK016", 'Registry("quay.io", username=Secret("U"))', "a username and a password, or neither"),
    ("PK016", 'Registry("quay.io", username=Secret("U"), password=Secret("P", optional=True))', "password is a text, and there"),
    ("PK010", 'container("a/b", tag=ci.sha, args={"A-B": "1"})', "can't name a build argument"),
    ("PK014", 'container("a/b", tag=ci.sha, args={"B": ci.branch})', "which outsiders choose"),
    ("PK009", 'container("a/b", tag=ci.sha, args={"API_TOKEN": "3f9d8a7c6b5e"})', "looks like a secret"),
    ("PK032", 'Registry("quay.io", username="me", password="x")', "username= takes Secret values, not str"),
]

SECRETS = [
    ("PK009", 'p.test("curl -H ghp_' + "a1B2" * 9 + '")', "the command looks like a secret"),
    ("PK009", 'p.test("x", setup="aws configure AKIAABCDEFGHIJKLMNOP")', "looks like a secret"),
    ("PK009", 'p.test("x", variables={"TOKEN": "glpat-abcdefghijklmnopqrst"})', "variables['TOKEN'] looks like a secret"),
    ("PK009", 'p.test("x", variables={"DB_PASSWORD": "s3cr3t-V4lue"})', 'secrets=[Secret("DB_PASSWORD")]'),
    ("PK009", 'p.test("x", variables={"URL": "postgresql://u:hunter2@db/x"})', "looks like a secret"),
    ("PK009", 'Environment("e", variables={"API_KEY": "3f9d8a7c6b5e4f3a"})', "looks like a secret"),
    ("PK009", 'Service("db", image="postgres:16", port=1, variables={"POSTGRES_PASSWORD": "Tr0ub4dor&3"})', "looks like a secret"),
    ("PK009", 'Service("q", image="redis:7", port=1, command="serve https://u:hunter2@h/")', "looks like a secret"),
    ("PK009", 'p.test("x", variables={"K": "-----BEGIN RSA PRIVATE KEY-----"})', "looks like a secret"),
    ("PK009", 'str(Secret("T"))', "can't become text"),
    ("PK009", 'p.test("x", raw={"gitlab": {"variables": {"T": Secret("T")}}})', "a Secret can't become raw"),
    ("PK010", 'Secret("MY-TOKEN")', "'MY-TOKEN' can't name a variable"),
    ("PK010", 'Secret("T", stored="a-b")', "every system's secret store"),
    ("PK010", 'Secret("CI_TOKEN")', "belongs to GitLab and Drone"),
    ("PK032", 'p.test("x", secrets=["TOKEN"])', "secrets= takes Secret values, not str"),
    ("PK032", 'p.test("x", secrets=Secret("TOKEN"))', "secrets= takes a list of Secret values"),
    ("PK032", 'Environment("e", secrets=["TOKEN"])', "secrets= takes Secret values, not str"),
    ("PK032", "p.test(Recipe(['x'], secrets=['TOKEN']))", "secrets= takes Secret values, not str"),
    ("PK011", 'p.test("x", secrets=[Secret("T"), Secret("T", stored="U")])', "the secret T is named twice"),
    (
        "PK011",
        'e = Environment("e", secrets=[Secret("T", file=True)])\np.deploy("x", environment=e, secrets=[Secret("T")])',
        "the secret T is named twice",
    ),
]

VARIABLES = [
    ("PK010", 'p.test("x", variables={"A-B": "1"})', "can't name a variable"),
    ("PK010", 'p.test("x", variables={"": "1"})', "can't name a variable"),
    ("PK010", 'p.test("x", variables={"É": "1"})', "can't name a variable"),
    ("PK010", 'p.test("x", variables={"PATH": "1"})', "belongs to the shell"),
    ("PK010", 'p.test("x", variables={"PK_SHA": "1"})', "belongs to pipelinekit's facts"),
    ("PK010", 'p.test("x", variables={"DRONE_X": "1"})', "belongs to Drone"),
    ("PK010", 'p.test("x", variables={"COMMIT_SHA": "1"})', "belongs to Cloud Build"),
    ("PK010", 'Pipeline("q", variables={"BUILD_ID": "1"})', "belongs to Jenkins"),
    ("PK010", 'Matrix("path", "a")', "the variable PATH belongs to the shell"),
    ("PK010", 'Input("home")', "the variable HOME belongs to the shell"),
    ("PK010", 'Cache("x", variable="GITLAB_X")', "belongs to GitLab"),
    (
        "PK011",
        'e = Environment("e", variables={"A": "1"})\np.deploy("x", environment=e, variables={"A": "2"})',
        "A is set twice, to '1' and '2'",
    ),
    ("PK011", 'p.test("x", variables={"T": "1"}, secrets=[Secret("T")])', "T is a variable and a secret of test"),
    ("PK011", 'p.test("x", variables={"PYTHON": "1"}, matrix=py)', "PYTHON is a matrix value and a variable of test"),
    ("PK011", 'p.test("x", secrets=[Secret("PYTHON")], matrix=py)', "PYTHON is a matrix value and a secret of test"),
    ("PK011", 'p.test("x", variables={"PIP_CACHE_DIR": "1"}, cache=Cache.pip())', "set by a cache"),
    ("PK014", 'p.test("x", variables={"A": ci.branch})', "commands see facts as variables already"),
    ("PK014", 'Pipeline("q", variables={"A": f"v-{ci.sha}"})', "would hold PK_SHA"),
    ("PK032", 'p.test("x", variables={"A": 1})', "variables['A'] must be text, not int"),
    ("PK032", 'p.test("x", variables=["A=1"])', "variables must be a dict"),
    ("PK009", 'p.test("x", variables={"A": Secret("A")})', "the secret A can't become text"),
]

PATHS = [
    ("PK017", 'p.test("x", outputs="/tmp/x")', "output '/tmp/x' is not a path inside the repository"),
    ("PK017", 'p.test("x", outputs="../x")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="a/../../x")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="./x")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="a/./x")', "not a path inside"),
    ("PK017", 'p.test("x", outputs=".")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="a//b")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="dist//")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="~/x")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="-rf")', "not a path inside"),
    ("PK017", 'p.test("x", keep="!dist/*")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="a\\\\b")', "not a path inside"),
    ("PK017", 'p.test("x", outputs="a,b")', "some engine can't take"),
    ("PK017", 'p.test("x", outputs="a\\nb")', "some engine can't take"),
    ("PK017", 'p.test("x", outputs="a\\x07")', "some engine can't take"),
    ("PK017", 'p.test("x", outputs=" dist/")', "some engine can't take"),
    ("PK017", 'p.test("x", outputs="dist/*.whl")', "is a glob"),
    ("PK017", 'p.test("x", outputs="{a}")', "is a glob"),
    ("PK017", 'p.test("x", reports="/r.xml")', "report '/r.xml'"),
    ("PK017", 'p.test("x", cache=Cache("~/.cache"))', "cache path '~/.cache'"),
    ("PK017", 'Cache("x", key="../lock")', "cache key"),
    ("PK017", 'Cache("dist/*")', "is a glob"),
    ("PK017", 'Environment("e", config="/etc/e.toml")', "config"),
    ("PK017", 'container("a/b", tag=ci.sha, context="../x")', "context"),
    ("PK017", 'container("a/b", tag=ci.sha, dockerfile="/Dockerfile")', "dockerfile"),
    ("PK017", 'changed("/src/**")', "glob '/src/**'"),
    ("PK017", 'changed("src/**", "src**")', "the glob 'src**' differently"),
    ("PK017", 'changed("**.py")', "the glob '**.py' differently"),
    ("PK017", 'changed("src/[ab].py")', "differently"),
    ("PK017", 'changed("src/?.py")', "differently"),
    ("PK013", 'p.test("x", outputs=f"cov-{py}.xml")', "no matrix value of this stage"),
    ("PK013", 'p.test("x", outputs="$HOME/x")', "$ that nothing expands"),
    ("PK014", 'p.test("x", outputs=f"{ci.branch}/")', "which outsiders choose"),
    ("PK032", 'p.test("x", outputs=[3])', "output must be text, not int"),
]

VALUES = [
    ("PK012", 'p.test("x", timeout="soon")', "timeout='soon' is no duration"),
    ("PK012", 'p.test("x", timeout="15")', "no duration"),
    ("PK012", 'p.test("x", timeout="15 months")', "no duration"),
    ("PK012", 'p.test("x", timeout="1.5h")', "no duration"),
    ("PK012", 'p.test("x", timeout="-5m")', "no duration"),
    ("PK012", 'p.test("x", timeout="٣m")', "no duration"),
    ("PK012", 'p.test("x", timeout="")', "no duration"),
    ("PK012", 'p.test("x", timeout=0)', "timeout=0 is no duration"),
    ("PK012", 'p.test("x", timeout=-1)', "no duration"),
    ("PK012", 'p.test("x", timeout=True)', "timeout=True is no duration"),
    ("PK012", 'p.test("x", timeout=1.5)', "no duration"),
    ("PK012", 'Pipeline("q", timeout="1 fortnight")', "no duration"),
    ("PK012", 'p.gate("Go?", needs=[a], timeout="later")', "no duration"),
    ("PK012", 'p.test("x", keep="a", keep_for="ever")', "keep_for='ever' is no duration"),
    ("PK018", 'on.schedule("n", "0 3 * *")', "'0 3 * *' is no schedule"),
    ("PK018", 'on.schedule("n", "60 3 * * *")', "is no schedule"),
    ("PK018", 'on.schedule("n", "0 24 * * *")', "is no schedule"),
    ("PK018", 'on.schedule("n", "0 3 0 * *")', "is no schedule"),
    ("PK018", 'on.schedule("n", "0 3 * 13 *")', "is no schedule"),
    ("PK018", 'on.schedule("n", "0 3 * * 8")', "is no schedule"),
    ("PK018", 'on.schedule("n", "0 3 * * MON")', "is no schedule"),
    ("PK018", 'on.schedule("n", "*/0 3 * * *")', "is no schedule"),
    ("PK018", 'on.schedule("n", "5-2 3 * * *")', "is no schedule"),
    ("PK018", 'on.schedule("n", "٣ 3 * * *")', "is no schedule"),
    ("PK018", 'on.schedule("n", "@daily")', "is no schedule"),
    ("PK019", 'Matrix("Python", "3")', "can't name an axis"),
    ("PK019", 'Matrix("", "3")', "can't name an axis"),
    ("PK019", 'Matrix("python")', "needs at least one value"),
    ("PK019", 'Matrix("python", "3", "3")', "each once"),
    ("PK019", 'Matrix("python", 3.12)', "3.12 can't be a value of the axis python"),
    ("PK019", 'Matrix("python", ["3.11", "3.12"])', "can't be a value"),
    ("PK019", 'Matrix("python", "3 11")', "can't be a value"),
    ("PK019", 'Matrix("python", "a/b")', "can't be a value"),
    ("PK019", 'p.test("x", matrix=[py, Matrix("python", "4")])', "two axes of the matrix have one name"),
    ("PK019", 't = p.test("x", matrix=py)\nt.cell(os="linux")', "test has the axes python"),
    ("PK019", 't = p.test("x", matrix=py)\nt.cell(python="3.13")', "'3.13' is no value of the axis python"),
    ("PK019", 'a.cell(python="3.12")', "of no matrix"),
    ("PK032", 'p.test("x", retries=-1)', "retries=-1"),
    ("PK032", 'p.test("x", retries=11)', "0 to 10"),
    ("PK032", 'p.test("x", retries=True)', "retries=True"),
    ("PK032", 'p.test("x", when="later")', "when='later' is not known"),
    ("PK032", 'p.test("x", matrix="python")', "matrix= takes Matrix values, not str"),
    ("PK032", 'p.test("x", services=["db"])', "services= takes Service values, not str"),
    ("PK032", 'p.test("x", cache="pip")', "cache= takes Cache values, not str"),
    ("PK032", 'p.test("x", runner="gpu")', "runner= takes Runner values, not str"),
    ("PK032", 'p.test("x", checkout=True)', "checkout= takes Checkout values, not bool"),
    ("PK032", 'p.test("x", only_if="src/**")', "only_if= takes Changed values, not str"),
    ("PK032", 'p.test("x", on=["push"])', "on= takes Event values, not str"),
    ("PK032", 'p.test("x", on=on.push())', "on= takes a list of Event values"),
    ("PK032", 'Pipeline("q", triggers=on.push())', "triggers= takes a list of Event values"),
    ("PK032", 'Environment("e", on=on.push())', "on= takes a list of Event values"),
    ("PK032", 'Pipeline("q", trunk="my branch")', "trunk='my branch' is no branch"),
    ("PK032", 'Pipeline("q", runner="gpu")', "runner= takes Runner values, not str"),
    ("PK032", 'Service("db", image="a", port=0)', "port=0 is no TCP port"),
    ("PK032", 'Service("db", image="a", port=65536)', "no TCP port"),
    ("PK032", 'Service("db", image="a", port="5432")', "no TCP port"),
    ("PK032", "Cache()", "a Cache needs a path"),
    ("PK032", 'Runner("my gpu")', "can't be a label"),
    ("PK032", 'Runner(arch="mips")', "arch='mips' is not known"),
    ("PK032", 'Runner(memory="16GB")', "no amount of memory"),
    ("PK032", "Runner(cpus=0)", "whole numbers"),
    ("PK032", "Runner(gpus=-1)", "whole numbers"),
    ("PK032", 'Input("problem", "houses", choices=("iris",))', "none of its choices"),
    ("PK032", 'Input("problem", 3)', "default must be text, not int"),
    ("PK032", 'Environment("e", url="staging.example")', "is no URL"),
    ("PK032", 'Environment("e", url="https://x/$HOME")', "is no URL"),
    ("PK032", 'Environment("e", url="https://u:pw@x/")', "is no URL"),
    ("PK032", 'Environment("e", url="https://x\\n")', "is no URL"),
    ("PK032", 'Environment("e", url="https://x/?a=1&b=2")', "is no URL"),
    ("PK032", 'on.push("feature branches")', "no glob of branches or tags"),
    ("PK032", 'on.tag("")', "no glob of branches or tags"),
    ("PK032", 'on.tag("v..1")', "no glob of branches or tags"),
    ("PK032", "changed()", "changed() needs a glob"),
    ("PK032", 'p.test("x", raw={"gitlab": {"x": {1, 2}}})', "can't hold {1, 2}"),
    ("PK032", 'p.test("x", raw={"gitlab": {1: "x"}})', "a key of raw['gitlab'] must be text"),
    ("PK032", 'p.test("x", raw="gitlab")', "raw must be a dict, not str"),
    ("PK032", 'p.test("x", raw={"gitlab": {"x": float("nan")}})', "can't hold nan"),
    ("PK032", 'Pipeline("q", targets=["gitlab"])', "targets must be a dict"),
    ("PK032", 'Pipeline("q", targets={"gitlab": "x"})', "targets['gitlab'] must be a dict"),
    ("PK032", 'Pipeline("q", targets={"gitlab": {"x": object()}})', "can't hold"),
    ("PK032", 'Pipeline("q", accept={"drone": "all"})', "a dict of features"),
    ("PK032", 'Pipeline("q", accept={"drone": {"cache": ""}})', "needs a reason in words"),
    ("PK032", 'Pipeline("q", accept={"drone": {"cache": True}})', "needs a reason in words"),
]

COMBINATIONS = [
    ("PK016", 'p.test("x", when="always", needs=[a])', "no needs= and no outputs="),
    ("PK016", 'p.test("x", when="on_failure", outputs="o/")', "no needs= and no outputs="),
    ("PK016", 'p.test(Recipe(["x"], outputs=["o/"]), when="always")', "hands out no files"),
    ("PK016", 'p.test("x", when="always", only_if=changed("src/**"))', "exclude each other"),
    ("PK016", 'p.test("x", keep_for="3 days")', "the one needs the other"),
    ("PK016", 'p.build(container("a/b", tag=ci.sha), "x")', "stands alone"),
    ("PK016", 'p.build(container("a/b", tag=ci.sha), image="python")', "takes no image="),
    ("PK016", 'p.build(container("a/b", tag=ci.sha), setup="")', "takes no setup="),
    ("PK016", 'p.build(container("a/b", tag=ci.sha), keep_for="1 day")', "takes no keep_for="),
    ("PK016", 'p.build(container("a/b", tag=ci.sha), matrix=py)', "takes no matrix="),
    ("PK016", 'p.build(container("a/b", tag=ci.sha), secrets=[Secret("T")])', "takes no secrets="),
    ("PK016", 'p.build(container("a/b", tag=ci.sha), allow_failure=True)', "takes no allow_failure="),
    ("PK016", 'Environment("e", on=[on.pull_request()])', "pull-request can't deliver to e"),
    ("PK016", 'Environment("e", on=[on.push("release/*")])', "push-release can't deliver to e"),
    ("PK016", 'Environment("e", on=[])', "takes no delivery"),
    ("PK016", 'p.deploy("x", environment=prod, on=[on.pull_request()])', "pull-request can't deliver to production"),
    ("PK034", 'p.deploy("x", environment="production")', "environment='production' is no Environment"),
    (
        "PK034",
        'p.migrate("x", environment=prod)\np.deploy("x", environment=Environment("production"))',
        "already the environment at pipeline.py:6",
    ),
    ("PK030", 'p.deploy("x")', "environment= is missing"),
    ("PK030", 'p.test("x", need=[a])', "there is no option need="),
    ("PK030", 'p.test("x", need=[a])', "did you mean 'needs'?"),
    ("PK030", 'p.test("x", environment=prod)', "there is no option environment="),
    ("PK030", 'p.deploy("x", environment=prod, matrix=py)', "there is no option matrix="),
    ("PK030", 'Pipeline("q", img="x")', "there is no option img="),
    ("PK030", 'p.gate("Go?")', "needs"),
    ("PK030", 'p.gate("Go?", needs=[a], image="x")', "image"),
]

FILES = [
    ("PK029", "p = None", "there is no Pipeline in the file"),
    ("PK029", 'q = Pipeline("q")', "there are 2 Pipelines in the file"),
    ("PK030", "1 / 0", "the definition raised ZeroDivisionError: division by zero"),
    ("PK030", "import no_such_module", "imports 'no_such_module', which isn't installed"),
    ("PK030", "raise SystemExit(3)", "ends the program"),
    ("PK030", "def f(): f()\nf()", "calls itself without end"),
    ("PK030", "p.tset('x')", "AttributeError"),
    ("PK030", "x =", "syntax error"),
    ("PK030", "x = '\0'", "null byte"),
]

FAMILIES = {
    "names": NAMES,
    "needs": NEEDS,
    "scripts": SCRIPTS,
    "images": IMAGES,
    "secrets": SECRETS,
    "variables": VARIABLES,
    "paths": PATHS,
    "values": VALUES,
    "combinations": COMBINATIONS,
    "files": FILES,
}
ROWS = [pytest.param(*row, id=f"{family}-{index}-{row[0]}") for family, rows in FAMILIES.items() for index, row in enumerate(rows)]
SAID_OF_THE_FILE = {"there is no Pipeline in the file", "null byte"}


@pytest.mark.parametrize("code, text, words", ROWS)
def test_refusal(define: Define, code: str, text: str, words: str) -> None:
    lines = (HEAD + text).split("\n")
    marked = [number for number, line in enumerate(lines, 1) if "# here" in line] or [len(lines)]
    with pytest.raises(DefinitionError) as refused:
        define(HEAD + text)
    (said,) = refused.value.diagnostics
    assert (said.code, said.level) == (code, "error"), str(said)
    assert words in str(said)
    assert "\n" not in str(said)
    assert "_stage" not in str(said) and "__call__" not in str(said)
    assert said.source.file == "pipeline.py"
    if words == "calls itself without end":
        assert said.source.line == len(lines) - 1
    elif words not in SAID_OF_THE_FILE:
        assert [said.source.line] == marked


def test_the_head_itself_is_fine(define: Define) -> None:
    assert [stage.name for stage in define(HEAD).stages] == ["lint", "out"]


def test_every_code_of_the_constructors_has_a_row() -> None:
    said_by_check = {"PK020", "PK022", "PK023", "PK025", "PK026", "PK027", "PK028", "PK035", "PK037", "PK038", "PK039", "PK040"}
    shown = {row[0] for rows in FAMILIES.values() for row in rows}
    expected = {code for code in CODES if len(code) == 5} - said_by_check - {"PK031", "PK041", "PK042"}
    assert shown == expected
