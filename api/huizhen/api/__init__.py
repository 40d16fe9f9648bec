"""The service people and programs talk to: REST, live fan-out and the page."""
