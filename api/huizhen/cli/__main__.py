"""`python -m huizhen.cli` is the `huizhen` command."""

from huizhen.cli.main import main

main()
