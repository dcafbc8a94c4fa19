"""The context block that native code and the machine share, as indexes of 64-bit words.

One pointer to it is all that a call passes. What is in it lives as long as the ``Run``.
"""

from __future__ import annotations

LEFT = 0  # instructions that may run before somebody must be asked
STATUS = 1  # 0 = going on, else unwinding
DEPTH = 2  # frames in use
TRACED = 3  # how many words of TRACE are filled
BUDGET = 4  # of may_goto, per frame
RESULT = 5  # of a callback
FLAG = 6  # of a callback: 1 = the function returns the result
WINDOW_LOW, WINDOW_BIAS, HOST = 7, 8, 9  # of a miss
WINDOW_FIT = {1: 54, 2: 55, 4: 56, 8: 57}  # how many accesses of a size begin in the window
ADDR, INFO = 11, 12  # asked for
ARGS = 13  # r1 to r5
CHECK_SIGNALS, ON_MISS, ON_CALL, ON_STEP, ON_REFILL = 18, 19, 20, 21, 22  # code addresses
REGISTERS = 24  # r0 to r10, for the careful interpreter
FRAMES = 36  # host addresses of the frames
TRACE = 44  # slots of the calls that are unwound
# Memory that native code finds without asking: (first address, bytes, host address, writable) each;
# the first two are the context and the packet of a batch.
KNOWN, KNOWN_WORDS, KNOWN_COUNT = 60, 4, 8
TOUCHED = 92  # set when Python is asked anything
WORDS = 96

UNWIND, INTERRUPTED = 1, 2  # values of STATUS

# INFO of a miss: slot << 16 | access << 8 | size.
ACCESSES = ("read", "write", "atomic")
