"""`python -m pipelinekit` is `pipelinekit`."""

from pipelinekit.cli import main

main()
