"""Pure decisions: what is known and what was observed, in; events, out."""
