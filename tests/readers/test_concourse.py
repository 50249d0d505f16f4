"""Each rule of Concourse finds its bad pipeline; realistic pipelines have no problem."""

from __future__ import annotations

import pytest

from . import concourse, concourse_rules

GOOD = r"""# Made from pipeline.py
resource_types:
- {name: pull-request, type: registry-image, source: {repository: teliaoss/github-pr-resource}}
resources:
- {name: repo, type: git, icon: git, source: {uri: ((git_uri)), branch: main, private_key: ((git.private_key))}}
- {name: pr, type: pull-request, check_every: 1m, source: {repository: org/app, access_token: ((vault:github_token))}}
- {name: nightly, type: time, source: {start: 2:00 AM, stop: 3:00 AM, location: UTC}, check_every: never}
- {name: dist, type: s3, source: {bucket: b, regexp: dist/app-(.*).tgz, access_key_id: ((aws.id))}}
var_sources: [{name: vault, type: vault, config: {url: 'https://vault.example'}}]
groups: [{name: all, jobs: ['*'], resources: [repo]}]
jobs:
- name: test
  build_log_retention: {builds: 100}
  max_in_flight: 2
  plan:
  - in_parallel: {fail_fast: true, steps: [{get: repo, trigger: true}, {get: nightly, trigger: true}]}
  - across: [{var: py, values: ['3.11', '3.12'], max_in_flight: all}]
    fail_fast: true
    task: unit-((.:py))
    timeout: 15m
    attempts: 2
    container_limits: {cpu: 512, memory: 2GB}
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: python, tag: ((.:py))}}
      inputs: [{name: repo}, {name: cache, optional: true}]
      caches: [{path: .cache}]
      params: {TOKEN: ((token)), BUILD_NAME: local}
      run:
        path: sh
        args: [-ec, 'echo $((1+2)) $BUILD_NAME; (( i )); make test ((.:py))']
        dir: repo
  on_failure: {try: {put: repo, no_get: true, inputs: [], params: {repository: repo}}}
- name: build
  serial: true
  plan:
  - {get: repo, passed: [test], trigger: true}
  - task: compile
    output_mapping: {out: built}
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: alpine, tag: '3.20'}}
      inputs: [{name: repo}]
      outputs: [{name: out}]
      run: {path: /bin/bash, args: [-euo, pipefail, -c, 'tar czf out/app-1.tgz repo']}
    on_success: {put: dist, inputs: [built], params: {file: built/app-*.tgz}}
  - {load_var: version, file: dist/version, reveal: true}
  - do:
    - {task: tell, image: built, file: repo/ci/tell.yml, vars: {version: ((.:version))}}
    timeout: 1h30m
- name: deploy-prod
  serial_groups: [prod]
  plan:
  - in_parallel: [{get: repo, passed: ['bui*']}, {get: dist, passed: [build]}]
  - {task: ship, file: repo/ci/ship.yml, input_mapping: {app: dist}}
  - {put: repo, params: {repository: anything}, inputs: [anything]}
  - {set_pipeline: self, file: repo/ci/pipeline.yml}
- name: pr-test
  plan:
  - {get: pr, trigger: true, version: every}
  - {put: pr-status, resource: pr, inputs: [pr], params: {path: pr, status: pending}, get_params: {skip_download: true}}
  - {task: tell, file: pr/ci/tell.yml, input_mapping: {repo: pr}, output_mapping: {told: text}}
  - {task: tell-again, file: pr/ci/tell.yml, input_mapping: {repo: text}}
"""

TELL = """\
platform: linux
image_resource: {type: registry-image, source: {repository: alpine}}
inputs: [{name: repo}]
outputs: [{name: told}]
run: {path: sh, args: [-ec, ./tell.sh]}
"""

REPO = "resources: [{name: repo, type: git, source: {}}]\n"
GET = "{get: repo, trigger: true}"
RUN = "run: {path: sh, args: [-ec, a]}"
WORK = f"{{task: t, config: {{platform: linux, {RUN}}}}}"


def _plan(*steps: str, more: str = "") -> str:
    return f"{REPO}{more}jobs:\n- name: j\n  plan:\n  - {GET}\n" + "".join(f"  - {step}\n" for step in steps)


def _job(more: str) -> str:
    return f"{REPO}jobs: [{{name: j, plan: [{GET}], {more}}}]\n"


def _task(config: str, *, step: str = "") -> str:
    return _plan(f"{{task: t, {step}config: {{platform: linux, {config}}}}}")


def _script(text: str, path: str = "sh", option: str = "-ec") -> str:
    return _task(f"run: {{path: {path}, args: [{option}, '{text}']}}")


NO_STEP = "is no step: it has none of get, put, task, set_pipeline, load_var, try, do, in_parallel"
ACROSS = "{var: a, values: [b]}"
AT = "jobs.j.plan[1]"
T = f"{AT} (task t)"

BAD = {
    "not YAML": ("jobs: [", ["line 2: did not find expected node content"]),
    "two documents": (f"{_plan()}---\na: b", ["a pipeline is one document, a mapping"]),
    "unknown key": (f"{_plan()}x-anchors: []", ['the pipeline: unknown field "x-anchors"']),
    "no jobs": ("jobs: []", ["the pipeline: jobs must contain at least one job"]),
    "jobs as a mapping": ("jobs: {a: b}", ["the pipeline: jobs is not a list of mappings"]),
    "resource without a type": (_plan().replace("type: git, ", ""), ["resources.repo: has no type"]),
    "resource field": (_plan().replace("source:", "sauce:"), ['resources.repo: unknown field "sauce"']),
    "check interval": (
        _plan().replace("source: {}", "check_every: 5"),
        ["resources.repo: check_every is not a duration such as 5m, or never"],
    ),
    "group without a name": (f"{_plan()}groups: [{{jobs: [j]}}]", ["groups.?: has no name"]),
    "job without a plan": ("jobs: [{name: j}]", ["jobs.j: has no plan"]),
    "job field": (_job("steps: []"), ['jobs.j: unknown field "steps"']),
    "flag": (_job("serial: 'true'"), ["jobs.j: serial is not true or false"]),
    "in flight": (_job("max_in_flight: 0"), ["jobs.j: max_in_flight is not a number above 0"]),
    "retention": (
        _job("build_log_retention: {weeks: 1}"),
        ['jobs.j.build_log_retention: unknown field "weeks"'],
    ),
    "no core": (_plan("{timeout: 1h}"), [f"{AT}: {NO_STEP}"]),
    "two cores": (_plan("{get: repo, put: repo}"), [f'{AT} (put repo): unknown field "get"']),
    "empty name": (_plan("{get: ''}"), [f"{AT} (get ): has no get"]),
    "step field": (_plan("{put: repo, passed: [j]}"), [f'{AT} (put repo): unknown field "passed"']),
    "passed as text": (_plan("{get: x, resource: repo, passed: j}"), [f"{AT} (get x): passed is not a list of texts"]),
    "version": (
        _plan("{get: x, resource: repo, version: sometimes}"),
        [f"{AT} (get x): version is not latest, every or a version"],
    ),
    "put inputs": (
        _plan("{put: repo, inputs: everything}"),
        [f"{AT} (put repo): inputs is not all, detect or a list of names"],
    ),
    "duration of a task": (
        _plan(f"{WORK[:-1]}, timeout: 5x}}"),
        [f"{T}: timeout is not a duration such as 90s or 1h30m"],
    ),
    "duration without a unit": (
        _plan("{do: [], timeout: 10}"),
        [f"{AT}: timeout is not a duration such as 90s or 1h30m"],
    ),
    "attempts": (_plan(f"{WORK[:-1]}, attempts: 0}}"), [f"{T}: attempts is not a number above 0"]),
    "in a hook": (
        _job("on_failure: {put: repo, get_parms: {}}"),
        ['jobs.j.plan.on_failure (put repo): unknown field "get_parms"'],
    ),
    "in parallel": (
        _plan("{in_parallel: {steps: [], max_in_flight: 2}}"),
        [f'{AT}: in_parallel: unknown field "max_in_flight"'],
    ),
    "parallel text": (_plan("{in_parallel: all}"), [f"{AT}: in_parallel is not a list of steps or a mapping"]),
    "inner step": (_plan("{do: [{try: {gett: repo}}]}"), [f"{AT}[0].try: {NO_STEP}"]),
    "across nothing": (_plan(f"{WORK[:-1]}, across: []}}"), [f"{T}: across needs a variable"]),
    "fail_fast alone": (_plan(f"{WORK[:-1]}, fail_fast: true}}"), [f'{T}: unknown field "fail_fast"']),
    "across field": (
        _plan(f"{WORK[:-1]}, across: [{{var: a, values: [b], limit: 1}}]}}"),
        [f'{T}: across: unknown field "limit"'],
    ),
    "no config": (_plan("{task: t}"), [f"{T}: needs file or config, one of them"]),
    "file and config": (_plan(f"{WORK[:-1]}, file: repo/t.yml}}"), [f"{T}: needs file or config, one of them"]),
    "vars of a config": (_plan(f"{WORK[:-1]}, vars: {{a: b}}}}"), [f"{T}: vars work with file only"]),
    "memory": (
        _plan(f"{WORK[:-1]}, container_limits: {{memory: 2 gigs}}}}"),
        [f"{T}: container_limits: memory is not a size such as 512MB"],
    ),
    "cores": (
        _task(f"container_limits: {{cpu: 0.5}}, {RUN}"),
        [f"{T}: config.container_limits: cpu is not a whole number"],
    ),
    "mapping": (_task(RUN, step="input_mapping: {a: [b]}, "), [f"{T}: input_mapping does not map names to names"]),
    "image twice": (
        _task(f"image_resource: {{type: mock}}, {RUN}", step="image: repo, "),
        [f"{T}: image hides the image_resource of its config"],
    ),
    "task field": (_task(f"imputs: [], {RUN}"), [f'{T}: config: unknown field "imputs"']),
    "no platform": (_plan(f"{{task: t, config: {{{RUN}}}}}"), [f"{T}: config: has no platform"]),
    "no run path": (_task("run: {args: [a]}"), [f"{T}: config.run: has no path"]),
    "run field": (_task("run: {path: a, cwd: b}"), [f'{T}: config.run: unknown field "cwd"']),
    "number as argument": (_task("run: {path: a, args: [1]}"), [f"{T}: config.run: args is not a list of texts"]),
    "image field": (
        _task(f"image_resource: {{type: mock, tag: a}}, {RUN}"),
        [f'{T}: config.image_resource: unknown field "tag"'],
    ),
    "image type": (_task(f"image_resource: {{source: {{}}}}, {RUN}"), [f"{T}: config.image_resource: has no type"]),
    "input field": (
        _task(f"inputs: [{{name: repo, from: a}}], {RUN}"),
        [f'{T}: config.inputs[0]: unknown field "from"'],
    ),
    "output without a name": (_task(f"outputs: [{{path: a}}], {RUN}"), [f"{T}: config.outputs[0]: has no name"]),
    "cache without a path": (
        _task(f"caches: [{{name: a}}], {RUN}"),
        [f"{T}: config.caches[0]: has no path", f'{T}: config.caches[0]: unknown field "name"'],
    ),
    "load_var without a file": (_plan("{load_var: v}"), [f"{AT} (load_var v): has no file"]),
    "same job": (
        "jobs: [{name: j, plan: [{do: []}]}, {name: j, plan: [{do: []}]}]",
        ["jobs: 2 have the same name 'j'"],
    ),
    "capital": (_plan(WORK.replace("task: t", "task: Unit")), [f"{AT}: task 'Unit' is not a valid identifier"]),
    "digits": ("jobs: [{name: '12', plan: [{do: []}]}]", ["jobs: '12' is not a valid identifier"]),
    "variable as a name": (
        _plan(WORK.replace("task: t", "task: t-((x))")),
        [f"{AT}: task 't-((x))' is not a valid identifier"],
    ),
    "variable as a name below across": (
        _plan("across: [{var: x, values: [a]}]\n    try: " + WORK.replace("task: t", "task: t-((.:x))")),
        [f"{AT}.try: task 't-((.:x))' is not a valid identifier"],
    ),
    "unused resource": (f"{_plan()}".replace(GET, WORK), ["resource 'repo' is not used"]),
    "unknown resource": (_plan("{get: other}"), [f"{AT}: unknown resource 'other'"]),
    "unknown type": (
        _plan().replace("type: git", "type: gitt"),
        ["repo: type 'gitt' is neither built in nor declared"],
    ),
    "unknown image type": (
        _task(f"image_resource: {{type: docker}}, {RUN}"),
        [f"{AT}: type 'docker' is neither built in nor declared"],
    ),
    "unused type": (
        _plan(more="resource_types: [{name: slack, type: registry-image}]\n"),
        ["resource type 'slack' is not used"],
    ),
    "var source": (f"{_plan()}var_sources: [{{name: v, type: valt}}]", ["var_sources.v: unknown type 'valt'"]),
    "unknown source": (
        _plan().replace("source: {}", "source: {uri: ((v:a))}"),
        ["((v:a)) names the variable source 'v', which is not declared"],
    ),
    "ungrouped": (f"{_plan()}groups: [{{name: g, resources: [repo]}}]", ["job 'j' belongs to no group"]),
    "group of nothing": (
        f"{_plan()}groups: [{{name: g, jobs: ['*', 'x*'], resources: [s]}}]",
        ["group 'g': no job matches 'x*'", "group 'g': unknown resource 's'"],
    ),
    "get twice": (_job(f"ensure: {GET}"), ["job 'j': get 'repo' is repeated"]),
    "passed by nobody": (_plan("{get: x, resource: repo, passed: [k]}"), [f"{AT}: passed names an unknown job 'k'"]),
    "passed without": (
        f"{_plan('{get: x, resource: repo, passed: [k]}')}- {{name: k, plan: [{WORK}]}}\n",
        [f"{AT}: job 'k' does not interact with resource 'repo'"],
    ),
    "cycle": (_job("").replace("trigger: true", "passed: [j]"), ["pipeline contains a cycle: j -> j"]),
    "across repeats": (
        _plan(f"{WORK[:-1]}, across: [{{var: a, values: [b]}}, {{var: a, values: [c]}}]}}"),
        [f"{AT}: across repeats the variable 'a'"],
    ),
    "across no values": (
        _plan(f"{WORK[:-1]}, across: [{{var: a, values: []}}]}}"),
        [f"{AT}: across variable 'a' has no values"],
    ),
    "accidental variable": (
        _script("echo $((COUNT))"),
        [f"{AT}: Concourse takes ((COUNT)) in the script for a variable"],
    ),
    "secret in a script": (
        _script("echo ((token))"),
        [f"{AT}: Concourse takes ((token)) in the script for a variable"],
    ),
    "goes on": (_script("make", option="-c"), [f"{AT}: the shell goes on after an error: args need -e"]),
    "goes on in bash": (
        _script("make", path="/bin/bash", option="-xc"),
        [f"{AT}: the shell goes on after an error: args need -e"],
    ),
    "metadata": (_script("echo ${BUILD_ID}"), [f"{AT}: a task has no $BUILD_ID"]),
    "missing input": (
        _task(f"inputs: [{{name: dist}}], {RUN}"),
        ["job j: task t: input 'dist' is made by no step before it"],
    ),
    "mapped input": (
        _task(f"inputs: [{{name: repo}}], {RUN}", step="input_mapping: {repo: dist}, "),
        ["job j: task t: input 'dist' is made by no step before it"],
    ),
    "mapping of nothing": (
        _task(f"inputs: [{{name: repo}}], {RUN}", step="output_mapping: {out: dist}, "),
        ["job j: task t: output_mapping names 'out', which is not in outputs"],
    ),
    "missing image": (
        _task(RUN, step="image: python, "),
        ["job j: task t: image 'python' is made by no step before it"],
    ),
    "missing file": (
        _plan("{task: t, file: ci/t.yml}"),
        ["job j: task t: file 'ci/t.yml': artifact 'ci' is made by no step before it"],
    ),
    "missing put input": (
        _plan("{put: repo, inputs: [dist]}"),
        ["job j: put repo: input 'dist' is made by no step before it"],
    ),
    "no implicit get": (
        _plan("{put: other, resource: repo, no_get: true}", "{put: repo, inputs: [other]}"),
        ["job j: put repo: input 'other' is made by no step before it"],
    ),
    "parallel siblings": (
        _plan("{in_parallel: [{get: x, resource: repo}, {put: repo, inputs: [x]}]}"),
        ["job j: put repo: input 'x' is made by no step before it"],
    ),
    "after across": (
        _plan(
            f"{{task: t, across: [{ACROSS}], config: {{platform: linux, outputs: [{{name: o}}], {RUN}}}}}",
            "{put: repo, inputs: [o]}",
        ),
        ["job j: put repo: input 'o' is made by no step before it"],
    ),
    "in a job's hook": (
        _job("ensure: {put: repo, inputs: [dist]}"),
        ["job j: ensure: put repo: input 'dist' is made by no step before it"],
    ),
    "missing var file": (
        _plan("{load_var: v, file: dist/v}"),
        ["job j: load_var v: file 'dist/v': artifact 'dist' is made by no step before it"],
    ),
    "unknown local variable": (_script("echo ((.:version))"), ["job j: ((.:version)) is loaded by no step before it"]),
}


def _problems(text: str) -> list[str]:
    return [line.removeprefix("ci/pipeline.yml: ") for line in concourse.problems({"ci/pipeline.yml": text})]


def test_good_files_have_no_problem() -> None:
    assert concourse.problems({"ci/pipeline.yml": GOOD, "ci/tell.yml": TELL}) == []


def test_a_task_file_is_read_as_one() -> None:
    files = {"ci/pipeline.yml": GOOD, "ci/tell.yml": TELL.replace("path: sh", "cmd: sh")}
    assert concourse.problems(files) == [
        "ci/tell.yml: task.run: has no path",
        'ci/tell.yml: task.run: unknown field "cmd"',
    ]
    assert concourse.read(files)["ci/tell.yml"]["platform"] == "linux"


def test_the_outputs_of_a_task_file_are_known() -> None:
    files = {"ci/pipeline.yml": GOOD.replace("{repo: text}", "{repo: told}"), "ci/tell.yml": TELL}
    expected = "ci/pipeline.yml: job pr-test: task tell-again: input 'told' is made by no step before it"
    assert concourse.problems(files) == [expected]


@pytest.mark.parametrize("case", BAD)
def test_a_bad_pipeline_says_what_and_where(case: str) -> None:
    text, expected = BAD[case]
    assert _problems(text) == expected


def test_no_rule_can_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = concourse_rules.RULES
    for rule in rules:
        monkeypatch.setattr(concourse_rules, "RULES", tuple(other for other in rules if other is not rule))
        assert any(_problems(text) != expected for text, expected in BAD.values()), rule.__name__


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("é", True),
        ("a_b.c-d", True),
        ("3d", True),
        ("12", False),
        ("-a", False),
        ("a b", False),
        ("a/b", False),
        ("", False),
    ],
)
def test_identifiers(name: str, expected: bool) -> None:
    assert concourse_rules.is_identifier(name) is expected
