"""``python -m bpfcc`` is the ``bpfcc`` command."""

import sys

from .cli.main import main

sys.exit(main())
