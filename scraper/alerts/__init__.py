"""Alerts: matching of events against watches, and composing and rendering of the messages that report them."""
