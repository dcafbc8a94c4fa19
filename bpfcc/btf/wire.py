"""Numbers of the BTF wire format that the reader and the writer share.

Source: kernel Documentation/bpf/btf.rst and include/uapi/linux/btf.h.
"""

from __future__ import annotations

MAGIC, VERSION, HEADER_SIZE = 0xEB9F, 1, 24
EXT_HEADER_SIZE = 32  # .BTF.ext with the two CO-RE words
MAX_VLEN = 0xFFFF
MAX_STRING_OFFSET = 0xFFFFFF  # BTF_MAX_NAME_OFFSET, the kernel's own limit
MAX_TYPE_ID = 0xFFFFF  # BTF_MAX_TYPE

(
    KIND_VOID,
    KIND_INT,
    KIND_PTR,
    KIND_ARRAY,
    KIND_STRUCT,
    KIND_UNION,
    KIND_ENUM,
    KIND_FWD,
    KIND_TYPEDEF,
    KIND_VOLATILE,
    KIND_CONST,
    KIND_RESTRICT,
    KIND_FUNC,
    KIND_FUNC_PROTO,
    KIND_VAR,
    KIND_DATASEC,
    KIND_FLOAT,
    KIND_DECL_TAG,
    KIND_TYPE_TAG,
    KIND_ENUM64,
) = range(20)

# Bytes after the 12-byte common part: fixed, and per vlen element.
TRAILER = {KIND_INT: 4, KIND_ARRAY: 12, KIND_VAR: 4, KIND_DECL_TAG: 4}
ELEMENT = {
    KIND_STRUCT: 12,
    KIND_UNION: 12,
    KIND_ENUM: 8,
    KIND_FUNC_PROTO: 8,
    KIND_DATASEC: 12,
    KIND_ENUM64: 12,
}
KIND_NAMES = (
    "void",
    "int",
    "ptr",
    "array",
    "struct",
    "union",
    "enum",
    "fwd",
    "typedef",
    "volatile",
    "const",
    "restrict",
    "func",
    "func_proto",
    "var",
    "datasec",
    "float",
    "decl_tag",
    "type_tag",
    "enum64",
)
