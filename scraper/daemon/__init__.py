"""Long-running process of the monitor: polls due sources, sends mail, supervises itself, and handles signals."""
