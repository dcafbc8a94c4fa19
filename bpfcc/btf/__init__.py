"""BTF: types as a graph of objects, their wire form, CO-RE relocation, and types as C text."""
