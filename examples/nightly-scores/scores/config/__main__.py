"""`python -m scores.config staging production`: are they here, and whole? A look into what is installed."""

import sys
from pathlib import Path

from scores import config

wanted = sys.argv[1:]
if missing := [name for name in wanted if name not in config.environments()]:
    sys.exit(f"no configuration of {', '.join(missing)} in {Path(config.__file__).parent}")
for name in config.environments():
    print(config.load(name))
