"""Search of whole web archives for copies and quotations of all known statements."""
