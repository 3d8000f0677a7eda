"""Alerts on their way to people: queue, render once, send, and retry."""
