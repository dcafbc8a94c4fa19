"""Linux error numbers that helpers and maps return (negated); the host's own may differ."""

from __future__ import annotations

EPERM = 1
ENOENT = 2
ESRCH = 3
EIO = 5
E2BIG = 7
EAGAIN = 11
ENOMEM = 12
EACCES = 13
EFAULT = 14
EBUSY = 16
EEXIST = 17
ENODEV = 19
EINVAL = 22
ENOSPC = 28
ERANGE = 34
ENAMETOOLONG = 36
ELOOP = 40
ENODATA = 61
ENOMSG = 42
EPROTO = 71
EOVERFLOW = 75
EOPNOTSUPP = 95
ENOTSUPP = 524
EDEADLK = 35
EPROTONOSUPPORT = 93
EAFNOSUPPORT = 97
EADDRINUSE = 98
ETIMEDOUT = 110

NAMES = {value: name for name, value in list(globals().items()) if name[0] == "E"}


def name_of(result: int) -> str:
    """Return "-ENOENT" for a result of -2 or its unsigned form; "" when it is no error number."""
    if result >= 1 << 63:
        result -= 1 << 64
    return "-" + NAMES[-result] if -result in NAMES else ""
