"""Every option of every kind, once: what completion shows is what type checkers take."""

from pipelinekit import Cache, Checkout, Environment, Input, Matrix, Pipeline, Recipe, Registry, Runner, Secret, Service, Stage, changed, ci, on
from pipelinekit.recipes import alembic, container, dvc, smoke

python = Matrix("python", "3.11", "3.12")
token = Secret("TOKEN", stored="STORED_TOKEN", file=True, optional=True)
db = Service("db", image="postgres:16", port=5432, variables={"A": "b"}, command="postgres -c fsync=off")
runner = Runner("gpu", arch="arm64", cpus=4, memory="16Gi", gpus=1)
checkout = Checkout(history=True, tags=True, lfs=True, submodules=True)
quay = Registry("quay.io", username=Secret("USER_NAME"), password=Secret("USER_PASSWORD"))
retrain = on.manual("retrain", inputs=[Input("problem", "houses", choices=("houses", "iris"), help="which")])
staging = Environment(
    "staging",
    url="https://staging.example",
    config="config/{env}.toml",
    variables={"MODE": "staging"},
    secrets=[token],
    on=[on.push(), on.tag("v*"), on.schedule("nightly", "0 3 * * *"), retrain],
)

p = Pipeline(
    "demo",
    trunk="main",
    image="python:3.12-slim",
    setup=[dvc.pull("data/"), "pip install ."],
    shell="bash",
    cache=[Cache.pip(), Cache.uv(), Cache.npm(), Cache.renv(), Cache.dvc(), Cache("x", key="y", variable="Z")],
    variables={"A": "b"},
    triggers=[on.push(), on.push("release/*"), on.pull_request(forks=True)],
    timeout="1h",
    runner=runner,
    checkout=checkout,
    cancel_superseded=True,
    targets={"concourse": {"services": "docker"}},
    accept={"drone": {"services": "why"}},
    raw={"gitlab": {"workflow": {}}},
)
first = p.lint("ruff check .")
check = p.test(
    "pytest",
    Recipe(commands=["x"], setup=["y"], image=None, variables={}, secrets=[], services=[], outputs=[], reports=[], keep=[], cache=[], checkout=None),
    name="all",
    on=[on.push()],
    needs=[first],
    variables={"A": "b"},
    secrets=[token],
    image=f"python:{python}-slim",
    setup="pip install .",
    shell="sh",
    services=[db],
    outputs=["dist/", f"cov-{python}.xml"],
    keep="logs/*",
    keep_for="30 days",
    reports=[f"r-{python}.xml"],
    cache=(),
    matrix=[python],
    timeout=90,
    retries=2,
    allow_failure=False,
    only_if=changed("src/**"),
    lock="gpu-box",
    runner=runner,
    checkout=checkout,
    raw={"gitlab": {"interruptible": True}},
)
after = p.step(
    "./notify.sh",
    when="on_failure",
    name="notify",
    on=[on.push()],
    variables={"A": "b"},
    secrets=[token],
    image="alpine",
    setup=["x"],
    shell="sh",
    services=[db],
    keep="logs/*",
    keep_for=3600,
    reports="r.xml",
    cache=Cache.pip(),
    matrix=python,
    timeout="1m",
    retries=1,
    allow_failure=True,
    lock="l",
    runner=runner,
    checkout=checkout,
    raw={"gitlab": {}},
)
cells = p.test("pytest", name="cells", matrix=python, outputs="cov.xml")
data: Stage = p.data_pull(dvc.pull("data/", secrets=[token], lock="dvc.lock"))
wheel: Stage = p.build("python -m build", needs=[data["data/"], check, cells.cell(python="3.12")["cov.xml"]], outputs="dist/")
image = p.build(
    container("quay.io/a/b", tag=ci.sha, also="latest", context="svc", dockerfile="svc/Dockerfile", args={"A": "b"}, registry=quay),
    name="api-image",
    on=[on.push()],
    needs=[wheel, wheel["dist/"]],
    timeout="1h",
    retries=1,
    lock="builder",
    runner=runner,
    checkout=checkout,
    raw={"gitlab": {}},
)
reference: str = image.ref
accepted: Stage = p.gate("Ship?", needs=[image], name="ship", timeout="2 days", raw={"gitlab": {}})
migrated = p.migrate(alembic.upgrade("head", config="a.ini", lock_timeout="2s", attempts=3), environment=staging, needs=[accepted])
live = p.deploy(
    f"./deploy.sh {staging} {image.ref} {ci.environment}",
    environment=staging,
    name="live",
    on=[on.push()],
    needs=[migrated],
    variables={"A": "b"},
    secrets=[token],
    image="alpine",
    setup=(),
    shell="bash",
    services=[db],
    outputs="deployed.txt",
    keep=["logs/*"],
    keep_for="1 week",
    reports="r.xml",
    cache=Cache.pip(),
    timeout="1m",
    retries=1,
    lock="l",
    runner=runner,
    checkout=checkout,
    raw={"gitlab": {}},
)
p.verify(smoke.http("/version", expect=ci.sha, within=60), environment=staging, needs=[live])


def ship(environment: Environment, after: Stage) -> Stage:
    """Plain functions are the templates, and their types hold."""
    return p.deploy("x", environment=environment, needs=[after], name=f"ship-{environment.name}")
