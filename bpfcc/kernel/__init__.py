"""The running Linux kernel: loading, attaching, reading maps. Nothing here runs at import time."""
