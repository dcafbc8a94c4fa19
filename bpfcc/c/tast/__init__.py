"""The typed tree between sema and lower, and the evaluation of constants in it."""
