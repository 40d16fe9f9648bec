"""The sign-in link of the local issuer: the only place where a secret is shown."""

from huizhen.cli.deployment_io import Deployment


def welcome(deployment: Deployment) -> str:
    """Give the last line of a start: where to go."""
    return f"\nOpen {deployment.page}\nCtrl-C or `huizhen down` ends it."
