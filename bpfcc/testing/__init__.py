"""Unit tests for filters: the pytest plugin that users get with the package (``plugin``)."""
