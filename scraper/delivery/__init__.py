"""Delivery of alerts: queue them, render each message once, send it and retry."""
