"""The ports that this process of tests has claimed: other processes of tests pass them over, until it ends."""

from huizhen.cli.ports_io import Claims

CLAIMS = Claims()
