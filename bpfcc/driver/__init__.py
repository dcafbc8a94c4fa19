"""Composes the stages, looks at the host, writes products."""
