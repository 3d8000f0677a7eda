"""Who is told of what, in which words: watches, messages, and the ways by which mail leaves."""
