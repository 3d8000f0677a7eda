"""Evidence bundles: what belongs to one, the page that explains it, its time stamp, its export."""
