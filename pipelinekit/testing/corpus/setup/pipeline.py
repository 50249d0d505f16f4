"""Setup goes with the pipeline's image, also where a matrix bends that; another image has its own or none."""

from pipelinekit import Matrix, Pipeline

release = Matrix("release", "11", "12")
p = Pipeline("setup", image="debian:12-slim", setup=["LEVEL=shared", "export LEVEL"])
p.lint('test "$LEVEL" = shared')
p.test(f'test "$LEVEL" = shared && test -n {release}', matrix=release, image=f"debian:{release}-slim")
p.step('test "$LEVEL" = own', name="own", setup="LEVEL=own")
p.step('test -z "${LEVEL:-}"', name="none", image="alpine:3.21")
