"""Simulation of ten days of a daemon over an invented web of ten hosts with every known fault; see `__main__`."""
