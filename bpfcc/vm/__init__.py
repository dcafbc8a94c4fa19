"""A user-space machine for BPF programs: engine, memory, maps, kernel functions, run records.

Start at ``load.load`` (an object's program into a ``world.World``) or ``program.from_insns`` (bare
instructions); both return a ``program.LoadedProgram``, whose ``run`` ends in a ``program.Result``.
"""
