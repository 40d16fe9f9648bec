"""What every test may use."""

pytest_plugins = ["tests.services.fixtures", "tests.services.archive_fixtures", "tests.services.processor_fixtures"]
