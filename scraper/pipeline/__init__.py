"""One poll, import or URL, from its fetch to stored events."""
