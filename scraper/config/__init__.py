"""The configuration: typed settings, and every mistake in config.yaml with its line."""
