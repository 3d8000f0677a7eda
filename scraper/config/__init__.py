"""Package of the configuration: `loader` reads config.yaml, `settings` and `alerts` hold its types."""
