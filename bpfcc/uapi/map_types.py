"""Map types, and what the kernel demands of a map's attributes.

The kernel answers a bad attribute with EINVAL or E2BIG and no word; the rows here hold the rules
of each type's ``map_alloc_check`` so that the checker can say which one is broken.
Source: kernel/bpf/arraymap.c, hashtab.c, lpm_trie.c, ringbuf.c, queue_stack_maps.c, ... of 6.x.
"""

from __future__ import annotations

from .prog_types import ProgType


class MapType:
    """``enum bpf_map_type``: integer constants."""

    UNSPEC = 0
    HASH = 1
    ARRAY = 2
    PROG_ARRAY = 3
    PERF_EVENT_ARRAY = 4
    PERCPU_HASH = 5
    PERCPU_ARRAY = 6
    STACK_TRACE = 7
    CGROUP_ARRAY = 8
    LRU_HASH = 9
    LRU_PERCPU_HASH = 10
    LPM_TRIE = 11
    ARRAY_OF_MAPS = 12
    HASH_OF_MAPS = 13
    DEVMAP = 14
    SOCKMAP = 15
    CPUMAP = 16
    XSKMAP = 17
    SOCKHASH = 18
    CGROUP_STORAGE = 19
    REUSEPORT_SOCKARRAY = 20
    PERCPU_CGROUP_STORAGE = 21
    QUEUE = 22
    STACK = 23
    SK_STORAGE = 24
    DEVMAP_HASH = 25
    STRUCT_OPS = 26
    RINGBUF = 27
    INODE_STORAGE = 28
    TASK_STORAGE = 29
    BLOOM_FILTER = 30
    USER_RINGBUF = 31
    CGRP_STORAGE = 32
    ARENA = 33


class MapFlag:
    """``BPF_F_*`` of map creation."""

    NO_PREALLOC = 1 << 0
    NO_COMMON_LRU = 1 << 1
    NUMA_NODE = 1 << 2
    RDONLY = 1 << 3
    WRONLY = 1 << 4
    STACK_BUILD_ID = 1 << 5
    ZERO_SEED = 1 << 6
    RDONLY_PROG = 1 << 7
    WRONLY_PROG = 1 << 8
    CLONE = 1 << 9
    MMAPABLE = 1 << 10
    PRESERVE_ELEMS = 1 << 11
    INNER_MAP = 1 << 12
    LINK = 1 << 13
    PATH_FD = 1 << 14
    VTYPE_BTF_OBJ_FD = 1 << 15
    TOKEN_FD = 1 << 16
    SEGV_ON_FAULT = 1 << 17
    NO_USER_CONV = 1 << 18


FLAG_NAMES = {value: "BPF_F_" + name for name, value in vars(MapFlag).items() if type(value) is int}
FLAG_NAMES[MapFlag.MMAPABLE] = "BPF_F_MMAPABLE"

_ACCESS = MapFlag.RDONLY | MapFlag.WRONLY | MapFlag.RDONLY_PROG | MapFlag.WRONLY_PROG
_ARRAY = MapFlag.NUMA_NODE | _ACCESS | MapFlag.MMAPABLE | MapFlag.INNER_MAP
_HASH = MapFlag.NO_PREALLOC | MapFlag.NUMA_NODE | _ACCESS | MapFlag.ZERO_SEED
_LRU = MapFlag.NO_COMMON_LRU | MapFlag.NUMA_NODE | _ACCESS | MapFlag.ZERO_SEED
_FD_ARRAY = MapFlag.NUMA_NODE | MapFlag.RDONLY | MapFlag.WRONLY
_STORAGE = MapFlag.NO_PREALLOC | MapFlag.CLONE
_DEV = MapFlag.NUMA_NODE | MapFlag.RDONLY | MapFlag.WRONLY

# (type, version, key, value, entries, allowed flags, required flags)
#   key, value: "" any positive size, "0" none, a number the exact size, "a-b" a range, "a|b" a
#   choice, "8*1016" a multiple of 8 up to 1016; entries: "" positive, "0" must be 0, "2^" a power of
#   two that is also a multiple of the page size, "*" anything.
_ROWS: tuple[tuple[int, str, str, str, str, int, int], ...] = (
    (MapType.HASH, "3.19", "", "", "", _HASH, 0),
    (MapType.ARRAY, "3.19", "4", "", "", _ARRAY, 0),
    (MapType.PROG_ARRAY, "4.2", "4", "4", "", _FD_ARRAY, 0),
    (
        MapType.PERF_EVENT_ARRAY,
        "4.3",
        "4",
        "4",
        "",
        MapFlag.NUMA_NODE | MapFlag.RDONLY | MapFlag.WRONLY | MapFlag.PRESERVE_ELEMS,
        0,
    ),
    (MapType.PERCPU_HASH, "4.6", "", "1-32768", "", _HASH & ~MapFlag.NUMA_NODE, 0),
    (MapType.PERCPU_ARRAY, "4.6", "4", "1-32768", "", _ACCESS, 0),
    (
        MapType.STACK_TRACE,
        "4.6",
        "4",
        "8*1016",
        "",
        MapFlag.NUMA_NODE | MapFlag.RDONLY | MapFlag.WRONLY | MapFlag.STACK_BUILD_ID,
        0,
    ),
    (MapType.CGROUP_ARRAY, "4.8", "4", "4", "", _FD_ARRAY, 0),
    (MapType.LRU_HASH, "4.10", "", "", "", _LRU, 0),
    (MapType.LRU_PERCPU_HASH, "4.10", "", "1-32768", "", _LRU & ~MapFlag.NUMA_NODE, 0),
    (
        MapType.LPM_TRIE,
        "4.11",
        "5-260",
        "",
        "",
        MapFlag.NO_PREALLOC | MapFlag.NUMA_NODE | _ACCESS,
        MapFlag.NO_PREALLOC,
    ),
    (MapType.ARRAY_OF_MAPS, "4.12", "4", "4", "", _FD_ARRAY, 0),
    (MapType.HASH_OF_MAPS, "4.12", "", "4", "", _HASH, 0),
    (MapType.DEVMAP, "4.14", "4", "4|8", "", _DEV, 0),
    (MapType.SOCKMAP, "4.14", "4", "4|8", "", _DEV, 0),
    (MapType.CPUMAP, "4.15", "4", "4|8", "", MapFlag.NUMA_NODE, 0),
    (MapType.XSKMAP, "4.18", "4", "4", "", _DEV, 0),
    (MapType.SOCKHASH, "4.18", "1-512", "4|8", "", _DEV, 0),
    (MapType.CGROUP_STORAGE, "4.19", "8|16", "1-4194000", "0", MapFlag.NUMA_NODE | _ACCESS, 0),
    (MapType.REUSEPORT_SOCKARRAY, "4.19", "4", "4|8", "", MapFlag.NUMA_NODE | _ACCESS, 0),
    (MapType.PERCPU_CGROUP_STORAGE, "4.20", "8|16", "1-32768", "0", MapFlag.NUMA_NODE | _ACCESS, 0),
    (MapType.QUEUE, "4.20", "0", "", "", MapFlag.NUMA_NODE | _ACCESS, 0),
    (MapType.STACK, "4.20", "0", "", "", MapFlag.NUMA_NODE | _ACCESS, 0),
    (MapType.SK_STORAGE, "5.2", "4", "1-65000", "0", _STORAGE, MapFlag.NO_PREALLOC),
    (MapType.DEVMAP_HASH, "5.4", "4", "4|8", "", _DEV, 0),
    (MapType.STRUCT_OPS, "5.6", "4", "", "1", MapFlag.LINK | MapFlag.VTYPE_BTF_OBJ_FD, 0),
    (MapType.RINGBUF, "5.8", "0", "0", "2^", MapFlag.NUMA_NODE, 0),
    (MapType.INODE_STORAGE, "5.10", "4", "1-65000", "0", _STORAGE, MapFlag.NO_PREALLOC),
    (MapType.TASK_STORAGE, "5.11", "4", "1-65000", "0", _STORAGE, MapFlag.NO_PREALLOC),
    (
        MapType.BLOOM_FILTER,
        "5.16",
        "0",
        "",
        "",
        MapFlag.NUMA_NODE | MapFlag.ZERO_SEED | _ACCESS,
        0,
    ),
    (MapType.USER_RINGBUF, "6.1", "0", "0", "2^", MapFlag.NUMA_NODE, 0),
    (MapType.CGRP_STORAGE, "6.2", "4", "1-65000", "0", _STORAGE, MapFlag.NO_PREALLOC),
    (
        MapType.ARENA,
        "6.9",
        "0",
        "0",
        "",
        MapFlag.SEGV_ON_FAULT | MapFlag.MMAPABLE | MapFlag.NO_USER_CONV,
        MapFlag.MMAPABLE,
    ),
)


class MapRule:
    """What the kernel demands of a map of one type; the fields are those of a row above."""

    __slots__ = ("entries", "flags", "key", "required", "since", "type", "value")

    def __init__(self, row: tuple[int, str, str, str, str, int, int]) -> None:
        (self.type, self.since, self.key, self.value, self.entries, self.flags, self.required) = row


_BY_TYPE = {row[0]: row for row in _ROWS}

MAP_TYPE_NAMES: dict[int, str] = {
    value: name for name, value in vars(MapType).items() if type(value) is int
}


def rule(map_type: int) -> MapRule | None:
    """Return the rules of ``map_type``, None for a type that no row has."""
    row = _BY_TYPE.get(map_type)
    return MapRule(row) if row else None


def c_name(map_type: int) -> str:
    """Return the C constant's name, like "BPF_MAP_TYPE_HASH"; the number if it is unknown."""
    name = MAP_TYPE_NAMES.get(map_type)
    return "BPF_MAP_TYPE_" + name if name else str(map_type)


def size_ok(spec: str, size: int) -> bool:
    """Tell whether ``size`` fits a key or value column of the rows above."""
    if spec == "":
        return size > 0
    if "*" in spec:
        step, most = map(int, spec.split("*"))
        return 0 < size <= most and size % step == 0
    if "|" in spec:
        return str(size) in spec.split("|")
    if "-" in spec:
        low, high = spec.split("-")
        return int(low) <= size <= int(high)
    return size == int(spec)


def size_words(spec: str) -> str:
    """Return the demand of a key or value column in words, for messages."""
    if spec == "":
        return "more than 0 bytes"
    if spec == "0":
        return "no bytes at all (it must be left out)"
    if "*" in spec:
        step, most = spec.split("*")
        return f"a multiple of {step} bytes, {most} at most"
    if "|" in spec:
        return " or ".join(spec.split("|")) + " bytes"
    if "-" in spec:
        low, high = spec.split("-")
        return f"{low} to {high} bytes"
    return f"exactly {spec} bytes"


# Maps whose values a program reaches by pointer, and the helpers' compatibility by map type:
# (map type, helpers that accept it). Helpers in no row take any map. Source: kernel
# check_map_func_compatibility() in kernel/bpf/verifier.c.
ONLY_HELPERS: dict[int, str] = {
    MapType.PROG_ARRAY: "tail_call",
    MapType.PERF_EVENT_ARRAY: "perf_event_read perf_event_output skb_output"
    " perf_event_read_value xdp_output",
    MapType.RINGBUF: "ringbuf_output ringbuf_reserve ringbuf_query ringbuf_reserve_dynptr"
    " ringbuf_submit_dynptr ringbuf_discard_dynptr",
    MapType.USER_RINGBUF: "user_ringbuf_drain",
    MapType.STACK_TRACE: "get_stackid",
    MapType.CGROUP_ARRAY: "skb_under_cgroup current_task_under_cgroup",
    MapType.CGROUP_STORAGE: "get_local_storage",
    MapType.PERCPU_CGROUP_STORAGE: "get_local_storage",
    MapType.DEVMAP: "redirect_map map_lookup_elem",
    MapType.DEVMAP_HASH: "redirect_map map_lookup_elem",
    MapType.CPUMAP: "redirect_map",
    MapType.XSKMAP: "redirect_map map_lookup_elem",
    MapType.ARRAY_OF_MAPS: "map_lookup_elem",
    MapType.HASH_OF_MAPS: "map_lookup_elem",
    MapType.SOCKMAP: "sk_redirect_map sock_map_update map_delete_elem msg_redirect_map"
    " sk_select_reuseport map_lookup_elem map_update_elem",
    MapType.SOCKHASH: "sk_redirect_hash sock_hash_update map_delete_elem msg_redirect_hash"
    " sk_select_reuseport map_lookup_elem map_update_elem",
    MapType.REUSEPORT_SOCKARRAY: "sk_select_reuseport",
    MapType.QUEUE: "map_peek_elem map_pop_elem map_push_elem",
    MapType.STACK: "map_peek_elem map_pop_elem map_push_elem",
    MapType.SK_STORAGE: "sk_storage_get sk_storage_delete kptr_xchg",
    MapType.INODE_STORAGE: "inode_storage_get inode_storage_delete kptr_xchg",
    MapType.TASK_STORAGE: "task_storage_get task_storage_delete kptr_xchg",
    MapType.CGRP_STORAGE: "cgrp_storage_get cgrp_storage_delete kptr_xchg",
    MapType.BLOOM_FILTER: "map_peek_elem map_push_elem",
}

# Program types that may change a socket map with that helper, iterators of sockets aside.
# Source: kernel ``may_update_sockmap``.
_SOCKETS = (
    ProgType.SOCKET_FILTER,
    ProgType.SCHED_CLS,
    ProgType.SCHED_ACT,
    ProgType.XDP,
    ProgType.SK_REUSEPORT,
    ProgType.FLOW_DISSECTOR,
    ProgType.SK_LOOKUP,
)
SOCKET_MAP_CHANGES: dict[str, tuple[int, ...]] = {
    "map_update_elem": _SOCKETS,
    "map_delete_elem": (*_SOCKETS, ProgType.SOCK_OPS),
}

# (helper, map types it accepts): the other direction of the same function.
ONLY_MAPS: dict[str, tuple[int, ...]] = {
    "tail_call": (MapType.PROG_ARRAY,),
    "perf_event_read": (MapType.PERF_EVENT_ARRAY,),
    "perf_event_output": (MapType.PERF_EVENT_ARRAY,),
    "perf_event_read_value": (MapType.PERF_EVENT_ARRAY,),
    "skb_output": (MapType.PERF_EVENT_ARRAY,),
    "xdp_output": (MapType.PERF_EVENT_ARRAY,),
    "ringbuf_output": (MapType.RINGBUF,),
    "ringbuf_reserve": (MapType.RINGBUF,),
    "ringbuf_query": (MapType.RINGBUF,),
    "ringbuf_reserve_dynptr": (MapType.RINGBUF,),
    "ringbuf_submit_dynptr": (MapType.RINGBUF,),
    "ringbuf_discard_dynptr": (MapType.RINGBUF,),
    "user_ringbuf_drain": (MapType.USER_RINGBUF,),
    "get_stackid": (MapType.STACK_TRACE,),
    "current_task_under_cgroup": (MapType.CGROUP_ARRAY,),
    "skb_under_cgroup": (MapType.CGROUP_ARRAY,),
    "redirect_map": (MapType.DEVMAP, MapType.DEVMAP_HASH, MapType.CPUMAP, MapType.XSKMAP),
    "sk_redirect_map": (MapType.SOCKMAP,),
    "msg_redirect_map": (MapType.SOCKMAP,),
    "sock_map_update": (MapType.SOCKMAP,),
    "sk_redirect_hash": (MapType.SOCKHASH,),
    "msg_redirect_hash": (MapType.SOCKHASH,),
    "sock_hash_update": (MapType.SOCKHASH,),
    "get_local_storage": (MapType.CGROUP_STORAGE, MapType.PERCPU_CGROUP_STORAGE),
    "sk_select_reuseport": (MapType.REUSEPORT_SOCKARRAY, MapType.SOCKMAP, MapType.SOCKHASH),
    "map_pop_elem": (MapType.QUEUE, MapType.STACK),
    "map_peek_elem": (MapType.QUEUE, MapType.STACK, MapType.BLOOM_FILTER),
    "map_push_elem": (MapType.QUEUE, MapType.STACK, MapType.BLOOM_FILTER),
    "map_lookup_percpu_elem": (
        MapType.PERCPU_ARRAY,
        MapType.PERCPU_HASH,
        MapType.LRU_PERCPU_HASH,
    ),
    "sk_storage_get": (MapType.SK_STORAGE,),
    "sk_storage_delete": (MapType.SK_STORAGE,),
    "inode_storage_get": (MapType.INODE_STORAGE,),
    "inode_storage_delete": (MapType.INODE_STORAGE,),
    "task_storage_get": (MapType.TASK_STORAGE,),
    "task_storage_delete": (MapType.TASK_STORAGE,),
    "cgrp_storage_get": (MapType.CGRP_STORAGE,),
    "cgrp_storage_delete": (MapType.CGRP_STORAGE,),
    "for_each_map_elem": (
        MapType.HASH,
        MapType.LRU_HASH,
        MapType.PERCPU_HASH,
        MapType.LRU_PERCPU_HASH,
        MapType.ARRAY,
        MapType.PERCPU_ARRAY,
    ),
}
