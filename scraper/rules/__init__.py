"""Pure decisions that turn what is known and what was observed into events, without I/O."""
