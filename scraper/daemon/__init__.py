"""Watches without end: asks sources as they fall due, sends mail, keeps an eye on itself, and heeds signals."""
