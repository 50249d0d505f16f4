"""Groovy functions that stand above the pipeline, each only in files that call it."""

from collections.abc import Sequence

from pipelinekit.model.plan import Event
from pipelinekit_jenkins.conditions import timer
from pipelinekit_jenkins.escape import quoted

_EVENTS = {
    "pull_request": "if (env.CHANGE_ID) {\n    return 'pull_request'\n  }",
    "tag": "if (env.TAG_NAME) {\n    return 'tag'\n  }",
    "schedule": "if (%timer) {\n    return 'schedule'\n  }",
    "manual": "if (currentBuild.getBuildCauses('hudson.model.Cause$UserIdCause') && env.BRANCH_NAME == %trunk) {\n    return 'manual'\n  }",
}


def event(events: Sequence[Event], trunk: str) -> str:
    """`eventName()`: what started this build."""
    kinds = {each.kind for each in events}
    texts = [
        text.replace("%trunk", quoted(trunk)).replace("%timer", timer(events).groovy) for kind, text in _EVENTS.items() if kind in kinds
    ]
    tests = "".join(f"  {text}\n" for text in texts)
    return f"// What started this build.\ndef eventName() {{\n{tests}  return 'push'\n}}\n"


def checkout_with_trunk(trunk: str) -> str:
    """`checkoutWithTrunk()`: the commit, and trunk as origin's branch, which a multibranch job doesn't fetch by itself."""
    return f"""\
// The commit of this build, with {trunk} fetched beside it, back to where they part.
def checkoutWithTrunk() {{
  deleteDir()
  checkout scmGit(
    branches: scm.branches,
    extensions: scm.extensions.findAll {{ !(it instanceof hudson.plugins.git.extensions.impl.CloneOption) }} + [
      cloneOption(shallow: false, noTags: true, reference: ''),
    ],
    userRemoteConfigs: scm.userRemoteConfigs.collect {{ remote ->
      [
        url: remote.url,
        credentialsId: remote.credentialsId,
        name: 'origin',
        refspec: ((remote.refspec ?: '') + ' +refs/heads/{trunk}:refs/remotes/origin/{trunk}').trim(),
      ]
    }}
  )
}}
"""


def changes(label: str, trunk: str) -> str:
    """`changes(paths)`: whether a pull request touches files; asked on an agent, since git has to look."""
    return f"""\
// Whether the pull request changes one of these files, seen from where it left {trunk}.
def changes(String paths) {{
  node({quoted(label)}) {{
    checkoutWithTrunk()
    return sh(returnStatus: true, script: 'git diff --quiet origin/{trunk}...HEAD -- ' + paths) != 0
  }}
}}
"""


LIMITED = """\
// Ends the body after so many seconds, as a failure: alone, a timeout would abort the build as a person does.
def limited(int seconds, Closure body) {
  def start = System.currentTimeMillis()
  try {
    timeout(time: seconds, unit: 'SECONDS') {
      body()
    }
  } catch (org.jenkinsci.plugins.workflow.steps.FlowInterruptedException stopped) {
    if (System.currentTimeMillis() - start < seconds * 1000L) {
      throw stopped
    }
    error('not done after ' + seconds + ' seconds')
  }
}
"""

NETWORK = """\
// A name for the network of a job, and for what stands in it: one per build and job.
def networkOf(String job) {
  return (env.BUILD_TAG + '-' + job).replaceAll('[^A-Za-z0-9_.-]', '-')
}
"""

AS_ROOT = """\
// Runs the body as root, on files of root, and gives them back to the agent's user.
def asRoot(Closure body) {
  try {
    sh 'chown -R 0:0 .'
    body()
  } finally {
    sh 'chown -R "$(stat -c %u:%g "$WORKSPACE_TMP")" .'
  }
}
"""

SECRETS_IN_FILES = """\
// Puts secrets in files for the body's container: docker is given the environment as arguments, which all on the agent can read.
def secretsInFiles(List names, Closure body) {
  try {
    sh 'umask 077; for name in ' + names.join(' ') + '; do printenv "$name" > "$WORKSPACE_TMP/$name.secret" || true; done'
    withEnv(names.collect { it + '=' }) {
      body()
    }
  } finally {
    sh 'rm -f "$WORKSPACE_TMP"/*.secret'
  }
}
"""

CLAIM = """\
// Takes an environment, whose lock this build holds, unless a newer build has had it: that is no failure of this one.
def claim(String environment) {
  for (def newer = currentBuild.nextBuild; newer != null; newer = newer.nextBuild) {
    if (newer.description != null && newer.description.contains('[' + environment + ']')) {
      currentBuild.result = 'NOT_BUILT'
      error('a newer build has been delivered to ' + environment)
    }
  }
  currentBuild.description = (currentBuild.description ? currentBuild.description + ' ' : '') + '[' + environment + ']'
}
"""

EXISTING = """\
// Those of the bindings whose credentials there are.
def existing(List bindings) {
  def found = []
  for (binding in bindings) {
    try {
      withCredentials([binding]) {
        found.add(binding)
      }
    } catch (org.jenkinsci.plugins.credentialsbinding.impl.CredentialNotFoundException missing) {
      echo missing.message
    }
  }
  return found
}
"""

GRAPH = """\
// Runs each job as soon as all that it needs has passed; what needs a failed one is left out.
def runGraph(Map jobs) {
  def outcome = [:]
  def branches = [:]
  jobs.each { name, job ->
    branches[name] = {
      waitUntil(quiet: true, initialRecurrencePeriod: 250) {
        job.needs.every { outcome.containsKey(it) }
      }
      if (!job.needs.every { outcome[it] }) {
        outcome[name] = false
        echo "left out: ${name}"
        return
      }
      try {
        job.body()
        outcome[name] = true
      } catch (failure) {
        outcome[name] = false
        throw failure
      }
    }
  }
  parallel(branches)
}
"""
