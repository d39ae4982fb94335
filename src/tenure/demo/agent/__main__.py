"""`python -m tenure.demo.agent`."""

import sys

from tenure.demo.agent.program import run

sys.exit(run())
