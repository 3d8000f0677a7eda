"""The transports that carry a message to one recipient."""
