"""Pull requests alone, with a newer run cancelling the older."""

from pipelinekit import Pipeline, ci, on

p = Pipeline("pull-requests", image="debian:12-slim", triggers=[on.pull_request()], cancel_superseded=True)
p.test(f'test -n "{ci.pull_request}" && test "{ci.target_branch}" = main && test -n "{ci.branch}"')
