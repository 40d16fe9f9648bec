"""The `huizhen` command and the supervisor behind `huizhen up`."""
