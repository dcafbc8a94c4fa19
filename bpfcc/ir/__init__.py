"""The SSA IR: values, operations, containers; builder, text form, well-formedness, interpreter."""
