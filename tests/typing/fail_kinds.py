"""What must not type-check. Each bad line ends in the codes that the two checkers give it."""

from pipelinekit import Cache, Environment, Event, Matrix, Pipeline, Registry, Runner, Secret, Service, Stage, changed, ci, on
from pipelinekit.recipes import container

p = Pipeline("demo", image="a")
prod = Environment("prod")
py = Matrix("python", "3.11")
lint = p.lint("x")

# What a kind must be given.
p.gate("Go?")  # mypy: call-arg | pyright: reportCallIssue
p.deploy("x")  # mypy: call-arg | pyright: reportCallIssue
p.migrate("x")  # mypy: call-arg | pyright: reportCallIssue
p.verify("x")  # mypy: call-arg | pyright: reportCallIssue
Pipeline()  # mypy: call-arg | pyright: reportCallIssue
Service("db", image="a")  # mypy: call-arg | pyright: reportCallIssue
container("a/b")  # mypy: call-arg | pyright: reportCallIssue

# Options that exclude each other.
p.test("x", when="always", needs=[lint])  # mypy: call-overload | pyright: reportCallIssue
p.step("x", when="on_failure", outputs="o/")  # mypy: call-overload | pyright: reportCallIssue
p.step("x", when="always", only_if=changed("a"))  # mypy: call-overload | pyright: reportCallIssue
p.build(container("a/b", tag=ci.sha), image="a")  # mypy: call-overload | pyright: reportCallIssue,reportArgumentType
p.build(container("a/b", tag=ci.sha), setup="x")  # mypy: call-overload | pyright: reportCallIssue,reportArgumentType
p.build(container("a/b", tag=ci.sha), "x")  # mypy: call-overload | pyright: reportCallIssue,reportArgumentType
p.test(container("a/b", tag=ci.sha))  # mypy: call-overload | pyright: reportCallIssue,reportArgumentType

# Options that a kind doesn't have.
p.test("x", environment=prod)  # mypy: call-overload | pyright: reportCallIssue
p.deploy("x", environment=prod, matrix=py)  # mypy: call-arg | pyright: reportCallIssue
p.deploy("x", environment=prod, when="always")  # mypy: call-arg | pyright: reportCallIssue
p.deploy("x", environment=prod, allow_failure=True)  # mypy: call-arg | pyright: reportCallIssue
p.gate("Go?", needs=[lint], image="a")  # mypy: call-arg | pyright: reportCallIssue
p.gate("Go?", needs=[lint], environment=prod)  # mypy: call-arg | pyright: reportCallIssue
p.build("x", when="always")  # mypy: call-overload | pyright: reportCallIssue
p.tests("x")  # mypy: attr-defined | pyright: reportAttributeAccessIssue

# Misspelt options.
p.test("x", need=[lint])  # mypy: call-overload | pyright: reportCallIssue
p.deploy("x", environment=prod, output="a")  # mypy: call-arg | pyright: reportCallIssue
Pipeline("demo", img="a")  # mypy: call-arg | pyright: reportCallIssue
Cache("a", keys="b")  # mypy: call-arg | pyright: reportCallIssue

# Values of the wrong type.
p.test("x", needs=["lint"])  # mypy: list-item | pyright: reportCallIssue,reportArgumentType
p.test("x", needs=lint)  # mypy: call-overload | pyright: reportCallIssue,reportArgumentType
p.deploy("x", environment="prod")  # mypy: arg-type | pyright: reportArgumentType
p.deploy("x", environment=prod, needs=["lint"])  # mypy: list-item | pyright: reportArgumentType
p.deploy("x", environment=prod, secrets=["TOKEN"])  # mypy: list-item | pyright: reportArgumentType
p.deploy("x", environment=prod, variables={"A": 1})  # mypy: dict-item | pyright: reportArgumentType
p.deploy("x", environment=prod, image=Secret("IMAGE"))  # mypy: arg-type | pyright: reportArgumentType
p.deploy("x", environment=prod, runner="gpu")  # mypy: arg-type | pyright: reportArgumentType
p.deploy("x", environment=prod, on=on.push())  # mypy: arg-type | pyright: reportArgumentType
p.deploy(3, environment=prod)  # mypy: arg-type | pyright: reportArgumentType
p.deploy("x", environment=prod, variables={"A": Secret("A")})  # mypy: dict-item | pyright: reportArgumentType
p.gate("Go?", needs=lint)  # mypy: arg-type | pyright: reportArgumentType
Pipeline("demo", triggers=["push"])  # mypy: list-item | pyright: reportArgumentType
Environment("prod", secrets=["TOKEN"])  # mypy: list-item | pyright: reportArgumentType
Matrix("python", 3.12)  # mypy: arg-type | pyright: reportArgumentType
Registry("quay.io", username="me", password="x")  # mypy: arg-type | pyright: reportArgumentType
Runner(cpus="4")  # mypy: arg-type | pyright: reportArgumentType

# Words that aren't among the known ones.
p.test("x", shell="zsh")  # mypy: call-overload | pyright: reportCallIssue,reportArgumentType
p.test("x", when="later")  # mypy: call-overload | pyright: reportCallIssue,reportArgumentType
p.deploy("x", environment=prod, shell="zsh")  # mypy: arg-type | pyright: reportArgumentType
Pipeline("demo", shell="fish")  # mypy: arg-type | pyright: reportArgumentType

# What a handle is not.
reference: str = lint.ref  # mypy: attr-defined | pyright: reportAttributeAccessIssue
stage: Stage = lint["dist/"]  # mypy: assignment | pyright: reportAssignmentType
event: Event = on.pull_request(fork=True)  # mypy: call-arg | pyright: reportCallIssue
