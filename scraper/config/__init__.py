"""Package of the configuration: `search` finds config.yaml, `loader` reads it, `edit` changes its text.

`settings` and `alerts` hold its types.
"""
